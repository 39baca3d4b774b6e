import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { messageBytesMax } from "./limits.ts";
import { Network } from "./network.ts";
import { openTcpServer } from "./tiny-server.ts";
import { Secrets, Transcript } from "./transcript.ts";
import {
  askToUpgrade,
  closePayload,
  codeIn,
  encodeFrame,
  FrameReader,
  FrameSocket,
  opcodes,
} from "./websocket-frames.ts";

const options = (network: Network) => ({
  network,
  transcript: new Transcript(new Secrets()),
  label: "A",
  openTimeoutMs: 2_000,
});

test.each([0, 125, 126, 65_535, 65_536])("a frame of %i octets is read whole, byte by byte and in twos", (length) => {
  const payload = Buffer.alloc(length, "x");
  const octets = Buffer.concat([encodeFrame({ opcode: "text", payload, isMasked: false }), Buffer.from([0x8a, 0])]);
  const wanted = [
    { opcode: opcodes.text, isFinal: true, payload },
    { opcode: opcodes.pong, isFinal: true, payload: Buffer.alloc(0) },
  ];
  expect(new FrameReader().push(octets)).toEqual(wanted);
  if (length > 126) return;
  for (const size of [1, 2]) {
    const reader = new FrameReader();
    const frames = [];
    for (let at = 0; at < octets.length; at += size) frames.push(...reader.push(octets.subarray(at, at + size)));
    expect(frames).toEqual(wanted);
  }
});

test("a frame that is too large is refused by its head", () => {
  const head = Buffer.alloc(10);
  head.set([0x82, 127]);
  head.writeBigUInt64BE(BigInt(messageBytesMax + 1), 2);
  expect(() => new FrameReader().push(head)).toThrow("a frame larger than 4 MiB");
});

test("frames go out as they are said, and come in as they are", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => socket.send(`heard ${data.toString()}`));
    socket.on("error", () => undefined);
  });
  const network = new Network();
  try {
    await once(server, "listening");
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using socket = await FrameSocket.open(url, options(network));
    const texts: string[] = [];
    socket.asTransport().onText((text) => texts.push(text));
    socket.send(
      { opcode: "text", payload: Buffer.from([0xec, 0x95]), isFinal: false },
      { opcode: "ping", payload: "p" },
      { opcode: "continuation", payload: Buffer.from([0x88]) },
    );
    await socket.inbox.awaitItem("the echo", ({ opcode }) => opcode === opcodes.text, 1_000);
    expect(texts).toEqual(["heard 안"]);
    expect(socket.inbox.items.map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([
      [opcodes.pong, "p"],
      [opcodes.text, "heard 안"],
    ]);
    socket.send({ opcode: "ping", isMasked: false });
    expect(await socket.ended).toMatchObject({ code: 1_002 });
    await using other = await FrameSocket.open(url, options(network));
    other.send({ opcode: "close", payload: closePayload(4_001, "enough") });
    await other.gone;
    expect(other.inbox.items.map(codeIn)).toEqual([4_001]);
    expect(await askToUpgrade(url, { ...options(network), method: "POST" })).toMatchObject({ status: 405 });
    const keyless = { ...options(network), headers: { "Sec-WebSocket-Key": undefined } };
    await expect(FrameSocket.open(url, keyless)).rejects.toThrow(/answered 400 instead of 101/);
  } finally {
    server.close();
    await network.close();
  }
}, 10_000);

test("a binary message may end inside a character", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket) => {
    socket.on("message", () => {
      for (const octets of [[0xec, 0x95], [0x88]]) socket.send(Buffer.from(octets));
    });
  });
  const network = new Network();
  try {
    await once(server, "listening");
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using socket = await FrameSocket.open(url, options(network));
    const texts: string[] = [];
    socket.asTransport().onText((text) => texts.push(text));
    socket.send({ opcode: "text", payload: "go on" });
    await socket.inbox.awaitCount("both", ({ opcode }) => opcode === opcodes.binary, 2, 1_000);
    expect(texts.join("")).toBe("안");
  } finally {
    server.close();
    await network.close();
  }
});

test.each([
  ["once", 1, 101],
  ["again and again", 9, 429],
])("a handshake that is told %s to come later is tried once more, after the wait", async (_, limitedCount, status) => {
  let count = 0;
  await using server = await openTcpServer((socket) => {
    socket.once("data", () => {
      count += 1;
      socket.end(count <= limitedCount ? "HTTP/1.1 429 Later\r\nRetry-After: 0\r\n\r\n" : "HTTP/1.1 101 Yes\r\n\r\n");
    });
  });
  const limits: unknown[] = [];
  const network = new Network({ onLimit: (limit) => limits.push(limit) });
  expect(await askToUpgrade(server.url.replace("http", "ws"), options(network))).toMatchObject({ status });
  expect([count, limits]).toEqual([2, [{ status: 429, waitMs: 0, request: "GET /" }]]);
  await network.close();
});

test.each([
  ["hangs up", "", { status: undefined }],
  ["answers in pieces", "HTTP/1.1 426 No\r\nA: 1\r\na: 2\r\n\r\n", { status: 426, headers: new Map([["a", "1, 2"]]) }],
])("a server that %s has answered", async (_, answer, wanted) => {
  await using server = await openTcpServer((socket) => {
    socket.once("data", () => {
      for (const character of answer) socket.write(character);
      socket.end();
    });
  });
  const network = new Network();
  expect(await askToUpgrade(server.url.replace("http", "ws"), options(network))).toMatchObject(wanted);
  await network.close();
});

test.each([
  ["is no HTTP", "SSH-2.0\r\n\r\n", /answered "SSH-2\.0"/],
  ["never ends", "HTTP/1.1 101 Yes\r\n" + `a: ${"x".repeat(100)}\r\n`.repeat(400), /a head larger than 16 KiB/],
])("an answer that %s is malformed", async (_, answer, because) => {
  await using server = await openTcpServer((socket) => socket.once("data", () => socket.write(answer)));
  const network = new Network();
  const url = server.url.replace("http", "ws");
  await expect(askToUpgrade(url, options(network))).rejects.toThrow(because);
  await network.close();
});
