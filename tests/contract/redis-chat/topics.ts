// Proofs of contract/redis-chat/topics.ts.

import { z } from "zod";
import type { topics as area } from "../../../contract/redis-chat/topics.ts";
import type { StompFrame } from "../../../drivers/codecs/stomp.ts";
import { errorQueue } from "../../../systems/discodeit/wire.ts";
import { claim, jsonIn, readJson, type Proofs } from "../../../runner/proof.ts";
import { rely } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import type { World } from "../../../runner/world.ts";
import { roomDestination, sendAlias, sendDestination } from "../../../systems/redis-chat/wire.ts";
import { handled, ownHearing } from "../steps/hearing.ts";
import { says, untilTimeout } from "../steps/look.ts";
import { historyOf, isAccepted, listIn, relyOn, say, speakerIn, type Speaking } from "../steps/redis-chat.ts";

const message = z.looseObject({ roomId: z.number(), message: z.string(), senderEmail: z.string() });

/** A room of two: its owner speaks, the other one listens. */
async function roomOfTwo(world: World) {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const speaking = await speakerIn(world, channel);
  const connection = await world.stomp(bob);
  return { alice, bob, channel, speaking, connection, hears: await world.subscribe(connection, channel) };
}

type Room = Awaited<ReturnType<typeof roomOfTwo>>;

/** `secret` came to nobody and is not stored, once what was sent before this has been handled. */
async function reachesNobody(world: World, { bob, channel, speaking, hears }: Room, secret: string, what: string) {
  const [fence] = await say(world, speaking, 1);
  await world.hear(hears, fence!);
  await world.settle();
  claim(world.heardCount(hears, secret) === 0, `${what} was delivered`);
  const stored = await world.history(bob, channel);
  claim(!stored.some(({ text }) => text.includes(secret)), `${what} was stored`);
}

const bodyOf = (speaking: Speaking, text: string, more: object = {}): string =>
  JSON.stringify({ senderEmail: speaking.owner.email, message: text, ...more });

