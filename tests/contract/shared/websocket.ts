// Proofs of contract/shared/websocket.ts: frames as octets, right ones and wrong ones.

import { performance } from "node:perf_hooks";
import type { websocket as area } from "../../../contract/shared/websocket.ts";
import { encodeFrame } from "../../../drivers/codecs/stomp.ts";
import { within } from "../../../drivers/deadline.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import { StompConnection } from "../../../drivers/stomp.ts";
import {
  closePayload,
  codeIn,
  opcodes,
  type Frame,
  type FrameShape,
  type FrameSocket,
} from "../../../drivers/websocket-frames.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, Inconclusive, type Proofs } from "../../../runner/proof.ts";
import { own, rely, step } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import type { World } from "../../../runner/world.ts";
import { ownHearing } from "../steps/hearing.ts";
import {
  answerTo,
  connecting,
  doorsOf,
  firstMessage,
  openFrames,
  ping,
  sayIfLimited,
  seatOn,
  type Door,
} from "../steps/octets.ts";

/** Not every cut is at a boundary of characters: one of "안" has three octets. */
const pieceBytes = 7;
const pingEvery = 5;

/** RFC 6455 7.4.1: they stand for what was not sent. */
const codesForNobody = [1_005, 1_006, 1_015];

/** Each is an error by itself, on a connection of its own. */
const malformed: readonly (readonly [what: string, ...frames: FrameShape[]])[] = [
  ["a ping of 126 octets", { opcode: "ping", payload: "x".repeat(126) }],
  [
    "a ping in two fragments",
    { opcode: "ping", payload: "a", isFinal: false },
    { opcode: "continuation", payload: "b" },
  ],
  ["a ping with the first reserved bit", { opcode: "ping", reserved: 4 }],
  ["a ping with the last reserved bit", { opcode: "ping", reserved: 1 }],
  ["a frame with the opcode 3", { opcode: 3, payload: "x" }],
  ["a frame with the opcode 11", { opcode: 11, payload: "x" }],
  ["a continuation of nothing", { opcode: "continuation", payload: "\n" }],
];

/** What no UTF-8 holds: no octet, a longer form than needed, half of a pair, a character that ends too early. */
const noUtf8: readonly (readonly number[])[] = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xec, 0x95]];

/** Of two, three and four octets. */
const goodUtf8 = [...Buffer.from("é안🙂")];

/** A message in which the octets stand for its text. */
function messageWith(world: World, door: Door, octets: readonly number[]): Buffer {
  const marker = world.marker();
  const [before, after] = firstMessage(world, door, marker).split(marker);
  return Buffer.concat([Buffer.from(before!), Buffer.from(octets), Buffer.from(after!)]);
}

/** The same messages with good octets leave the connection open: or what ends it is not the octets. */
async function relyOnGoodTexts(world: World, door: Door): Promise<void> {
  const message = messageWith(world, door, goodUtf8);
  for (const frames of [[{ opcode: "text", payload: message }] as const, fragmentsOf(message, false)]) {
    const socket = await openFrames(world, door);
    socket.send(...frames);
    await ping(world, socket, "after").catch((error: unknown) => {
      if (!(error instanceof TargetError)) throw error;
      throw new Inconclusive(`a text that is UTF-8 ends the connection, too: ${error.message}`);
    });
    await socket[Symbol.asyncDispose]();
  }
}

function fragmentsOf(bytes: Buffer, pings: boolean): FrameShape[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  return pieces.flatMap((payload, at): FrameShape[] => [
    { opcode: at === 0 ? "text" : "continuation", payload, isFinal: at === pieces.length - 1 },
    ...(pings && at % pingEvery === 0 && at < pieces.length - 1 ? [{ opcode: "ping", payload: `${at}` } as const] : []),
  ]);
}

