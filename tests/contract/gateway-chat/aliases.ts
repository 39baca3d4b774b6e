// Proofs of contract/gateway-chat/aliases.ts.

import { z } from "zod";
import type { aliases as area } from "../../../contract/gateway-chat/aliases.ts";
import { headerOf, type StompFrame } from "../../../drivers/codecs/stomp.ts";
import { TargetError } from "../../../drivers/errors.ts";
import { webSocketUrl } from "../../../drivers/network.ts";
import { StompConnection } from "../../../drivers/stomp.ts";
import { openWebSocket, openWebSocketTransport } from "../../../drivers/websocket.ts";
import { claim, jsonIn, readJson, Violation, type Proofs } from "../../../runner/proof.ts";
import { awaitHearing, takeSeat } from "../../../runner/raw-rooms.ts";
import { holds } from "../../../runner/text.ts";
import type { World } from "../../../runner/world.ts";
import { errorQueue } from "../../../systems/discodeit/wire.ts";
import { roomAlias, roomDestination, sendAliases, sendDestination } from "../../../systems/gateway-chat/wire.ts";
import { handled } from "../steps/hearing.ts";
import { untilTimeout } from "../steps/look.ts";

/** Two people: one speaks, the other one listens. */
async function roomOfTwo(world: World) {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const [speaking, listening] = [await world.stomp(alice), await world.stomp(bob)];
  return { alice, bob, channel, speaking, listening, hears: await world.subscribe(listening, channel) };
}

type RoomOfTwo = Awaited<ReturnType<typeof roomOfTwo>>;

/** Says it with these fields beside; the MESSAGE. */
async function heard(world: World, { alice, channel, speaking, hears }: RoomOfTwo, more: object = {}) {
  const marker = world.marker();
  const { destination, body } = world.speaker.sendOf(alice, channel.room, marker);
  speaking.sendFrame("SEND", { destination }, JSON.stringify({ ...(JSON.parse(body) as object), ...more }));
  await world.hear(hears, marker);
  return { marker, frame: hears.messages().find((frame) => holds(frame.body, marker))! };
}

const anyMessage = z.looseObject({});
const fieldsOf = ({ body }: StompFrame) => readJson(body, anyMessage, "a MESSAGE");

/** `secret` came to nobody, once what was sent before this has been handled. */
async function reachesNobody(world: World, room: RoomOfTwo, secret: string, what: string): Promise<void> {
  await heard(world, room);
  await world.settle();
  claim(world.heardCount(room.hears, secret) === 0, `${what} was delivered`);
}

const strange = "http://rollcall-any-origin.example";

