// Proofs of contract/shared/tabs.ts: several tabs of one user.

import type { tabs as area } from "../../../contract/shared/tabs.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { logOf, makeEvents, readAll } from "./replay.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { own, rely, step } from "../../../runner/steps.ts";
import { ownHearing, relyOnOnce } from "../steps/hearing.ts";
import type { World } from "../../../runner/world.ts";

interface StompTabs {
  alice: Account;
  bob: Account;
  channel: Channel;
  connections: StompConnection[];
  subscriptions: Subscription[];
}

/** Spread over the instances, where what is said on one is heard on all. */
const placesOf = (world: World, alone: number): number[] =>
  world.baseline.crosses ? [0, 1, 2] : [alone, alone, alone];

/** Three tabs of Alice, as browsers open them: the same subscription id in each. */
async function threeStompTabs(world: World): Promise<StompTabs> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const open = async (instance: number): Promise<[StompConnection, Subscription]> => {
    const connection = await world.stomp(alice, { instance });
    return [connection, await world.subscribe(connection, channel, "sub-0")];
  };
  const [first, ...others] = placesOf(world, world.baseline.messagesAt);
  const tabsOfAlice = [await open(first!)];
  // That there may be a second and a third is what this is about.
  await step("open several connections", async () => {
    const more = others.map((instance) => own("connect", () => own("subscribe", () => open(instance))));
    tabsOfAlice.push(...(await Promise.all(more)));
  });
  return {
    alice,
    bob,
    channel,
    connections: tabsOfAlice.map(([connection]) => connection),
    subscriptions: tabsOfAlice.map(([, subscription]) => subscription),
  };
}

/** The control: all three hear, before one of them closes. */
async function eachHears(world: World, { bob, channel, subscriptions }: StompTabs): Promise<void> {
  const marker = world.marker("before");
  await world.post(bob, channel, marker);
  await step("open several connections", () =>
    ownHearing(world, bob, channel, () =>
      Promise.all(subscriptions.map((subscription) => world.hear(subscription, marker))),
    ),
  );
}

async function eachHearsOnce(
  world: World,
  { bob, channel }: StompTabs,
  subscriptions: readonly Subscription[],
): Promise<void> {
  const markers = [world.marker(), world.marker(), world.marker("fence")];
  for (const marker of markers) await world.post(bob, channel, marker);
  await ownHearing(world, bob, channel, () =>
    Promise.all(subscriptions.flatMap((subscription) => markers.map((marker) => world.hear(subscription, marker)))),
  );
  await world.settle();
  for (const [tab, subscription] of subscriptions.entries()) {
    const counts = markers.map((marker) => world.heardCount(subscription, marker));
    if (Math.max(...counts) > 1) await relyOnOnce(world, bob, channel);
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
  await own("hear an event", () => Promise.all(streams.map((stream) => readAll(world, stream, channels)))).catch(
    (error: unknown) => {
      const isDeaf = streams.every((stream) => logOf(world, stream, channels).length === 0);
      rely("hear an event", !(error instanceof TimeoutError && isDeaf), "no stream of several heard anything");
      throw error;
    },
  );
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
  const [first, ...others] = placesOf(world, world.baseline.eventsAt);
  const streams = [await world.events(alice, { instance: first! })];
  await step("open several event streams", async () => {
    const more = others.map((instance) => own("open an event stream", () => world.events(alice, { instance })));
    streams.push(...(await Promise.all(more)));
  });
  return { alice, bob, streams };
}

const eventsAfterCut = 5;

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
    await eachHears(world, tabsOfAlice);
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
    const before = await makeEvents(world, bob, alice, 1);
    await step("open several event streams", () =>
      own("hear an event", () => Promise.all(streams.map((stream) => readAll(world, stream, before)))),
    );
    streams[0]!.close();
    await streams[0]!.closed;
    await eachStreamHearsOnce(world, alice, bob, streams.slice(1));
  },

  "tabs.cut-streams-harm-nobody": async (world) => {
    const { alice, bob, streams } = await threeStreams(world);
    const before = await makeEvents(world, bob, alice, 3);
    const [stays, ...cut] = streams;
    for (const stream of cut) stream.close();
    await Promise.all(cut.map((stream) => stream.closed));
    // A server learns of it when it writes, perhaps only the second time.
    const refused = await makeEvents(world, bob, alice, eventsAfterCut).then(
      (after) => after.find((event) => event.refused !== undefined)?.refused,
      (error: unknown) => {
        if (error instanceof TargetError && (error.status ?? 0) >= 500) return error.message;
        throw error;
      },
    );
    // Some refuse whoever is in two channels together, whoever was cut.
    const isUsual = before.some((event) => event.refused !== undefined);
    claim(
      isUsual || refused === undefined,
      () => `after two of a user's three event streams were cut: ${refused!}`,
      diagnoses.deadEmitters,
    );
    await eachStreamHearsOnce(world, alice, bob, [stays!]);
  },

  "tabs.abrupt-end": async (world) => {
    const tabsOfAlice = await threeStompTabs(world);
    await eachHears(world, tabsOfAlice);
    tabsOfAlice.connections[1]!.transport.terminate();
    await tabsOfAlice.connections[1]!.closed;
    await eachHearsOnce(world, tabsOfAlice, [tabsOfAlice.subscriptions[0]!, tabsOfAlice.subscriptions[2]!]);
  },
};
