// Proofs of contract/study-room/status.ts. What is not to be heard is proved by what comes after it: all of a member's
// states in order, up to one that was made for the purpose.

import type { status as area } from "../../../contract/study-room/status.ts";
import type { Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, jsonIn, type Proofs } from "../../../runner/proof.ts";
import { step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { presenceUpdate } from "../../../systems/study-room/wire.ts";
import { lookUntil } from "../steps/look.ts";
import {
  heard,
  movesIn,
  openTab,
  setStatus,
  statesIn,
  subscribePresence,
  unsubscribe,
  unsubscribed,
  watchedRoom,
  type Tab,
} from "../steps/study-room.ts";

/** Claims all states so far, once they are as many. */
async function claimStates(world: World, presence: Subscription, account: Account, wanted: string): Promise<void> {
  const states = await heard(world, presence, (subscription) => statesIn(subscription, account), wanted);
  claim(states === wanted, `the room heard "${states}" of a member, not "${wanted}"`);
}

/** A member who is there, as its room heard. */
async function present(world: World): Promise<Awaited<ReturnType<typeof watchedRoom>> & { tab: Tab }> {
  const room = await watchedRoom(world);
  const tab = await openTab(world, room.alice, room.channel);
  await claimStates(world, room.watch.presence, room.alice, "STUDYING");
  return { ...room, tab };
}

async function isKilled({ connection }: Pick<Tab, "connection">): Promise<void> {
  connection.transport.terminate();
  await connection.closed;
}

export const status: Proofs<typeof area> = {
  "status.first-tab-studies": async (world) => {
    const { alice, channel, watch, tab } = await present(world);
    // The fence: nothing was heard between the two.
    setStatus(tab, channel, "BREAK");
    await claimStates(world, watch.presence, alice, "STUDYING BREAK");
  },

  "status.last-tab-is-offline": async (world) => {
    const { alice, channel, watch, tab } = await present(world);
    const second = await openTab(world, alice, channel);
    await isKilled(tab);
    second.connection.transport.close();
    await claimStates(world, watch.presence, alice, "STUDYING OFFLINE");
  },

  "status.change-is-heard": async (world) => {
    const { alice, channel, watch, tab } = await present(world);
    const second = await openTab(world, alice, channel);
    setStatus(tab, channel, "BREAK");
    setStatus(tab, channel, "ONLINE");
    await claimStates(world, watch.presence, alice, "STUDYING BREAK ONLINE");
    const states = await heard(world, second.presence, (own) => statesIn(own, alice), "BREAK ONLINE");
    claim(states.endsWith("BREAK ONLINE"), `another tab of the member heard "${states}"`);
  },

  "status.second-tab-keeps-it": async (world) => {
    const { alice, channel, watch, tab } = await present(world);
    setStatus(tab, channel, "BREAK");
    await claimStates(world, watch.presence, alice, "STUDYING BREAK");
    const second = await openTab(world, alice, channel);
    // Known to be done, unlike the end of a connection.
    await unsubscribed(world, second, second.presence);
    setStatus(tab, channel, "ONLINE");
    await claimStates(world, watch.presence, alice, "STUDYING BREAK ONLINE");
  },

  "status.unknown-is-ignored": async (world) => {
    const { alice, channel, watch, tab } = await present(world);
    setStatus(tab, channel, "SLEEPING");
    setStatus(tab, channel, "");
    setStatus(tab, channel, "BREAK");
    await claimStates(world, watch.presence, alice, "STUDYING BREAK");
  },

  "status.same-is-silent": async (world) => {
    const { alice, channel, watch, tab } = await present(world);
    for (const state of ["STUDYING", "BREAK", "BREAK", "ONLINE"]) setStatus(tab, channel, state);
    await claimStates(world, watch.presence, alice, "STUDYING BREAK ONLINE");
  },

  "status.offline-cannot-be-set": async (world) => {
    const { alice, channel, watch, tab } = await present(world);
    setStatus(tab, channel, "OFFLINE");
    setStatus(tab, channel, "BREAK");
    await claimStates(world, watch.presence, alice, "STUDYING BREAK");
  },

  "status.counts-its-own-tabs": async (world) => {
    const { alice, channel, watch, tab } = await present(world);
    // Of the two tabs the one with the messages goes, then the one without them.
    const alone = await world.stomp(alice);
    await subscribePresence(world, alone, channel);
    unsubscribe(tab, tab.presence);
    await isKilled(tab);
    await heard(world, watch.chat, (subscription) => movesIn(subscription, alice), "JOIN LEAVE");
    setStatus({ connection: alone }, channel, "BREAK");
    await claimStates(world, watch.presence, alice, "STUDYING BREAK");
    await isKilled({ connection: alone });
    await claimStates(world, watch.presence, alice, "STUDYING BREAK OFFLINE");
    // And a tab with the messages alone brings nobody online.
    const chatOnly = await world.stomp(alice);
    await world.subscribe(chatOnly, channel);
    await heard(world, watch.chat, (subscription) => movesIn(subscription, alice), "JOIN LEAVE JOIN");
    await openTab(world, alice, channel);
    await claimStates(world, watch.presence, alice, "STUDYING BREAK OFFLINE STUDYING");
  },

  "status.participants-show-it": async (world) => {
    const { alice, bob, channel, watch, tab } = await present(world);
    const shown = async (): Promise<string | undefined> => {
      const { text } = await bob.rest.request("GET", `/api/rooms/${channel.id}/participants`);
      const { data } = jsonIn(text) as { data: { nickname: string; status: string }[] };
      return data.find(({ nickname }) => nickname === alice.username)?.status;
    };
    const becomes = async (wanted: string): Promise<void> => {
      const seen = await lookUntil(world, shown, (state) => state === wanted);
      claim(seen === wanted, `participants shows ${seen}, the room was told ${wanted}`);
    };
    await becomes("STUDYING");
    setStatus(tab, channel, "BREAK");
    await claimStates(world, watch.presence, alice, "STUDYING BREAK");
    await becomes("BREAK");
    await isKilled(tab);
    await claimStates(world, watch.presence, alice, "STUDYING BREAK OFFLINE");
    await becomes("OFFLINE");
  },

  "status.strangers-set-nothing": async (world) => {
    const { alice, channel, watch, tab } = await present(world);
    const [carol] = await world.accounts(1);
    const stranger = await world.stomp(carol);
    stranger.sendFrame("SEND", { destination: presenceUpdate(channel.room.id) }, JSON.stringify({ status: "BREAK" }));
    // It was handled when the stranger's own room hears the stranger.
    const own = await step("create a private channel", () => world.privateChannel(carol, alice));
    const marker = world.marker();
    const hears = await world.subscribe(stranger, own);
    world.sendMessage(stranger, carol, own, marker);
    await world.hear(hears, marker);
    setStatus(tab, channel, "BREAK");
    await claimStates(world, watch.presence, alice, "STUDYING BREAK");
    claim(statesIn(watch.presence, carol) === "", `the room heard "${statesIn(watch.presence, carol)}" of a stranger`);
  },
};