export const aliases: Proofs<typeof area> = {
  "aliases.message-is-whole": async (world) => {
    const room = await roomOfTwo(world);
    const { marker, frame } = await heard(world, room);
    const { content, roomId, sender, senderId } = fieldsOf(frame);
    claim(content === marker, `the content of a MESSAGE is ${JSON.stringify(content)}, not ${JSON.stringify(marker)}`);
    claim(String(roomId) === room.channel.id, `a MESSAGE of room ${room.channel.id} says ${JSON.stringify(roomId)}`);
    // An object with a name, and an id beside it, are known in public servers of the kind.
    const said = JSON.stringify([sender, senderId]);
    claim(said.includes(room.alice.username), `a MESSAGE of ${room.alice.username} says that it is of ${said}`);
  },

  "aliases.message-is-the-stored-one": async (world) => {
    const room = await roomOfTwo(world);
    const ids = [];
    for (let round = 0; round < 3; round++) ids.push(fieldsOf((await heard(world, room)).frame)["id"]);
    const isId = (id: unknown): boolean => typeof id === "number" || (typeof id === "string" && id !== "");
    claim(ids.every(isId), `a MESSAGE has the id ${JSON.stringify(ids.find((id) => !isId(id)))}`);
    claim(new Set(ids).size === 3, `three messages have the ids ${ids.join(", ")}`);
  },

  "aliases.message-says-when": async (world) => {
    const room = await roomOfTwo(world);
    const startMs = world.now();
    const { timestamp } = fieldsOf((await heard(world, room, { timestamp: "1999-01-01T00:00:00Z" })).frame);
    const atMs = Date.parse(String(timestamp));
    const isNow = Math.abs(atMs - startMs) < 60_000;
    claim(isNow, `a MESSAGE says that it is of ${JSON.stringify(timestamp)}`);
  },

  "aliases.every-way-is-heard-everywhere": async (world) => {
    const room = await roomOfTwo(world);
    const { alice, channel, speaking, listening } = room;
    const destinations = [roomDestination(channel.id), roomAlias(channel.id)];
    const hearing = destinations.map((destination) => listening.sendSubscribe(destination));
    // What is subscribed to without a receipt is known to hear when it heard.
    await Promise.all(hearing.map((subscription) => world.probe(subscription, channel)));
    for (const destination of [sendDestination, ...sendAliases]) {
      const marker = world.marker();
      world.sendMessage(speaking, alice, channel, marker, { destination });
      for (const subscription of hearing) {
        const isIt = ({ body }: StompFrame): boolean => holds(body, marker);
        const frame = await subscription.awaitMessage(`what was sent to ${destination}`, isIt, world.deadlineMs);
        const named = headerOf(frame, "destination");
        claim(named === subscription.destination, `a MESSAGE to ${subscription.destination} names ${named}`);
      }
      await world.settle();
      const counts = hearing.map((subscription) => world.heardCount(subscription, marker));
      claim(
        counts.every((count) => count === 1),
        `what was sent to ${destination} came ${counts.join(" and ")} times to ${destinations.join(" and ")}`,
      );
    }
  },

  "aliases.id-is-the-servers": async (world) => {
    const room = await roomOfTwo(world);
    const first = fieldsOf((await heard(world, room)).frame)["id"];
    for (const id of [first, "rollcall-chosen", 7]) {
      const { frame } = await heard(world, room, { id });
      const got = fieldsOf(frame)["id"];
      claim(got === undefined || got !== id, `the request's id ${JSON.stringify(id)} became the message's`);
    }
  },

  "aliases.client-id-comes-back": async (world) => {
    const room = await roomOfTwo(world);
    const clientMsgId = world.marker("client");
    const { clientMsgId: got } = fieldsOf((await heard(world, room, { clientMsgId })).frame);
    claim(got === clientMsgId, `the clientMsgId ${JSON.stringify(clientMsgId)} came back as ${JSON.stringify(got)}`);
  },

  "aliases.everything-is-json": async (world) => {
    const room = await roomOfTwo(world);
    const late = await world.stomp(room.alice);
    await world.subscribe(late, room.channel);
    await heard(world, room);
    late.sendFrame("DISCONNECT");
    await heard(world, room);
    await world.settle();
    const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
    const odd = room.hears.messages().find(({ body }) => !isObject(jsonIn(body)));
    claim(odd === undefined, `a MESSAGE is no JSON object: ${JSON.stringify(odd?.body.slice(0, 120))}`);
  },

  "aliases.clients-write-to-none": async (world) => {
    const room = await roomOfTwo(world);
    const { bob, alice, channel } = room;
    for (const destination of [roomDestination(channel.id), roomAlias(channel.id)]) {
      const secret = world.marker("direct");
      const intruder = await world.stomp(bob);
      intruder.sendFrame("SEND", { destination }, world.speaker.sendOf(alice, channel.room, secret).body);
      await handled(world, intruder, bob, channel);
      await reachesNobody(world, room, secret, `a client's SEND to ${destination}`);
    }
  },

  "aliases.patterns-hear-nothing": async (world) => {
    const room = await roomOfTwo(world);
    const { bob, channel } = room;
    const own = roomDestination(channel.id);
    const destinations = ["/sub/**", "/sub/chat/room/*", "/topic/**", `${own}/`, `${own}/x`, "/sub/chat/room/"];
    // Each on a connection of its own: that it is refused is the best answer.
    const spies = await Promise.all(
      destinations.map(async (destination) => (await world.stomp(bob)).sendSubscribe(destination)),
    );
    await world.settle();
    const { marker } = await heard(world, room);
    await world.settle();
    const leaks = destinations.filter((_, at) => world.heardCount(spies[at]!, marker) > 0);
    claim(leaks.length === 0, `a room is heard by ${leaks.join(" and ")}`);
  },

  "aliases.malformed-disturbs-nobody": async (world) => {
    const room = await roomOfTwo(world);
    const { alice, channel, listening } = room;
    const secret = world.marker("bad");
    const { username: sender } = alice;
    const bodies = [
      `{"roomId":"${channel.id}","content":"${secret}"`,
      "",
      "null",
      `["${secret}"]`,
      `"${secret}"`,
      JSON.stringify({ sender, content: secret }),
      JSON.stringify({ roomId: channel.id, sender, content: { deep: secret } }),
    ];
    for (const body of bodies) {
      const connection = await world.stomp(alice);
      connection.sendFrame("SEND", { destination: sendDestination }, body);
      await handled(world, connection, alice, channel);
    }
    await reachesNobody(world, room, secret, "a malformed SEND");
    claim(listening.inbox.ended === undefined, "somebody else's connection ended");
  },

  "aliases.unstored-is-not-silence": async (world) => {
    const room = await roomOfTwo(world);
    const { alice, channel, hears } = room;
    const sender = await world.stomp(alice);
    // It listens to nothing else.
    sender.sendSubscribe(errorQueue);
    const long = world.marker("long");
    world.sendMessage(sender, alice, channel, long + "x".repeat(10_000));
    const isAnswer = ({ command }: StompFrame): boolean => command === "ERROR" || command === "MESSAGE";
    const refused = sender.inbox.awaitItem("a refusal", isAnswer, world.deadlineMs);
    const delivered = hears.awaitMessage("a long message", ({ body }) => holds(body, long), world.deadlineMs);
    const answers = [refused, delivered].map((answer) => answer.then(() => true, isAnswerToo));
    const isAnswered =
      (await Promise.race([...answers, sender.closed.then(() => true)])) || (await Promise.all(answers)).includes(true);
    claim(isAnswered, "a message of 10,000 characters is answered with silence");
    await heard(world, room);
  },

  "aliases.any-origin": async (world) => {
    const { status } = await world.stranger().request("GET", "/chat/info", { headers: { origin: strange } });
    claim(status === 200, `GET /chat/info for a page of ${strange} is answered ${status}`);
    const [alice] = await world.accounts(1);
    // That it is let in without an Origin of others is another clause's.
    await world.stomp(alice);
    try {
      (await openWebSocket(world.webSocketUrl(), { network: world.network, origin: strange })).terminate();
    } catch (error) {
      if (!(error instanceof TargetError && error.code === "refused")) throw error;
      throw new Violation(`a WebSocket of a page of ${strange}: ${error.message}`);
    }
  },

  "aliases.native-at-chat": async (world) => {
    const [alice] = await world.accounts(1);
    await world.stomp(alice);
    const { network, transcript, deadlineMs } = world;
    const transport = await openWebSocketTransport(webSocketUrl(world.stompUrl()), { network });
    const connection = world.track(new StompConnection(transport, transcript, alice.label));
    await connection.connect({ headers: world.speaker.connectHeaders(alice), deadlineMs });
  },

  "aliases.raw-and-stomp-are-one-room": async (world) => {
    const room = await roomOfTwo(world);
    const { alice, bob, channel, hears } = room;
    const [speaker, listener] = [await takeSeat(world, alice, channel), await takeSeat(world, bob, channel)];
    await awaitHearing(world, speaker, listener);
    const raw = world.marker("raw");
    speaker.say(raw);
    await hears.awaitMessage("what was said in a raw room", ({ body }) => holds(body, raw), world.deadlineMs);
    const { marker } = await heard(world, room);
    for (const seat of [speaker, listener])
      await seat.socket.awaitText("a SEND", (text) => holds(text, marker), world.deadlineMs);
    await world.settle();
    const counts = [world.heardCount(hears, raw), speaker.count(marker), listener.count(marker)];
    claim(
      counts.every((count) => count === 1),
      `between raw rooms and subscribers messages came ${counts.join(", ")} times`,
    );
  },
};

/** A close is an answer, silence is none. */
const isAnswerToo = (error: unknown): boolean => error instanceof TargetError || untilTimeout(error);
