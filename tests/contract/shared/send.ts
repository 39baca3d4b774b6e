// Proofs of contract/shared/send.ts.

import { errorQueue, sendDestination } from "../../../systems/discodeit/wire.ts";
import type { send as area } from "../../../contract/shared/send.ts";
import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses, diagnoseSend } from "../../../runner/diagnosis.ts";
import { claim, readJson, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { own, step } from "../../../runner/steps.ts";
import type { Frame } from "../../../runner/speaker.ts";
import { awaitError, handled, ownHearing, relyOnOnce, relyOnPosts, relyOnShape } from "../steps/hearing.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";
import { discodeitOf } from "../steps/discodeit.ts";

interface Room {
  alice: Account;
  bob: Account;
  channel: Channel;
  /** Alice's connection, subscribed. */
  one: StompConnection;
  /** Bob's. */
  other: StompConnection;
  aliceHears: Subscription;
  bobHears: Subscription;
}

/** Two members, each connected and subscribed to one fresh private channel. */
async function liveRoom(world: World): Promise<Room> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const [one, other] = await Promise.all([world.stomp(alice), world.stomp(bob)]);
  const [aliceHears, bobHears] = await Promise.all([world.subscribe(one, channel), world.subscribe(other, channel)]);
  return { alice, bob, channel, one, other, aliceHears, bobHears };
}

/** The texts of a channel's history, oldest first; none where the system has no history. */
async function historyOf(world: World, reader: Account, channel: Channel): Promise<string[]> {
  if (!world.system.features.has("history")) return [];
  return (await world.history(reader, channel)).map(({ text }) => text);
}

/**
 * After frames that must have no effect: `secret` is neither heard nor stored once they were handled. Where the
 * connection must have stayed, a message sent behind them on it arrives.
 */
async function noEffect(
  world: World,
  room: Room,
  secret: string,
  what: string,
  { stays = false, diagnosis }: { stays?: boolean; diagnosis?: string } = {},
): Promise<void> {
  const { alice, bob, channel, one } = room;
  if (stays) {
    const behind = world.marker("behind");
    if (one.inbox.ended === undefined) world.sendMessage(one, alice, channel, behind);
    await ownHearing(world, bob, channel, () => world.hear(room.bobHears, behind));
  } else await handled(world, one, alice, channel);
  const fence = world.marker("fence");
  await world.post(alice, channel, fence);
  await world.hear(room.bobHears, fence);
  await world.settle();
  claim(!room.other.inbox.items.some(({ body }) => holds(body, secret)), `${what} was delivered`, diagnosis);
  claim(
    !(await historyOf(world, bob, channel)).some((content) => content.includes(secret)),
    `${what} was stored`,
    diagnosis,
  );
}

const headersOf = ({ destination, headers }: Frame): Record<string, string> => ({ destination, ...headers });

const request = (content: unknown, channelId: unknown, authorId: unknown): string =>
  JSON.stringify({ content, channelId, authorId });

