// Proofs of contract/redis-chat/relay.ts.

import type { relay as area } from "../../../contract/redis-chat/relay.ts";
import { HarnessError, TimeoutError } from "../../../drivers/errors.ts";
import { openRedisTap, type RedisTap } from "../../../drivers/redis.ts";
import type { Subscription } from "../../../drivers/stomp.ts";
import { claim, jsonIn, type Proofs } from "../../../runner/proof.ts";
import { allOwn, rely, step } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import type { World } from "../../../runner/world.ts";
import { chatChannel } from "../../../systems/redis-chat/wire.ts";
import { lookUntil } from "../steps/look.ts";
import { historyOf, listIn, read, relyOn, seenBy, unreadBefore } from "../steps/redis-chat.ts";

/** It keeps what holds one of the markers. */
const tap = async (world: World, markers: readonly string[] = []): Promise<RedisTap> =>
  world.track(await openRedisTap(world.target.redis!, (text) => markers.some((marker) => holds(text, marker))));

/** Awaits a first publication, which need not come. @throws HarnessError when the tap is gone. */
async function seenOn(inbox: RedisTap["inbox"], marker: string, deadlineMs: number): Promise<void> {
  await inbox
    .awaitItem("a publication", ({ text }) => holds(text, marker), deadlineMs)
    .catch((error: unknown) => {
      if (!(error instanceof TimeoutError)) throw new HarnessError(`Cannot go on watching Redis: ${String(error)}`);
    });
}

/** Two in a room, on a server of their own each where there are two, and what is said there reaches both. */
async function roomOnAll(world: World) {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const connections = await Promise.all([world.stomp(alice, { instance: 0 }), world.stomp(bob, { instance: 1 })]);
  const hears = await Promise.all(connections.map((connection) => world.subscribe(connection, channel)));
  const send = (marker: string): void => world.sendMessage(connections[0], alice, channel, marker);
  const say = async (marker: string): Promise<void> => {
    send(marker);
    const [here, there] = hears as [Subscription, Subscription];
    await world.hear(here, marker);
    const cross = (): Promise<unknown> => allOwn(() => world.hear(there, marker));
    await (world.target.instances.length > 1 ? step("cross with messages", cross) : world.hear(there, marker));
  };
  await say(world.marker("first"));
  return { alice, bob, channel, hears, send, say };
}

type Room = Awaited<ReturnType<typeof roomOnAll>>;

/** A message as a server would publish it. */
const byHand = ({ alice, channel }: Room, message: string): string =>
  JSON.stringify({ roomId: Number(channel.id), message, senderEmail: alice.email });

/** Awaits on each server what the clause says is heard there. */
const hearOnAll = (world: World, { hears }: Room, marker: string): Promise<unknown> =>
  allOwn(() => Promise.all(hears.map((subscription) => world.hear(subscription, marker))));

export const relay: Proofs<typeof area> = {
  "relay.published-once": async (world) => {
    const markers = [world.marker(), world.marker(), world.marker("fence")];
    const { inbox } = await tap(world, markers);
    const { channel, say } = await roomOnAll(world);
    for (const marker of markers) await say(marker);
    // The tap has a connection of its own: what is heard may be published, or be read here, a moment later.
    for (const marker of markers) await seenOn(inbox, marker, world.deadlineMs);
    await world.settle();
    for (const marker of markers) {
      const ofIt = inbox.items.filter(({ text }) => holds(text, marker));
      const onChat = ofIt.filter((published) => published.channel === chatChannel);
      const elsewhere = [...new Set(ofIt.map((published) => published.channel))].join(" and ");
      claim(ofIt.length > 0, "a message that is heard is published on no channel of this Redis");
      claim(onChat.length > 0, `a message is published on ${elsewhere}, not on ${chatChannel}`);
      claim(onChat.length === 1, `one message is published ${onChat.length} times`);
      const said = (jsonIn(onChat[0]!.text) ?? {}) as { roomId?: unknown; message?: unknown };
      const isWhole = String(said.roomId) === channel.id && said.message === marker;
      claim(isWhole, `a message in room ${channel.id} is published as ${onChat[0]!.text}`);
    }
  },

  "relay.by-hand-is-heard": async (world) => {
    const redis = await tap(world);
    const room = await roomOnAll(world);
    const marker = world.marker("by hand");
    await redis.publish(chatChannel, byHand(room, marker));
    await hearOnAll(world, room, marker);
    await room.say(world.marker("fence"));
    await world.settle();
    const counts = room.hears.map((subscription) => world.heardCount(subscription, marker));
    claim(Math.max(...counts) === 1, `what was published once was heard ${counts.join(" and ")} times`);
  },

  "relay.by-hand-is-not-stored": async (world) => {
    const redis = await tap(world);
    const room = await roomOnAll(world);
    const marker = world.marker("by hand");
    await redis.publish(chatChannel, byHand(room, marker));
    await step("hear what others publish", () => hearOnAll(world, room, marker));
    await room.say(world.marker("fence"));
    const texts = (await world.history(room.bob, room.channel)).map(({ text }) => text);
    claim(!texts.includes(marker), "what was published by hand is in the history");
  },

  "relay.no-message-harms-nobody": async (world) => {
    const redis = await tap(world);
    const room = await roomOnAll(world);
    const roomId = Number(room.channel.id);
    const bad = ["no JSON", "", "null", "[]", "{}", `{"roomId":"x"}`, `{"roomId":${roomId}}`, `{"roomId":${roomId}`];
    for (const text of bad) await redis.publish(chatChannel, text);
    const marker = world.marker("after");
    room.send(marker);
    await hearOnAll(world, room, marker);
  },

  "relay.history-is-one": async (world) => {
    const { alice, bob, channel, say } = await roomOnAll(world);
    const markers = Array.from({ length: 5 }, () => world.marker());
    for (const marker of markers) await say(marker);
    const textAt = async (instance: number): Promise<string> => {
      const answer = await historyOf({ ...alice, rest: world.rest(alice, instance) }, channel.id);
      relyOn("read the history", answer);
      return JSON.stringify(listIn(answer));
    };
    const first = await textAt(0);
    const isThere = markers.every((marker) => holds(first, marker));
    rely("read the history", isThere, "a message that was heard is not in the history of its server");
    const second = await lookUntil(
      world,
      () => textAt(1),
      (text) => text === first,
    );
    claim(second === first, `the histories of ${bob.email}'s room differ: ${first} and ${second}`);
  },

  "relay.unread-crosses": async (world) => {
    const { bob, channel, say } = await roomOnAll(world);
    const there = { ...bob, rest: world.rest(bob, 1) };
    const countAt = async (instance: number): Promise<number | undefined> =>
      (await seenBy({ ...bob, rest: world.rest(bob, instance) }, channel.id))[0]?.unReadCount;
    const before = await unreadBefore(world, there, channel);
    await say(world.marker());
    const count = await lookUntil(
      world,
      () => countAt(1),
      (seen) => seen === before + 1,
    );
    claim(count === before + 1, `a message that another server took makes ${before} unread ${count}`);
    relyOn("change a read status", await read(there, channel.id));
    for (const instance of [0, 1]) {
      const left = await lookUntil(
        world,
        () => countAt(instance),
        (seen) => seen === 0,
      );
      claim(left === 0, `what was read on server 2 is unread on server ${instance + 1}: ${left}`);
    }
  },
};
