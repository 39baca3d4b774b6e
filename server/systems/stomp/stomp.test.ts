import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { freePortVariables } from "../../../systems/served/wire.ts";
import { readConfig } from "../../config.ts";
import { openInstance, type Instance } from "../../instance.ts";
import { readFrames, type ShownFrame } from "../../realtime/fakes.ts";
import { lendStores } from "../../store/lent-pglite.ts";

let instance: Instance;
const log: string[] = [];
beforeAll(async () => {
  const variables = { ...freePortVariables, SYSTEMS: "stomp", STOMP_USERS: "ann:a:b,ben:secret" };
  instance = await openInstance(
    readConfig(variables),
    pino({ level: "info" }, { write: (line) => void log.push(line) }),
    (_, systems) => lendStores(systems),
  );
}, 60_000);
afterAll(() => instance.drain());

const connectFrame = (login: string, passcode: string): string =>
  `CONNECT\naccept-version:1.2\nlogin:${login}\npasscode:${passcode}\n\n\0`;

/** What came over TCP, once so many frames did. */
async function framesOf(socket: Socket, count: number): Promise<ShownFrame[]> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    bytes = Buffer.concat([bytes, chunk]);
    const frames = readFrames(bytes);
    if (frames.length >= count) return frames;
  }
}

/** `from`: the loopback address to come from; each is another client. */
function openTcp(from = "127.0.0.1"): Socket {
  const { hostname, port } = new URL(instance.tcp!);
  return connect({ port: Number(port), host: hostname, localAddress: from });
}

/** What CONNECT is answered over TCP. */
async function connectOver(from: string, login: string, passcode: string): Promise<ShownFrame> {
  const socket = openTcp(from);
  socket.write(connectFrame(login, passcode));
  const [answer] = await framesOf(socket, 1);
  socket.destroy();
  return answer!;
}

/** What CONNECT is answered over WebSocket. */
async function connectByWebSocket(from: string, login: string, passcode: string): Promise<ShownFrame> {
  const url = `${instance.urls["stomp"]!.replace("http", "ws")}/stomp`;
  const webSocket = new WebSocket(url, ["v12.stomp"], { localAddress: from });
  await once(webSocket, "open");
  webSocket.send(connectFrame(login, passcode));
  const [data] = (await once(webSocket, "message")) as [Buffer];
  webSocket.terminate();
  return readFrames(data)[0]!;
}

test.each([
  ["ann", "a:b", "CONNECTED"],
  ["ben", "secret", "CONNECTED"],
  ["ann", "a", "ERROR"],
  ["ann", "", "ERROR"],
  ["demo", "rollcall-demo", "ERROR"],
  ["", "", "ERROR"],
])("over TCP %j with the passcode %j is answered %s", async (login, passcode, command) => {
  const socket = openTcp();
  socket.write(connectFrame(login, passcode));
  const [answer] = await framesOf(socket, 1);
  expect(answer!.command).toBe(command);
  if (command === "ERROR") await once(socket, "end");
  socket.destroy();
});

test("octets that are no text arrive as they are, over TCP, and in a binary message over WebSocket", async () => {
  const octets = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
  const socket = openTcp();
  const webSocket = new WebSocket(`${instance.urls["stomp"]!.replace("http", "ws")}/stomp`, ["v12.stomp"]);
  await once(webSocket, "open");
  const subscribe = "SUBSCRIBE\nid:1\ndestination:/topic/octets\nreceipt:r\n\n\0";
  webSocket.send(connectFrame("ben", "secret") + subscribe);
  const messages: [Buffer, boolean][] = [];
  webSocket.on("message", (data, isBinary) => messages.push([data as Buffer, isBinary]));
  while (messages.length < 2) await once(webSocket, "message");
  socket.write(connectFrame("ann", "a:b") + subscribe);
  await framesOf(socket, 2);
  socket.write("SEND\ndestination:/topic/octets\ncontent-length:256\n\n");
  socket.write(Buffer.concat([octets, Buffer.from([0])]));
  const [chunk] = (await once(socket, "data")) as [Buffer];
  expect(chunk.includes(octets)).toBe(true);
  while (messages.length < 3) await once(webSocket, "message");
  expect(messages.map(([, isBinary]) => isBinary)).toEqual([false, false, true]);
  expect(messages[2]![0].includes(octets)).toBe(true);
  webSocket.terminate();
  socket.destroy();
});

test("a passcode can be guessed ten times from an address, over any transport, and others are let in", async () => {
  log.length = 0;
  const here = "127.0.0.3";
  const guesses = Array.from({ length: 30 }, (_, at) =>
    (at % 2 === 0 ? connectOver : connectByWebSocket)(here, "ben", `guess-${at}`),
  );
  const answers = await Promise.all(guesses);
  expect(answers.map(({ command }) => command)).toEqual(Array.from({ length: 30 }, () => "ERROR"));
  const tooMany = /too many attempts failed; the next one counts in \d+ s/;
  expect(answers.filter(({ headers }) => tooMany.test(headers["message"]!))).toHaveLength(20);
  // The right one is no longer told from the others.
  for (const attempt of [connectOver, connectByWebSocket])
    expect(await attempt(here, "ben", "secret")).toMatchObject({
      headers: { message: expect.stringMatching(tooMany) },
    });
  expect((await connectOver("127.0.0.4", "ben", "secret")).command).toBe("CONNECTED");
  expect((await connectOver(here, "ann", "a:b")).command).toBe("CONNECTED");
  const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ refused }) => refused);
  expect(lines).toHaveLength(32);
  for (const line of lines) expect(line).toMatchObject({ refused: "connect", who: "ben", from: here, what: "CONNECT" });
  expect(log.join("")).not.toMatch(/guess-|secret/);
});
