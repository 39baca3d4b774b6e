// Proofs of contract/shared/tabs.ts: several tabs of one user.

import type { tabs as area } from "../../../contract/shared/tabs.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { logOf, makeEvents, readUntil } from "./replay.ts";
import type { Channel } from "../../../runner/rooms.ts";
import type { World } from "../../../runner/world.ts";

interface StompTabs {
  alice: Account;
  bob: Account;
  channel: Channel;
  connections: StompConnection[];
  subscriptions: Subscription[];
}

/** Three tabs of Alice, as browsers open them: the same subscription id in each, spread over the instances. */
async function threeStompTabs(world: World): Promise<StompTabs> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const connections = await Promise.all([0, 1, 2].map((instance) => world.stomp(alice, { instance })));
  const subscriptions = await Promise.all(
    connections.map((connection) => world.subscribe(connection, channel, "sub-0")),
  );
  return { alice, bob, channel, connections, subscriptions };
}

async function eachHearsOnce(
  world: World,
  { bob, channel }: StompTabs,
  subscriptions: readonly Subscription[],
): Promise<void> {
  const markers = [world.marker(), world.marker(), world.marker("fence")];
  for (const marker of markers) await world.post(bob, channel, marker);
  await Promise.all(subscriptions.flatMap((subscription) => markers.map((marker) => world.hear(subscription, marker))));
  await world.settle();
  for (const [tab, subscription] of subscriptions.entries()) {
    const counts = markers.map((marker) => world.heardCount(subscription, marker));
    claim(
      counts.every((count) => count === 1),
      `tab ${tab + 1} of ${subscriptions.length} heard its messages ${counts.join(", ")} times`,
      diagnoses.duplicate,
    );
  }
}

async function eachStreamHearsOnce(
  world: World,
  alice: Account,
  bob: Account,
  streams: readonly EventStream[],
): Promise<void> {
  const channels = await makeEvents(world, bob, alice, 3);
  await Promise.all(streams.map((stream) => readUntil(world, stream, channels[2]!)));
  await world.settle();
  for (const [tab, stream] of streams.entries()) {
    const count = logOf(world, stream, channels).length;
    claim(
      count === 3,
      `stream ${tab + 1} of ${streams.length} heard ${count} events instead of 3`,
      count > 3 ? diagnoses.duplicate : undefined,
    );
  }
}

async function threeStreams(world: World): Promise<{ alice: Account; bob: Account; streams: EventStream[] }> {
  const [alice, bob] = await world.accounts(2);
  return { alice, bob, streams: await Promise.all([0, 1, 2].map((instance) => world.events(alice, { instance }))) };
}

export const tabs: Proofs<typeof area> = {
  "tabs.three-stomp": async (world) => {
    const tabsOfAlice = await threeStompTabs(world);
    await eachHearsOnce(world, tabsOfAlice, tabsOfAlice.subscriptions);
  },

  "tabs.three-streams": async (world) => {
    const { alice, bob, streams } = await threeStreams(world);
    await eachStreamHearsOnce(world, alice, bob, streams);
  },

  "tabs.closing-one-stomp": async (world) => {
    const tabsOfAlice = await threeStompTabs(world);
    const [gone, ...others] = tabsOfAlice.connections;
    gone!.sendFrame("DISCONNECT", {});
    gone!.transport.close();
    await gone!.closed;
    await eachHearsOnce(world, tabsOfAlice, tabsOfAlice.subscriptions.slice(1));
    claim(
      others.every(({ inbox }) => inbox.ended === undefined),
      "closing one tab closed another",
    );
  },

  "tabs.closing-one-stream": async (world) => {
    const { alice, bob, streams } = await threeStreams(world);
    streams[0]!.close();
    await streams[0]!.closed;
    await eachStreamHearsOnce(world, alice, bob, streams.slice(1));
  },

  "tabs.abrupt-end": async (world) => {
    const tabsOfAlice = await threeStompTabs(world);
    tabsOfAlice.connections[1]!.transport.terminate();
    await tabsOfAlice.connections[1]!.closed;
    await eachHearsOnce(world, tabsOfAlice, [tabsOfAlice.subscriptions[0]!, tabsOfAlice.subscriptions[2]!]);
  },
};