/** By a close frame or without. Throws TimeoutError. */
async function awaitEnd({ deadlineMs }: World, socket: FrameSocket, what: string): Promise<void> {
  const lateFromMs = performance.now() + deadlineMs;
  await within<unknown>(deadlineMs, socket.ended, () => {
    throw new TimeoutError(`${what} does not end the connection within ${deadlineMs} ms`, [], {
      connection: socket.name,
      awaitLate: (limitMs) =>
        within(
          limitMs,
          socket.ended.then((): number | undefined => performance.now() - lateFromMs),
          () => undefined,
        ),
    });
  });
}

/** On a connection of its own, which answers pings until then; somebody else who is connected stays so. */
async function claimItEnds(
  world: World,
  [door, other]: readonly [Door, Door],
  what: string,
  frames: readonly FrameShape[],
): Promise<FrameSocket> {
  const [bystander, socket] = [await openFrames(world, other), await openFrames(world, door)];
  for (const one of [bystander, socket]) await ping(world, one, "before");
  socket.send(...frames);
  world.transcript.look(socket.name);
  await awaitEnd(world, socket, what);
  await own("answer a ping", () => ping(world, bystander, "behind")).catch((error: unknown) => {
    claim(!(error instanceof TargetError), `${what} ends the connection of somebody else, too: ${String(error)}`);
    throw error;
  });
  for (const one of [bystander, socket]) await one[Symbol.asyncDispose]();
  return socket;
}

/** The same handshake opens a WebSocket when it is whole. */
async function relyOnHandshake(world: World, door: Door): Promise<void> {
  const { status } = await step(connecting(door), () => answerTo(world, door, {}));
  sayIfLimited(status);
  rely(connecting(door), status === 101, `a handshake is answered ${status ?? "by hanging up"}`);
}

/** Undefined: it was not answered as HTTP is, or not at all. */
async function statusOf(world: World, door: Door, wrong: Parameters<typeof answerTo>[2]): Promise<number | undefined> {
  try {
    return (await answerTo(world, door, wrong)).status;
  } catch (error) {
    if (error instanceof TimeoutError || (error instanceof TargetError && error.code === "malformed")) return undefined;
    throw error;
  }
}

/** A CONNECT in fragments, then a SEND that somebody hears. */
async function stompInFragments(world: World, door: Door, bob: Account): Promise<void> {
  await world.stomp(door.account); // whole, it connects
  const socket = await openFrames(world, door);
  await ping(world, socket, "before");
  const connection = world.track(new StompConnection(socket.asTransport(), world.transcript, door.account.label));
  socket.send(...fragmentsOf(Buffer.from(firstMessage(world, door, "안녕 🙂")), true));
  const isAnswer = ({ command }: { command: string }): boolean => command === "CONNECTED" || command === "ERROR";
  const answer = await connection.inbox.awaitItem("CONNECTED for a CONNECT in fragments", isAnswer, world.deadlineMs);
  claim(answer.command === "CONNECTED", "a CONNECT in fragments is answered by ERROR");
  if (!world.system.features.has("send")) return;
  const { account } = door;
  const channel = await world.privateChannel(account, bob);
  const heard = await world.subscribe(await world.stomp(bob), channel);
  const marker = world.marker();
  const text = `${marker} 안녕하세요 🙂`;
  const { destination, headers, body } = world.speaker.sendOf(account, channel.room, text);
  await ownHearing(world, account, channel, async () => {
    socket.send(...fragmentsOf(Buffer.from(encodeFrame("SEND", { destination, ...headers }, body)), true));
    const message = await step("hear a sent message", () =>
      heard.awaitMessage("what was sent in fragments", (frame) => holds(frame.body, marker), world.deadlineMs),
    );
    claim(world.messageOf(message).text === text, `a text in fragments was heard as ${JSON.stringify(message.body)}`);
  });
}

async function roomInFragments(world: World, door: Door): Promise<void> {
  const socket = await openFrames(world, door);
  await ping(world, socket, "before");
  const { speaker, listener } = await seatOn(world, socket, door.account, door.channel!);
  const marker = world.marker();
  const text = `${marker} 안녕하세요 🙂`;
  socket.send(...fragmentsOf(Buffer.from(speaker.messageOf(text)), true));
  const heard = await own("hear in a raw room", () => listener.hear(marker));
  claim(heard === text, `a text in fragments was heard as ${JSON.stringify(heard)}`);
}

