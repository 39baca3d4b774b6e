// Proofs of contract/study-room/entrance.ts. What is not to be heard is proved by what comes after it: all of a member's
// entries and exits in order, up to one that was made for the purpose.

import type { entrance as area } from "../../../contract/study-room/entrance.ts";
import type { StompConnection } from "../../../drivers/stomp.ts";
import { claim, jsonIn, type Proofs } from "../../../runner/proof.ts";
import { rely, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { enteredText, leftText } from "../../../systems/study-room/wire.ts";
import { says } from "../steps/look.ts";
import {
  accessTokenOf,
  entered,
  heard,
  joinRoom,
  movesIn,
  movesOf,
  openTab,
  relyOn,
  setStatus,
  statesIn,
  unsubscribe,
  watchedRoom,
} from "../steps/study-room.ts";

async function closed(connection: StompConnection): Promise<void> {
  connection.transport.close();
  await connection.closed;
}

/** Claims all entries and exits so far, once they are as many, and what was on its way has come. */
async function claimMoves(
  world: World,
  { watch, alice }: Pick<Awaited<ReturnType<typeof watchedRoom>>, "watch" | "alice">,
  wanted: string,
): Promise<void> {
  await heard(world, watch.chat, (subscription) => movesIn(subscription, alice), wanted);
  await world.settle();
  const moves = movesIn(watch.chat, alice);
  claim(moves === wanted, `the room heard "${moves}" of a member, not "${wanted}"`);
}

/** A member who came and went, as the room heard. */
async function comeAndGone(world: World) {
  const room = await watchedRoom(world);
  const tab = await openTab(world, room.alice, room.channel);
  await entered(world, room.watch, room.alice);
  await closed(tab.connection);
  await step("delete a user", () =>
    heard(world, room.watch.chat, (subscription) => movesIn(subscription, room.alice), "JOIN LEAVE"),
  );
  return room;
}

export const entrance: Proofs<typeof area> = {
  "entrance.first-tab-enters": async (world) => {
    const room = await watchedRoom(world);
    await openTab(world, room.alice, room.channel);
    await claimMoves(world, room, "JOIN");
  },

  "entrance.last-tab-leaves": async (world) => {
    const room = await watchedRoom(world);
    const tab = await openTab(world, room.alice, room.channel);
    await entered(world, room.watch, room.alice);
    await closed(tab.connection);
    await claimMoves(world, room, "JOIN LEAVE");
    await openTab(world, room.alice, room.channel);
    await claimMoves(world, room, "JOIN LEAVE JOIN");
  },

  "entrance.tabs-count-once": async (world) => {
    const room = await watchedRoom(world);
    const first = await openTab(world, room.alice, room.channel);
    await entered(world, room.watch, room.alice);
    const second = await openTab(world, room.alice, room.channel);
    await closed(second.connection);
    // The fence: what its end told the room comes before this.
    const third = await openTab(world, room.alice, room.channel);
    await claimMoves(world, room, "JOIN");
    await closed(third.connection);
    await closed(first.connection);
    await claimMoves(world, room, "JOIN LEAVE");
    await openTab(world, room.alice, room.channel);
    await claimMoves(world, room, "JOIN LEAVE JOIN");
  },

  "entrance.unsubscribing-leaves": async (world) => {
    const room = await watchedRoom(world);
    const first = await openTab(world, room.alice, room.channel);
    await entered(world, room.watch, room.alice);
    const again = await world.subscribe(first.connection, room.channel);
    unsubscribe(first, again);
    unsubscribe(first, first.chat);
    await claimMoves(world, room, "JOIN LEAVE");
    // It has left already: that the rest of it goes is no news.
    first.connection.transport.terminate();
    await first.connection.closed;
    await openTab(world, room.alice, room.channel);
    await claimMoves(world, room, "JOIN LEAVE JOIN");
  },

  "entrance.tabs-count-over-instances": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(bob, alice);
    const watches = [await openTab(world, bob, channel, 0), await openTab(world, bob, channel, 1)];
    const claimBoth = async (moves: string, wanted: string): Promise<void> => {
      for (const watch of watches) {
        const states = await heard(world, watch.presence, (subscription) => statesIn(subscription, alice), wanted);
        claim(states === wanted, `the room heard "${states}" of a member with tabs on two instances, not "${wanted}"`);
        await claimMoves(world, { watch, alice }, moves);
      }
    };
    const first = await openTab(world, alice, channel, 0);
    await claimBoth("JOIN", "STUDYING");
    const second = await openTab(world, alice, channel, 1);
    const third = await openTab(world, alice, channel, 1);
    setStatus(third, channel, "BREAK");
    await claimBoth("JOIN", "STUDYING BREAK");
    await closed(first.connection);
    second.connection.transport.terminate();
    await second.connection.closed;
    const again = await openTab(world, alice, channel, 0);
    await closed(third.connection);
    setStatus(again, channel, "ONLINE");
    await claimBoth("JOIN", "STUDYING BREAK ONLINE");
    await closed(again.connection);
    await claimBoth("JOIN LEAVE", "STUDYING BREAK ONLINE OFFLINE");
  },

  "entrance.killed-tab-leaves": async (world) => {
    const room = await watchedRoom(world);
    const tab = await openTab(world, room.alice, room.channel);
    await entered(world, room.watch, room.alice);
    tab.connection.transport.terminate();
    await tab.connection.closed;
    await claimMoves(world, room, "JOIN LEAVE");
    await openTab(world, room.alice, room.channel);
    await claimMoves(world, room, "JOIN LEAVE JOIN");
  },

  "entrance.each-room-is-told": async (world) => {
    const room = await watchedRoom(world);
    const channel = await world.privateChannel(room.bob, room.alice);
    const other = { ...room, channel, watch: await openTab(world, room.bob, channel) };
    const connection = await world.stomp(room.alice);
    await world.subscribe(connection, room.channel);
    await world.subscribe(connection, channel);
    for (const one of [room, other]) await entered(world, one.watch, room.alice);
    await closed(connection);
    for (const one of [room, other]) {
      await claimMoves(world, one, "JOIN LEAVE");
      await openTab(world, room.alice, one.channel);
      await claimMoves(world, one, "JOIN LEAVE JOIN");
    }
  },

  "entrance.many-tabs-at-once": async (world) => {
    const room = await watchedRoom(world);
    const opened = Array.from({ length: 20 }, () => world.stomp(room.alice));
    const tabs = await Promise.all(opened);
    // One stays until all others are gone, in whatever order they come and go.
    const [last, ...others] = tabs;
    await Promise.all(tabs.map((tab) => world.subscribe(tab, room.channel)));
    await Promise.all(
      others.map(async (tab, at) => {
        if (at % 2 === 0) tab.transport.terminate();
        else tab.transport.close();
        await tab.closed;
      }),
    );
    await closed(last!);
    await claimMoves(world, room, "JOIN LEAVE");
    await openTab(world, room.alice, room.channel);
    await claimMoves(world, room, "JOIN LEAVE JOIN");
  },

  "entrance.says-who": async (world) => {
    const room = await comeAndGone(world);
    const moves = movesOf(room.watch.chat, room.alice);
    const types = moves.map(({ type }) => type).join(" ");
    claim(types === "JOIN LEAVE", `entry and exit have the types ${types}`);
    const [entry, exit] = moves;
    claim(typeof entry?.providerId === "string", `an entry has the providerId ${String(entry?.providerId)}`);
    claim(entry.providerId === exit?.providerId, "entry and exit name different providerIds");
    const payload = Buffer.from(accessTokenOf(room.alice).split(".")[1] ?? "", "base64url").toString();
    const { sub } = (jsonIn(payload) as { sub?: string } | undefined) ?? {};
    claim(says(sub, entry.providerId), `the providerId is ${entry.providerId}, the token's subject ${sub}`);
    claim(
      moves.every(({ id }) => id === undefined || id === null),
      "an entry or exit has an id",
    );
  },

  "entrance.texts-are-exact": async (world) => {
    const room = await comeAndGone(world);
    const texts = movesOf(room.watch.chat, room.alice).map(({ content }) => content);
    const wanted = [enteredText(room.alice.username), leftText(room.alice.username)];
    claim(texts.join() === wanted.join(), `the texts are ${JSON.stringify(texts)}`);
  },

  "entrance.not-in-the-history": async (world) => {
    const room = await comeAndGone(world);
    const marker = world.marker();
    world.sendMessage(room.watch.connection, room.bob, room.channel, marker);
    await world.hear(room.watch.chat, marker);
    const { text } = await room.bob.rest.request("GET", `/api/rooms/${room.channel.id}/messages?page=0&size=20`);
    rely("read the history", text.includes(marker), "a message that was heard is not in it");
    claim(!/입장|퇴장/.test(text), "an entry or exit is in the history");
  },

  "entrance.membership-alone-is-silent": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const channel = await world.privateChannel(bob, alice);
    const watch = await openTab(world, bob, channel);
    relyOn("create a private channel", await joinRoom(carol, channel.room));
    await openTab(world, alice, channel);
    await entered(world, watch, alice);
    await world.settle();
    claim(movesIn(watch.chat, carol) === "", "the room heard of a member who has no tab");
    // The control: the same member is heard with its first tab.
    await openTab(world, carol, channel);
    await claimMoves(world, { watch, alice: carol }, "JOIN");
  },
};
