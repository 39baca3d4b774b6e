// Proofs of contract/study-room/news.ts.

import type { news as area } from "../../../contract/study-room/news.ts";
import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, jsonIn, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { step } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import type { World } from "../../../runner/world.ts";
import { connectedEvent, notificationEvent, subscribePath } from "../../../systems/study-room/wire.ts";
import { lookUntil } from "../steps/look.ts";
import { joinRoom, leaveRoom, relyOn } from "../steps/study-room.ts";

interface News {
  type?: string;
  roomId?: unknown;
  nickname?: string;
  message?: string;
}

/** Whether an event tells this of a room and its actor. */
const tells =
  (type: string, { id }: Channel, { username }: Account, message = "") =>
  ({ name, data }: SseEvent): boolean => {
    const told = (jsonIn(data) as News | undefined) ?? {};
    const isIts = told.type === type && String(told.roomId) === id && told.nickname === username;
    return name === notificationEvent && isIts && (told.message ?? "").includes(message);
  };

const awaitNews = (world: World, stream: EventStream, what: string, isIt: (event: SseEvent) => boolean) =>
  stream.awaitEvent(what, isIt, world.deadlineMs);

async function hearsTheMessage(world: World, channel: Channel, sender: Account, readers: readonly EventStream[]) {
  const marker = world.marker();
  await world.post(sender, channel, marker);
  const isIt = tells("CHAT_MESSAGE", channel, sender, marker);
  await step("hear of a notification", () =>
    Promise.all(readers.map((stream) => awaitNews(world, stream, `the message ${marker}`, isIt))),
  );
  return isIt;
}

export const news: Proofs<typeof area> = {
  "news.needs-a-login": async (world) => {
    const [alice] = await world.accounts(1);
    await world.events(alice);
    const { status } = await world.stranger().request("GET", subscribePath);
    claim(status >= 300 && status < 500, `a stream without a cookie is answered ${status}`);
  },

  "news.connected-comes-first": async (world) => {
    const [alice] = await world.accounts(1);
    const stream = await world.events(alice);
    const [first] = stream.events;
    claim(first?.name === connectedEvent.name, `the first event is ${JSON.stringify(first?.name)}`);
  },

  "news.of-a-join": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const channel = await world.privateChannel(bob, alice);
    const streams = await Promise.all([world.events(alice), world.events(bob)]);
    relyOn("create a private channel", await joinRoom(carol, channel.room));
    // In whatever words: that there is news of a join is described, and the names in it are not.
    const isOfJoin = ({ data }: SseEvent): boolean => holds(data, carol.username);
    for (const stream of streams) await awaitNews(world, stream, "a join", isOfJoin);
  },

  "news.of-a-leave": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(bob, alice);
    const stream = await world.events(bob);
    relyOn("delete a private channel", await leaveRoom(alice, channel.room));
    await awaitNews(world, stream, "a leave", tells("USER_LEAVE", channel, alice));
  },

  "news.of-a-message": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(bob, alice);
    const [one, other, own] = await Promise.all([world.events(alice), world.events(alice), world.events(bob)]);
    const isIt = await hearsTheMessage(world, channel, bob, [one, other]);
    // The control of the sender's stream: what the other one says.
    await hearsTheMessage(world, channel, alice, [own]);
    await world.settle();
    for (const stream of [one, other])
      claim(world.eventCount(stream, isIt) === 1, `a stream heard the message ${world.eventCount(stream, isIt)} times`);
    claim(world.eventCount(own, isIt) === 0, "the sender's own stream heard the message");
  },

  "news.not-to-strangers": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const channel = await world.privateChannel(bob, alice);
    const own = await world.privateChannel(carol, bob);
    const [stream, spy] = await Promise.all([world.events(alice), world.events(carol)]);
    const isIt = await hearsTheMessage(world, channel, bob, [stream]);
    await hearsTheMessage(world, own, bob, [spy]);
    await world.settle();
    claim(world.eventCount(spy, isIt) === 0, "a stranger was told of a message");
  },

  "news.dead-reader-stops-nobody": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(bob, alice);
    const [dead, alive] = await Promise.all([world.events(alice), world.events(alice)]);
    await hearsTheMessage(world, channel, bob, [dead, alive]);
    dead.close();
    await dead.closed;
    const connection = await world.stomp(alice);
    const hears = await world.subscribe(connection, channel);
    const marker = world.marker();
    await world.post(bob, channel, marker);
    await world.hear(hears, marker);
    await awaitNews(world, alive, "the message", tells("CHAT_MESSAGE", channel, bob, marker));
    const stored = await world.history(bob, channel);
    claim(
      stored.some(({ text }) => text === marker),
      "a message that was heard is not in the history",
    );
  },

  "news.streams-are-counted": async (world) => {
    const [alice] = await world.accounts(1);
    const count = async (): Promise<number | undefined> => {
      const { text } = await alice.rest.request("GET", "/api/notifications/status");
      return (jsonIn(text) as { totalConnections?: number } | undefined)?.totalConnections;
    };
    // Others come and go meanwhile: what counts is that nothing of ours stays.
    const before = await count();
    claim(before !== undefined, "GET /api/notifications/status has no totalConnections");
    // Behind a proxy each instance has some half of them, and counts its own.
    const streams = await Promise.all(Array.from({ length: 90 }, () => world.events(alice)));
    const during = await count();
    claim(during !== undefined && during >= 40, `with 90 streams more there are ${during} connections`);
    for (const stream of streams) stream.close();
    const after = await lookUntil(world, count, (seen) => seen !== undefined && seen < during - 25);
    claim(after !== undefined && after < during - 25, `of ${during} connections ${after} are left after 90 broke off`);
  },
};