const isData = ({ opcode }: Frame): boolean => opcode <= opcodes.binary;

/** Of what came so far. */
function dataBehindClose({ inbox: { items } }: FrameSocket): Frame[] {
  const at = items.findIndex(({ opcode }) => opcode === opcodes.close);
  return at < 0 ? [] : items.slice(at).filter(isData);
}

/** Somebody who subscribed, on a socket whose frames are ours. */
async function subscriber(world: World, [door, { account: bob }]: readonly [Door, Door]) {
  const channel = await world.privateChannel(door.account, bob);
  const socket = await openFrames(world, door);
  const connection = world.track(new StompConnection(socket.asTransport(), world.transcript, door.account.label));
  const headers = world.speaker.connectHeaders(door.account);
  await step("connect", () => connection.connect({ headers, deadlineMs: world.deadlineMs }));
  connection.subscribeHeadersOf = () => world.speaker.subscribeHeaders(door.account, channel.room);
  const subscription = await world.subscribe(connection, channel);
  // Somebody else, on one connection: to open one for each word takes a broker longer than all the rest.
  const speaker = await world.stomp(bob);
  const echo = await world.subscribe(speaker, channel);
  const say = async (text: string): Promise<void> => {
    if (world.system.features.has("send")) world.sendMessage(speaker, bob, channel, text);
    else await world.post(bob, channel, text);
  };
  return { say, echo, socket, connection, subscription };
}

const clientsClose = { opcode: "close", payload: closePayload(1_000) } as const;

/** Who ends it, and how: by the client's close, or by what the server closes at. */
const ends: readonly [what: string, by: "client" | "server"][] = [
  ["the client's close", "client"],
  ["an unknown command", "server"],
];

/**
 * It ends while much is said: whatever comes, comes before the server's close frame. Undefined: no close frame came,
 * and so nothing can come behind it.
 */
async function dataBehindEnd(
  world: World,
  doors: readonly [Door, Door],
  by: "client" | "server",
): Promise<Frame[] | undefined> {
  const { say, echo, socket, connection, subscription } = await subscriber(world, doors);
  const first = world.marker("first");
  await say(first);
  await world.hear(subscription, first);
  const talk = Array.from({ length: 6 }, (_, at) => say(world.marker(`n${at}`)));
  if (by === "client") socket.send(clientsClose);
  else connection.sendRaw("ROLLCALL\n\n\0");
  await Promise.all(talk);
  const fence = world.marker("fence");
  await say(fence);
  await world.hear(echo, fence);
  await within<unknown>(world.deadlineMs, socket.ended, () => undefined);
  // Our part of the closing, so that the server's ends: what was written comes before.
  if (by === "server" && connection.closeInfo !== undefined) socket.send(clientsClose);
  await within<unknown>(Math.min(2_000, world.deadlineMs), socket.gone, () => undefined);
  world.transcript.look(socket.name);
  return socket.inbox.items.some(({ opcode }) => opcode === opcodes.close) ? dataBehindClose(socket) : undefined;
}

