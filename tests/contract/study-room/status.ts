// Proofs of contract/study-room/status.ts. What is not to be heard is proved by what comes after it: all of a member's
// states in order, up to one that was made for the purpose. Which state comes first is for one clause to say: servers
// of the kind begin with ONLINE. That one is told again is no change, and disturbs house rules alone.

import type { status as area } from "../../../contract/study-room/status.ts";
import type { Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, jsonIn, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { presenceUpdate } from "../../../systems/study-room/wire.ts";
import { handled } from "../steps/hearing.ts";
import { lookUntil, untilTimeout } from "../steps/look.ts";
import {
  changesIn,
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

/** Claims all states so far, once they are as many; `read`: each change once, unless said otherwise. */
async function claimStates(
  world: World,
  presence: Subscription,
  account: Account,
  wanted: string,
  read: typeof statesIn = changesIn,
): Promise<void> {
  const states = await heard(world, presence, (subscription) => read(subscription, account), wanted);
  claim(states === wanted, `the room heard "${states}" of a member, not "${wanted}"`);
}

interface Present {
  alice: Account;
  bob: Account;
  channel: Channel;
  watch: Tab;
  tab: Tab;
  /** What its room heard first: a state, or nothing within the deadline. */
  first: string;
}

/** A member who is there. */
async function present(world: World): Promise<Present> {
  const room = await watchedRoom(world);
  const { alice, channel, watch } = room;
  const tab = await openTab(world, alice, channel);
  const isTold = (): boolean => statesIn(watch.presence, alice) !== "";
  if (!isTold()) await watch.presence.awaitMessage("a first state", isTold, world.deadlineMs).catch(untilTimeout);
  await world.settle();
  return { ...room, tab, first: changesIn(watch.presence, alice) };
}

const after = (first: string, states: string): string => `${first} ${states}`.trim();

/** Sets a state: the fence behind what must not be heard. What was heard before it, beside the first one, is claimed. */
async function setsNext(
  world: World,
  { alice, channel, watch, first, tab }: Present,
  state: string,
  {
    before = "",
    read = changesIn,
    by = tab,
  }: { before?: string; read?: typeof statesIn; by?: Pick<Tab, "connection"> } = {},
): Promise<void> {
  setStatus(by, channel, state);
  const wanted = after(first, `${before} ${state}`.trim());
  await step("change a user", () => claimStates(world, watch.presence, alice, wanted, read));
}

/** Another tab of a member hears this state, whatever it heard before. */
async function hearsAsOther(world: World, presence: Subscription, account: Account, state: string): Promise<void> {
  const isTold = (): boolean => statesIn(presence, account).split(" ").at(-1) === state;
  if (!isTold()) await presence.awaitMessage(`${state} on another tab of the member`, isTold, world.deadlineMs);
}

async function isKilled({ connection }: Pick<Tab, "connection">): Promise<void> {
  connection.transport.terminate();
  await connection.closed;
}

export const status: Proofs<typeof area> = {
  "status.first-tab-studies": async (world) => {
    const { first } = await present(world);
    claim(first === "STUDYING", `the room heard "${first}" of a member who came, not "STUDYING"`);
  },

  "status.last-tab-is-offline": async (world) => {
    const { alice, channel, watch, tab, first } = await present(world);
    const second = await openTab(world, alice, channel);
    await isKilled(tab);
    // The fence: what its end told the room comes before this.
    const third = await openTab(world, alice, channel);
    await world.settle();
    const states = changesIn(watch.presence, alice);
    claim(states === first, `the room heard "${states}" of a member with an open tab, not "${first}"`);
    for (const { connection } of [third, second]) connection.transport.close();
    await claimStates(world, watch.presence, alice, after(first, "OFFLINE"));
  },

  "status.change-is-heard": async (world) => {
    const { alice, channel, watch, tab, first } = await present(world);
    const second = await openTab(world, alice, channel);
    // One by one: not every server handles what one connection sends in order.
    for (const [state, states] of [
      ["BREAK", "BREAK"],
      ["ONLINE", "BREAK ONLINE"],
    ] as const) {
      setStatus(tab, channel, state);
      await claimStates(world, watch.presence, alice, after(first, states));
      await hearsAsOther(world, second.presence, alice, state);
    }
  },

  "status.second-tab-keeps-it": async (world) => {
    const room = await present(world);
    await setsNext(world, room, "BREAK");
    const second = await openTab(world, room.alice, room.channel);
    // Known to be done, unlike the end of a connection.
    await unsubscribed(world, second, second.presence);
    await setsNext(world, room, "ONLINE", { before: "BREAK", read: statesIn });
  },

  "status.unknown-is-ignored": async (world) => {
    const room = await present(world);
    for (const state of ["SLEEPING", ""]) setStatus(room.tab, room.channel, state);
    await setsNext(world, room, "BREAK");
  },

  "status.same-is-silent": async (world) => {
    const room = await present(world);
    setStatus(room.tab, room.channel, room.first);
    await setsNext(world, room, "BREAK", { read: statesIn });
    setStatus(room.tab, room.channel, "BREAK");
    await setsNext(world, room, "ONLINE", { before: "BREAK", read: statesIn });
  },

  "status.offline-cannot-be-set": async (world) => {
    const room = await present(world);
    setStatus(room.tab, room.channel, "OFFLINE");
    await setsNext(world, room, "BREAK");
  },

  "status.counts-its-own-tabs": async (world) => {
    const room = await present(world);
    const { alice, channel, watch, tab, first } = room;
    const moves = (wanted: string): Promise<string> =>
      heard(world, watch.chat, (subscription) => movesIn(subscription, alice), wanted);
    // Of the two tabs the one with the messages goes, then the one without them.
    const alone = await world.stomp(alice);
    await subscribePresence(world, alone, channel, { member: alice, hears: watch.chat });
    unsubscribe(tab, tab.presence);
    await isKilled(tab);
    await step("delete a user", () => moves("JOIN LEAVE"));
    await setsNext(world, room, "BREAK", { by: { connection: alone } });
    await isKilled({ connection: alone });
    await claimStates(world, watch.presence, alice, after(first, "BREAK OFFLINE"));
    // And a tab with the messages alone brings nobody online.
    const chatOnly = await world.stomp(alice);
    await world.subscribe(chatOnly, channel);
    await step("hear of a user", () => moves("JOIN LEAVE JOIN"));
    await world.settle();
    const states = changesIn(watch.presence, alice);
    claim(states === after(first, "BREAK OFFLINE"), `with a tab for messages alone the room heard "${states}"`);
    // The control: one with both does.
    await openTab(world, alice, channel);
    await claimStates(world, watch.presence, alice, after(first, `BREAK OFFLINE ${first}`));
  },

  "status.participants-show-it": async (world) => {
    const room = await present(world);
    const { alice, bob, channel, watch, tab, first } = room;
    const shown = async (): Promise<string | undefined> => {
      const { text } = await bob.rest.request("GET", `/api/rooms/${channel.id}/participants`);
      const { data } = (jsonIn(text) as { data?: { nickname: string; status: string }[] } | undefined) ?? {};
      return data?.find(({ nickname }) => nickname === alice.username)?.status;
    };
    const becomes = async (wanted: string): Promise<void> => {
      const seen = await lookUntil(world, shown, (state) => state === wanted);
      claim(seen === wanted, `participants shows ${seen}, the room was told ${wanted}`);
    };
    await becomes(first);
    await setsNext(world, room, "BREAK");
    await becomes("BREAK");
    await isKilled(tab);
    await claimStates(world, watch.presence, alice, after(first, "BREAK OFFLINE"));
    await becomes("OFFLINE");
  },

  "status.strangers-set-nothing": async (world) => {
    const room = await present(world);
    const { alice, channel, watch } = room;
    const [carol] = await world.accounts(1);
    const own = await world.privateChannel(carol, alice);
    const stranger = await world.stomp(carol);
    stranger.sendFrame("SEND", { destination: presenceUpdate(channel.room.id) }, JSON.stringify({ status: "BREAK" }));
    await handled(world, stranger, carol, own);
    await setsNext(world, room, "BREAK");
    claim(statesIn(watch.presence, carol) === "", `the room heard "${statesIn(watch.presence, carol)}" of a stranger`);
  },
};