export const send: Proofs<typeof area> = {
  "send.stores-and-delivers": async (world) => {
    const room = await liveRoom(world);
    const marker = world.marker();
    world.sendMessage(room.one, room.alice, room.channel, marker);
    await diagnoseSend(
      world,
      () =>
        world.hear(room.bobHears, marker).catch(async (error: unknown) => {
          await relyOnPosts(world, room.alice, room.channel, room.bobHears);
          throw error;
        }),
      (destination, text) => world.sendMessage(room.one, room.alice, room.channel, text, { destination }),
      (content) => world.hear(room.bobHears, content, 1_000),
    );
    const heard = await world.hear(room.bobHears, marker);
    if (heard.id === undefined || !world.isFrom(heard, marker, room.alice, room.channel))
      await relyOnShape(world, room.alice, room.channel);
    claim(
      world.isFrom(heard, marker, room.alice, room.channel),
      () => `the MESSAGE differs from what was sent: ${JSON.stringify(heard.message)}`,
    );
    if (!world.system.features.has("history")) return;
    const stored = (await world.history(room.bob, room.channel)).find(({ text }) => text === marker);
    claim(
      stored !== undefined && stored.id === heard.id,
      "a message that was heard is not in the history under the same id",
    );
  },

  "send.rest-is-delivered-too": async (world) => {
    const room = await liveRoom(world);
    const marker = world.marker();
    await world.post(room.alice, room.channel, marker);
    await Promise.all([world.hear(room.aliceHears, marker), world.hear(room.bobHears, marker)]);
    const fence = world.marker("fence");
    await world.post(room.alice, room.channel, fence);
    await Promise.all([world.hear(room.aliceHears, fence), world.hear(room.bobHears, fence)]);
    await world.settle();
    const counts = [world.heardCount(room.aliceHears, marker), world.heardCount(room.bobHears, marker)];
    if (Math.max(...counts) > 1) await own("deliver a post once", () => relyOnOnce(world, room.bob, room.channel));
    claim(
      counts.every((count) => count === 1),
      `a posted message was delivered ${counts.join(" and ")} times`,
      diagnoses.duplicate,
    );
  },

  "send.author-hears-itself": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const [subscribed, silent, other] = await Promise.all([world.stomp(alice), world.stomp(alice), world.stomp(bob)]);
    const [mine, theirs] = await Promise.all([world.subscribe(subscribed, channel), world.subscribe(other, channel)]);
    const marker = world.marker();
    world.sendMessage(silent, alice, channel, marker);
    await world.hear(theirs, marker);
    await ownHearing(world, bob, channel, () => world.hear(mine, marker));
    await world.settle();
    claim(silent.frames("MESSAGE").length === 0, "a connection that subscribed to nothing got its own message back");
  },

  "send.receipt-means-committed": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const connection = await world.stomp(alice);
    for (let round = 0; round < 5; round++) {
      const marker = world.marker();
      const frame = world.speaker.sendOf(alice, channel.room, marker);
      await connection.sendAndAwaitReceipt("SEND", headersOf(frame), frame.body, Math.min(world.deadlineMs, 3_000));
      const stored = await historyOf(world, bob, channel);
      claim(stored.includes(marker), "a SEND was answered with RECEIPT before its message was in the history");
    }
  },

  "send.unknown-channel": async (world) => {
    const room = await liveRoom(world);
    const secret = world.marker("bad");
    for (const channelId of ["00000000-0000-4000-8000-000000000000", "no-uuid", 7, null])
      room.one.sendFrame("SEND", { destination: sendDestination }, request(secret, channelId, room.alice.id));
    await noEffect(world, room, secret, "a SEND to an unknown channel", { stays: true });
  },

  "send.bad-json": async (world) => {
    const room = await liveRoom(world);
    const secret = world.marker("bad");
    const bodies = [
      `{"content":"${secret}"`,
      "",
      "null",
      `["${secret}"]`,
      JSON.stringify({ content: secret }),
      request({ deep: secret }, room.channel.id, room.alice.id),
      `"${secret}"`,
      `{"content":"${secret}","channelId":"${room.channel.id}",}`,
    ];
    for (const body of bodies) room.one.sendFrame("SEND", { destination: sendDestination }, body);
    await noEffect(world, room, secret, "a malformed SEND", { stays: true });
  },

  "send.blank": async (world) => {
    const room = await liveRoom(world);
    const long = world.marker("long");
    for (const content of ["", "   ", "\n\t"])
      room.one.sendFrame("SEND", { destination: sendDestination }, request(content, room.channel.id, room.alice.id));
    room.one.sendFrame(
      "SEND",
      { destination: sendDestination },
      request(long + "x".repeat(2_001 - long.length), room.channel.id, room.alice.id),
    );
    await noEffect(world, room, long, "a message of 2,001 characters");
    const blank = [
      ...(await historyOf(world, room.bob, room.channel)),
      ...room.bobHears.messages().map((frame) => world.messageOf(frame).text),
    ].filter((content) => content.trim() === "");
    claim(blank.length === 0, `${blank.length} blank messages were stored or delivered`);
  },

  "send.errors-reach-the-sender": async (world) => {
    const room = await liveRoom(world);
    const errors = world.baseline.receipts
      ? await room.one.subscribeWithReceipt(errorQueue, world.deadlineMs)
      : room.one.sendSubscribe(errorQueue);
    room.one.sendFrame("SEND", { destination: sendDestination }, request("   ", room.channel.id, room.alice.id));
    const frame = await errors.awaitMessage("an error", () => true, Math.min(world.deadlineMs, 3_000));
    readJson(frame.body, discodeitOf(world).schemas.error, "what came on the error queue");
  },

  "send.errors-reach-nobody-else": async (world) => {
    const room = await liveRoom(world);
    // On connections of their own: that the queue is refused is no fault here.
    const spies = await Promise.all([world.stomp(room.bob), world.stomp(room.bob)]);
    for (const spy of spies) spy.sendSubscribe(errorQueue);
    const secret = world.marker("bad");
    room.one.sendFrame(
      "SEND",
      { destination: sendDestination },
      request(`${secret}${"x".repeat(2_001)}`, "no-uuid", room.alice.id),
    );
    await noEffect(world, room, secret, "a refused SEND");
    claim(
      spies.every((spy) => spy.frames("MESSAGE").length === 0),
      "another user was told of a refused SEND",
    );
  },

  "send.author-is-the-sender": async (world) => {
    const room = await liveRoom(world);
    const secret = world.marker("forged");
    room.one.sendFrame("SEND", { destination: sendDestination }, request(secret, room.channel.id, room.bob.id));
    await handled(world, room.one, room.alice, room.channel);
    await world.settle();
    const forged = (await discodeitOf(world).history(world.rest(room.bob), room.channel.id)).content.find(
      ({ content }) => content === secret,
    );
    claim(forged?.author?.id !== room.bob.id, "a SEND with another user's authorId was stored in that user's name");
    claim(forged === undefined, "a SEND with another user's authorId was stored");
  },

  "send.private-by-stranger": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const [channel, theirs] = await Promise.all([world.privateChannel(alice, bob), world.privateChannel(mallory, bob)]);
    const [intruder, member] = await Promise.all([world.stomp(mallory), world.stomp(bob)]);
    const inside = await world.subscribe(member, channel);
    const secret = world.marker("intruder");
    world.sendMessage(intruder, mallory, channel, secret);
    await handled(world, intruder, mallory, theirs);
    const later = world.marker("fence");
    await world.post(alice, channel, later);
    await world.hear(inside, later);
    await world.settle();
    claim(
      world.heardCount(inside, secret) === 0,
      "a stranger's SEND to a private channel was delivered",
      diagnoses.privateLeak,
    );
    claim(
      !(await historyOf(world, bob, channel)).includes(secret),
      "a stranger's SEND to a private channel was stored",
      diagnoses.privateLeak,
    );
  },

  "send.to-the-broker-prefix": async (world) => {
    const room = await liveRoom(world);
    const intruder = await world.stomp(room.alice);
    const secret = world.marker("direct");
    intruder.sendFrame("SEND", { destination: room.channel.destination }, JSON.stringify({ content: secret }));
    await noEffect(world, room, secret, "a client's SEND to /sub");
    await awaitError(world, intruder, "SEND to the broker prefix");
  },

  "send.other-application-destination": async (world) => {
    const room = await liveRoom(world);
    const errors = world.baseline.receipts
      ? await room.one.subscribeWithReceipt(errorQueue, world.deadlineMs)
      : room.one.sendSubscribe(errorQueue);
    const secret = world.marker("other");
    room.one.sendFrame(
      "SEND",
      { destination: "/pub/rollcall-no-such" },
      request(secret, room.channel.id, room.alice.id),
    );
    await noEffect(world, room, secret, "a SEND to /pub/rollcall-no-such", { stays: true });
    const limitMs = Math.min(world.deadlineMs, 3_000);
    try {
      await errors.awaitMessage("an error for an unknown application destination", () => true, limitMs);
    } catch (error) {
      await step("hear of a refused SEND", async () => {
        room.one.sendFrame("SEND", { destination: sendDestination }, request("   ", room.channel.id, room.alice.id));
        await errors.awaitMessage("an error of any kind", () => true, limitMs);
      });
      throw error;
    }
  },

  "send.server-commands-are-refused": async (world) => {
    const room = await liveRoom(world);
    const intruder = await world.stomp(room.alice);
    const secret = world.marker("direct");
    intruder.sendFrame(
      "MESSAGE",
      { destination: room.channel.destination, "message-id": "1", subscription: room.bobHears.id },
      JSON.stringify({ content: secret }),
    );
    await noEffect(world, room, secret, "a client's MESSAGE frame");
  },

  "send.without-destination": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.stomp(alice);
    connection.sendFrame("SEND", {}, "{}");
    await awaitError(world, connection, "SEND without destination");
  },

  "send.order-one-by-one": async (world) => {
    const room = await liveRoom(world);
    const markers = Array.from({ length: 10 }, (_, index) => world.marker(`n${index}`));
    for (const marker of markers) {
      world.sendMessage(room.one, room.alice, room.channel, marker);
      await world.hear(room.aliceHears, marker);
    }
    await world.hear(room.bobHears, markers.at(-1)!);
    await Promise.all(markers.map((marker) => world.hear(room.bobHears, marker)));
    checkOrder(world, room.bobHears, markers, "a subscriber");
    await checkStored(world, room, markers, markers, "the history has another order than the messages were sent in");
  },

  "send.order-of-a-burst": async (world) => {
    const room = await liveRoom(world);
    const markers = Array.from({ length: 50 }, (_, index) => world.marker(`n${index}`));
    for (const marker of markers) world.sendMessage(room.one, room.alice, room.channel, marker);
    for (const [name, subscription] of [
      ["the sender", room.aliceHears],
      ["another subscriber", room.bobHears],
    ] as const) {
      await Promise.all(markers.map((marker) => world.hear(subscription, marker, 2 * world.deadlineMs)));
      checkOrder(world, subscription, markers, name, diagnoses.burstOrder);
    }
    await checkStored(
      world,
      room,
      markers,
      markers,
      "the history has another order than the burst was sent in",
      diagnoses.burstOrder,
    );
  },

  "send.one-order-per-channel": async (world) => {
    const room = await liveRoom(world);
    const markers: string[] = [];
    for (let index = 0; index < 15; index++) {
      const [a, b] = [world.marker("a"), world.marker("b")];
      markers.push(a, b);
      world.sendMessage(room.one, room.alice, room.channel, a);
      world.sendMessage(room.other, room.bob, room.channel, b);
    }
    await Promise.all(
      markers.flatMap((marker) => [
        world.hear(room.aliceHears, marker, 2 * world.deadlineMs),
        world.hear(room.bobHears, marker, 2 * world.deadlineMs),
      ]),
    );
    const orders = [room.aliceHears, room.bobHears].map((subscription) => heardOrder(world, subscription, markers));
    claim(orders[0]!.join() === orders[1]!.join(), "two subscribers heard one channel in two orders");
    await checkStored(world, room, markers, orders[0]!, "the history has another order than the subscribers heard");
  },

  "send.burst-is-complete": async (world) => {
    const room = await liveRoom(world);
    const markers = Array.from({ length: 100 }, (_, index) => world.marker(`n${index}`));
    for (const marker of markers) world.sendMessage(room.one, room.alice, room.channel, marker);
    for (const subscription of [room.aliceHears, room.bobHears])
      await ownHearing(world, room.bob, room.channel, () =>
        Promise.all(markers.map((marker) => world.hear(subscription, marker, 4 * world.deadlineMs))),
      );
    await world.settle();
    for (const subscription of [room.aliceHears, room.bobHears]) {
      const wrong = markers.filter((marker) => world.heardCount(subscription, marker) !== 1);
      if (wrong.length > 0) await relyOnOnce(world, room.bob, room.channel);
      claim(
        wrong.length === 0,
        `${wrong.length} of 100 messages of a burst were delivered more than once`,
        diagnoses.duplicate,
      );
    }
  },

  "send.survives-the-sender": async (world) => {
    const room = await liveRoom(world);
    const sender = await world.stomp(room.alice);
    const marker = world.marker();
    world.sendMessage(sender, room.alice, room.channel, marker);
    sender.sendFrame("DISCONNECT", {});
    sender.transport.close();
    await ownHearing(world, room.bob, room.channel, () => world.hear(room.bobHears, marker));
  },

  "send.slow-reader-delays-nobody": async (world) => {
    const room = await liveRoom(world);
    const slow = await world.stomp(room.bob);
    await world.subscribe(slow, room.channel);
    // Copies of 2 KB each, 40 per message: more than the sockets' own buffers hold, or nobody would notice that it does
    // not read.
    for (let copy = 1; copy < 40; copy++) slow.sendSubscribe(room.channel.destination);
    slow.transport.pause();
    const padding = "x".repeat(Math.min(1_900, world.textLengthMax - 100));
    const markers = Array.from({ length: Math.ceil((90 * 1_900) / padding.length) }, (_, index) =>
      world.marker(`n${index}`),
    );
    for (const marker of markers) world.sendMessage(room.one, room.alice, room.channel, marker + padding);
    // Where messages are short there are more of them: each has the same time.
    const hearMs = 2 * world.deadlineMs * (markers.length / 90);
    await ownHearing(world, room.alice, room.channel, async () => {
      try {
        await Promise.all(markers.map((marker) => world.hear(room.bobHears, marker, hearMs)));
      } finally {
        // It would hold up the control, too.
        slow.transport.terminate();
        await slow.closed;
      }
    });
  },

  "send.transactions-are-refused": async (world) => {
    const room = await liveRoom(world);
    const connection = await world.stomp(room.alice);
    const secret = world.marker("tx");
    connection.sendFrame("BEGIN", { transaction: "tx1" });
    connection.sendFrame(
      "SEND",
      { destination: sendDestination, transaction: "tx1" },
      request(secret, room.channel.id, room.alice.id),
    );
    await noEffect(world, room, secret, "a SEND in a transaction that was not committed");
    await awaitError(world, connection, "BEGIN");
  },

  "send.connections-leave-nothing": async (world) => {
    const room = await liveRoom(world);
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 5 }, async (_, index) => {
          const visitor = await world.stomp(room.bob);
          visitor.sendSubscribe(room.channel.destination);
          if (index % 2 === 0) visitor.transport.terminate();
          else visitor.transport.close();
          await visitor.closed;
        }),
      );
    }
    const [marker, fence] = [world.marker(), world.marker("fence")];
    for (const content of [marker, fence]) {
      world.sendMessage(room.one, room.alice, room.channel, content);
      await ownHearing(world, room.alice, room.channel, () => world.hear(room.bobHears, content));
    }
    await world.settle();
    const count = world.heardCount(room.bobHears, marker);
    if (count > 1) await relyOnOnce(world, room.bob, room.channel);
    claim(count === 1, "after 50 visitors came and went a message is delivered more than once");
  },
};

/** The markers in the order in which a subscription first heard them. */
function heardOrder(world: World, subscription: Subscription, markers: readonly string[]): string[] {
  const wanted = new Set(markers);
  return [...new Set(world.textsOf(subscription))].filter((content) => wanted.has(content));
}

/** The history, where there is one, has the markers in this order, each where it stands first. */
async function checkStored(
  world: World,
  room: Room,
  markers: readonly string[],
  order: readonly string[],
  because: string,
  diagnosis?: string,
): Promise<void> {
  if (!world.system.features.has("history")) return;
  const texts = [...new Set(await historyOf(world, room.bob, room.channel))];
  claim(texts.filter((text) => markers.includes(text)).join() === order.join(), because, diagnosis);
}

function checkOrder(
  world: World,
  subscription: Subscription,
  markers: readonly string[],
  who: string,
  diagnosis?: string,
): void {
  const order = heardOrder(world, subscription, markers);
  const swapped = order.filter(
    (marker, at) => at > 0 && markers.indexOf(marker) < markers.indexOf(order[at - 1]!),
  ).length;
  claim(swapped === 0, `${who} heard ${swapped} of ${markers.length} messages out of order`, diagnosis);
}