export const topics: Proofs<typeof area> = {
  "topics.message-is-whole": async (world) => {
    const { alice, channel, speaking, hears } = await roomOfTwo(world);
    const marker = world.marker();
    world.sendMessage(speaking.connection, alice, channel, marker);
    await world.hear(hears, marker);
    const frame = hears.messages().find(({ body }) => holds(body, marker));
    const { roomId, message: text, senderEmail } = readJson(frame?.body, message, "a MESSAGE");
    const isRight = roomId === Number(channel.id) && text === marker && senderEmail === alice.email;
    claim(isRight, `a MESSAGE of ${alice.email} in room ${channel.id} is ${frame?.body}`);
  },

  "topics.app-is-an-alias": async (world) => {
    const { alice, channel, speaking, hears } = await roomOfTwo(world);
    const marker = world.marker();
    world.sendMessage(speaking.connection, alice, channel, marker, { destination: sendAlias(channel.id) });
    await ownHearing(world, alice, channel, () => world.hear(hears, marker));
  },

  "topics.sender-is-the-session": async (world) => {
    const { alice, bob, channel, speaking, connection, hears } = await roomOfTwo(world);
    const secret = world.marker("forged");
    const body = JSON.stringify({ senderEmail: alice.email, message: secret });
    connection.sendFrame("SEND", { destination: sendDestination(channel.id) }, body);
    await handled(world, connection, bob, channel);
    await say(world, speaking, 1);
    await world.settle();
    const isForged = (said: unknown): boolean => {
      const { message: text, senderEmail } = (said as Record<string, unknown> | undefined) ?? {};
      return text === secret && senderEmail === alice.email;
    };
    const frames = [...speaking.hears.messages(), ...hears.messages()];
    claim(!frames.some(({ body: said }) => isForged(jsonIn(said))), "a message was heard under another's address");
    const stored = listIn(await historyOf(alice, channel.id));
    claim(!stored.some(isForged), "a message was stored under another's address");
  },

  "topics.room-is-the-destination": async (world) => {
    const { alice, bob, channel, speaking, hears } = await roomOfTwo(world);
    const other = await world.privateChannel(alice, bob);
    const elsewhere = await world.subscribe(await world.stomp(bob), other);
    for (const more of [{}, { roomId: Number(other.id) }]) {
      const marker = world.marker();
      const destination = sendDestination(channel.id);
      speaking.connection.sendFrame("SEND", { destination }, bodyOf(speaking, marker, more));
      const { message: said } = await ownHearing(world, alice, channel, () => world.hear(hears, marker));
      const { roomId } = said as { roomId?: unknown };
      claim(
        says(roomId ?? undefined, Number(channel.id)) || String(roomId) === channel.id,
        `a message to room ${channel.id} says that it is of ${JSON.stringify(roomId)}`,
      );
      await world.settle();
      claim(world.heardCount(elsewhere, marker) === 0, `a message to room ${channel.id} was heard in ${other.id}`);
    }
  },

  "topics.clients-write-to-none": async (world) => {
    const room = await roomOfTwo(world);
    const secret = world.marker("direct");
    const intruder = await world.stomp(room.bob);
    intruder.sendFrame("SEND", { destination: roomDestination(room.channel.id) }, bodyOf(room.speaking, secret));
    await handled(world, intruder, room.bob, room.channel);
    await reachesNobody(world, room, secret, "a client's SEND to a topic");
  },

  "topics.patterns-hear-nothing": async (world) => {
    const { channel, speaking, hears } = await roomOfTwo(world);
    const [carol] = await world.accounts(1);
    // A refusal for want of a credential would say nothing of the pattern.
    const headers = world.speaker.subscribeHeaders(carol, channel.room);
    const own = roomDestination(channel.id);
    // Each on a connection of its own: that it is refused is the best answer.
    const destinations = ["/topic/*", "/topic/**", `${own}/`, `${own}/x`, `/topic/?${channel.id}`, "/topic/"];
    const spies = await Promise.all(
      destinations.map(async (destination) => (await world.stomp(carol)).sendSubscribe(destination, headers)),
    );
    await world.settle();
    const [marker] = await say(world, speaking, 1);
    await world.hear(hears, marker!);
    await world.settle();
    const heard = destinations.filter((_, at) => world.heardCount(spies[at]!, marker!) > 0);
    claim(heard.length === 0, `a stranger hears a room by ${heard.join(" and ")}`);
  },

  "topics.stranger-is-sent-away": async (world) => {
    const { channel } = await roomOfTwo(world);
    const [carol] = await world.accounts(1);
    const own = await world.privateChannel(carol, channel.owner);
    const connection = await world.stomp(carol);
    await world.subscribe(connection, own);
    connection.sendSubscribe(channel.destination);
    const refused = connection.inbox.awaitItem("ERROR", ({ command }) => command === "ERROR", world.deadlineMs);
    const isRefused = await Promise.race([refused, connection.closed]).then(() => true, untilTimeout);
    claim(isRefused || connection.inbox.ended !== undefined, "a stranger's SUBSCRIBE is answered with silence");
  },

  "topics.malformed-disturbs-nobody": async (world) => {
    const room = await roomOfTwo(world);
    const { channel, speaking, connection } = room;
    const secret = world.marker("bad");
    const bodies = [
      `{"message":"${secret}"`,
      "",
      "null",
      `["${secret}"]`,
      `"${secret}"`,
      JSON.stringify({ senderEmail: speaking.owner.email, text: secret }),
      JSON.stringify({ senderEmail: speaking.owner.email, message: { deep: secret } }),
    ];
    for (const body of bodies) {
      const sender = await world.stomp(speaking.owner);
      sender.sendFrame("SEND", { destination: sendDestination(channel.id) }, body);
      await handled(world, sender, speaking.owner, channel);
    }
    await reachesNobody(world, room, secret, "a malformed SEND");
    claim(connection.inbox.ended === undefined, "somebody else's connection ended");
    // Clones tell the topic of other things, too: they have no sender.
    const isOdd = (said: unknown): boolean => {
      const { message: text, senderEmail } = (said as Record<string, unknown> | undefined) ?? {};
      return senderEmail === speaking.owner.email && typeof text !== "string";
    };
    const odd = room.hears.messages().find(({ body }) => isOdd(jsonIn(body)));
    claim(odd === undefined, `a malformed SEND was delivered as ${odd?.body}`);
  },

  "topics.too-long-is-not-silence": async (world) => {
    const room = await roomOfTwo(world);
    const { alice, channel } = room;
    const sender = await world.stomp(alice);
    // It listens to nothing else.
    sender.sendSubscribe(errorQueue);
    const secret = world.marker("long");
    world.sendMessage(sender, alice, channel, secret + "x".repeat(10_000));
    const isAnswer = ({ command }: StompFrame): boolean => command === "ERROR" || command === "MESSAGE";
    const answered = sender.inbox.awaitItem("a refusal", isAnswer, world.deadlineMs);
    const isAnswered = await Promise.race([answered, sender.closed]).then(() => true, untilTimeout);
    await reachesNobody(world, room, secret, "a message of 10,000 characters");
    claim(isAnswered, "a message that is too long is answered with silence");
  },

  "topics.history-oldest-first": async (world) => {
    const { alice, bob, channel, speaking, connection, hears } = await roomOfTwo(world);
    const other: Speaking = { owner: bob, channel, connection, hears };
    const said: { senderEmail: string; message: string }[] = [];
    for (let round = 0; round < 10; round++)
      for (const one of [speaking, other]) {
        const [marker] = await say(world, one, 1);
        said.push({ senderEmail: one.owner.email, message: marker! });
      }
    const answer = await historyOf(alice, channel.id);
    claim(isAccepted(answer), `the history is answered ${answer.status}`);
    const markers = new Set(said.map(({ message: text }) => text));
    const stored = listIn<{ senderEmail: string; message: string }>(answer).filter(({ message: text }) =>
      markers.has(text),
    );
    const shown = stored.map(({ senderEmail, message: text }) => ({ senderEmail, message: text }));
    claim(JSON.stringify(shown) === JSON.stringify(said), `the history of 20 messages is ${JSON.stringify(shown)}`);
  },

  "topics.history-is-for-participants": async (world) => {
    const { bob, channel, speaking } = await roomOfTwo(world);
    const [carol] = await world.accounts(1);
    const [marker] = await say(world, speaking, 1);
    const mine = await historyOf(bob, channel.id);
    relyOn("read the history", mine);
    rely("read the history", holds(mine.text, marker!), "a message that was heard is not in the history");
    const { status, text } = await historyOf(carol, channel.id);
    claim(status >= 400, `the history of a room that one is not in is answered ${status}`);
    claim(!holds(text, marker!), "a refusal holds the history");
  },
};