export const websocket: Proofs<typeof area> = {
  "websocket.other-versions-are-refused": async (world) => {
    const [door] = await doorsOf(world);
    await relyOnHandshake(world, door);
    const { status, headers } = await answerTo(world, door, { headers: { "Sec-WebSocket-Version": "99" } });
    sayIfLimited(status);
    const answered = status ?? "by hanging up";
    claim(status !== undefined && status >= 400 && status < 500, `a handshake for version 99 is answered ${answered}`);
    const named = headers.get("sec-websocket-version");
    claim(
      named?.split(",").some((version) => version.trim() === "13") === true,
      `the answer ${status} to a handshake for version 99 has Sec-WebSocket-Version ${named ?? "nowhere"}`,
    );
  },

  // Whatever else it is answered, or not: a proxy may have its own idea of Connection.
  "websocket.half-handshakes-are-refused": async (world) => {
    const [door] = await doorsOf(world);
    await relyOnHandshake(world, door);
    for (const [what, wrong] of [
      ["a handshake without Sec-WebSocket-Key", { headers: { "Sec-WebSocket-Key": undefined } }],
      ["a request without Upgrade", { headers: { Upgrade: undefined } }],
      ["a POST", { method: "POST", headers: { "Content-Length": "0" } }],
    ] as const) {
      const status = await statusOf(world, door, wrong);
      if (status === 429) sayIfLimited(status);
      claim(status !== 101, `${what} is upgraded`);
    }
  },

  "websocket.pings-are-answered": async (world) => {
    const [door] = await doorsOf(world);
    const socket = await openFrames(world, door);
    await own("answer a ping", async () => {
      for (const payload of ["", "p", "x".repeat(125)]) await ping(world, socket, payload);
      const [begin] = fragmentsOf(Buffer.from(firstMessage(world, door, world.marker())), false);
      socket.send(begin!);
      await ping(world, socket, "between two fragments");
    });
  },

  "websocket.pongs-are-ignored": async (world) => {
    const [door] = await doorsOf(world);
    const socket = await openFrames(world, door);
    await ping(world, socket, "before");
    for (const payload of ["", "p", "before"]) socket.send({ opcode: "pong", payload });
    await own("answer a ping", () => ping(world, socket, "after"));
  },

  "websocket.fragments-are-put-together": async (world) => {
    const [door, { account: bob }] = await doorsOf(world);
    await (door.channel === undefined ? stompInFragments(world, door, bob) : roomInFragments(world, door));
  },

  "websocket.unmasked-frames-end-it": async (world) => {
    const frame = { opcode: "ping", payload: "unmasked", isMasked: false } as const;
    await claimItEnds(world, await doorsOf(world), "a frame that is not masked", [frame]);
  },

  "websocket.malformed-frames-end-it": async (world) => {
    const doors = await doorsOf(world);
    for (const [what, ...frames] of malformed) await claimItEnds(world, doors, what, frames);
  },

  "websocket.texts-are-utf-8": async (world) => {
    const doors = await doorsOf(world);
    await relyOnGoodTexts(world, doors[0]);
    for (const octets of noUtf8) {
      const message = messageWith(world, doors[0], octets);
      const what = `a text with the octets ${Buffer.from(octets).toString("hex")}`;
      await claimItEnds(world, doors, what, [{ opcode: "text", payload: message }]);
      await claimItEnds(world, doors, `${what} in fragments`, fragmentsOf(message, false));
    }
  },

  "websocket.codes-for-nobody": async (world) => {
    const doors = await doorsOf(world);
    for (const code of [999, ...codesForNobody, 5_000]) {
      const frame = { opcode: "close", payload: closePayload(code) } as const;
      const { inbox } = await claimItEnds(world, doors, `a close frame with ${code}`, [frame]);
      const answer = inbox.items.find(({ opcode }) => opcode === opcodes.close);
      const answered = answer && codeIn(answer);
      claim(
        answered === undefined || !codesForNobody.includes(answered),
        `a close frame with ${code} is answered by one with ${answered}`,
      );
    }
    await claimItEnds(world, doors, "a close frame with half a code", [{ opcode: "close", payload: "\u0003" }]);
  },

  "websocket.nothing-after-the-close": async (world) => {
    const doors = await doorsOf(world);
    let closedCount = 0;
    for (const [what, by] of ends) {
      const late = await dataBehindEnd(world, doors, by);
      if (late !== undefined) closedCount += 1;
      const [first] = late ?? [];
      claim(first === undefined, () => `after ${what}, data came behind the close frame: ${String(first!.payload)}`);
    }
    if (closedCount === 0) throw new Inconclusive("the server sends no close frame, whoever closes");
  },
};
