import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import { gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { SseParser } from "./codecs/sse.ts";
import { TargetError } from "./errors.ts";
import { Inbox } from "./inbox.ts";
import { beginningOf, bodyBytesMax, inboxCharsMax, lineCharsMax, messageBytesMax, takenItemsKept } from "./limits.ts";
import { Network } from "./network.ts";
import { RestClient } from "./rest.ts";
import { openSockjs } from "./sockjs.ts";
import { EventStream } from "./sse.ts";
import { StompConnection } from "./stomp.ts";
import { openHttpServer, openTcpServer, type TinyServer } from "./tiny-server.ts";
import { Secrets, Transcript } from "./transcript.ts";
import { openWebSocketTransport } from "./websocket.ts";

const network = new Network();
const transcript = (): Transcript => new Transcript(new Secrets());

/** What a target poured before it was cut off; without a limit the test would not end. */
async function pour(to: Writable, piece: Buffer | string): Promise<number> {
  let bytes = 0;
  while (!to.destroyed && bytes < 400 * 1_048_576) {
    bytes += Buffer.byteLength(piece);
    if (to.write(piece)) continue;
    const over = new AbortController();
    await Promise.race([once(to, "drain", over), once(to, "close", over)]).catch(() => {});
    over.abort();
  }
  return bytes;
}

/** A target that pours into every answer; `poured` is how much of it somebody took. */
async function openPouring(
  contentType: string,
  piece: Buffer | string,
  beginning = "",
): Promise<TinyServer & { poured: Promise<number> }> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = await openHttpServer((_, response: ServerResponse) => {
    response.writeHead(200, { "content-type": contentType });
    response.write(beginning);
    resolve(pour(response, piece));
  });
  return Object.assign(server, { poured: promise });
}

/** A WebSocket server by hand: it pours octets after the 101. */
async function openPouringSocket(piece: Buffer, beginning: Buffer): Promise<TinyServer> {
  const greet = (socket: Socket, head: string): void => {
    const key = /sec-websocket-key: (.*)\r\n/i.exec(head)![1]!;
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v12.stomp\r\n\r\n`,
    );
    socket.write(beginning);
    void pour(socket, piece);
  };
  return openTcpServer((socket) => socket.once("data", (head: Buffer) => greet(socket, head.toString())));
}

/** A text frame of a server. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0x817e);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

const malformed = (message: string): object => ({
  name: "TargetError",
  code: "malformed",
  message: expect.stringContaining(message) as string,
});

test.each([
  ["as it is", Buffer.alloc(1_048_576, " "), undefined],
  ["as gzip, 1,000 times smaller", gzipSync(Buffer.alloc(64 * 1_048_576)), "gzip"],
])("RestClient stops reading a body that is too large, %s", async (_, piece, encoding) => {
  await using server = await openHttpServer((request, response) => {
    response.writeHead(200, encoding === undefined ? {} : { "content-encoding": encoding });
    void pour(response, piece);
  });
  const rest = new RestClient({ baseUrl: server.url, network, transcript: transcript(), label: "A" });
  await expect(rest.request("GET", "/any")).rejects.toMatchObject({
    ...malformed(`Cannot read the answer to GET ${server.url}/any: the body is larger than 16 MiB`),
    // One reason for all who ask there.
    hint: "GET /any is answered with more than 16 MiB: no client can hold that",
  });
});

test("RestClient reads a body of just the limit", async () => {
  await using server = await openHttpServer((_, response) => response.end(Buffer.alloc(bodyBytesMax, "x")));
  const rest = new RestClient({ baseUrl: server.url, network, transcript: transcript(), label: "A" });
  expect((await rest.request("GET", "/any")).bytes).toHaveLength(bodyBytesMax);
});

test.each([
  ["a line without end", "x".repeat(65_536), "a line larger than 1 MiB", 8 * lineCharsMax],
  ["an event without end", `data: ${"x".repeat(1_000)}\n`.repeat(60), "an event larger than 2 MiB", 16 * lineCharsMax],
  ["comments without end", ":\n".repeat(8_000), "more than 2 MiB on one connection", 4 * inboxCharsMax],
])("EventStream hangs up on %s", async (_, piece, reason, bytesMax) => {
  await using server = await openPouring("text/event-stream", piece);
  await using stream = new EventStream(server.url, { network, transcript: transcript(), label: "A" });
  await expect(stream.awaitEvent("an event", () => false, 20_000)).rejects.toMatchObject(malformed(reason));
  await stream.closed;
  expect(await server.poured).toBeLessThan(bytesMax);
});

test("EventStream looks at little more than it keeps", async () => {
  const push = vi.spyOn(SseParser.prototype, "push");
  await using server = await openPouring("text/event-stream", ":\n".repeat(200_000));
  await using stream = new EventStream(server.url, { network, transcript: transcript(), label: "A" });
  await stream.closed;
  const itemCount = push.mock.results.reduce((sum, { value }) => sum + (value as unknown[]).length, 0);
  push.mockRestore();
  expect(stream.inbox.items.length).toBeGreaterThan(5_000);
  expect(itemCount).toBeLessThan(stream.inbox.items.length + 2_100);
});

test("EventStream does not read the body of a refusal", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  await using server = await openHttpServer((_, response) => {
    response.writeHead(401);
    resolve(pour(response, Buffer.alloc(65_536)));
  });
  await using stream = new EventStream(server.url, { network, transcript: transcript(), label: "A" });
  await expect(stream.head).rejects.toBeInstanceOf(TargetError);
  await stream.closed;
  expect(await promise).toBeLessThan(16 * 1_048_576);
});

const huge = (): Buffer => {
  const head = Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64BE(90n << 20n, 2);
  return head;
};

test.each([
  ["a message of 90 MiB", huge(), Buffer.alloc(65_536, "x"), "a message larger than 4 MiB"],
  [
    "fragments without end",
    Buffer.from([1, 1, 120]),
    Buffer.from([0, 1, 121].concat(...Array.from({ length: 500 }, () => [0, 1, 121]))),
    "a message in more than 4096 fragments",
  ],
  [
    "a STOMP frame without NUL",
    Buffer.alloc(0),
    frameOf(`MESSAGE\n\n${"x".repeat(50_000)}`),
    "a frame larger than 4 MiB",
  ],
  ["headers without end", frameOf("MESSAGE\n"), frameOf("name:value\n".repeat(5_000)), "a frame larger than 4 MiB"],
  [
    "a storm of MESSAGEs",
    Buffer.alloc(0),
    frameOf("MESSAGE\nsubscription:1\n\nhello\0".repeat(1_000)),
    "more than 4 MiB on one connection",
  ],
])("StompConnection hangs up on %s", async (_, beginning, piece, reason) => {
  await using server = await openPouringSocket(piece, beginning);
  const transport = await openWebSocketTransport(server.url.replace("http", "ws"), { network });
  await using connection = new StompConnection(transport, transcript(), "A");
  await expect(connection.inbox.awaitItem("a frame", () => false, 20_000)).rejects.toMatchObject(malformed(reason));
  await connection.closed;
});

test.each(["xhr-streaming", "xhr-polling"] as const)(
  "a SockJS session ends over a frame without end: %s",
  async (kind) => {
    await using server = await openPouring("application/javascript", Buffer.alloc(65_536, "a"), "o\n");
    const transport = await openSockjs(`${server.url}/ws`, kind, { network });
    await using connection = new StompConnection(transport, transcript(), "A");
    await expect(connection.inbox.awaitItem("a frame", () => false, 20_000)).rejects.toMatchObject(
      malformed("a frame is larger than 4 MiB"),
    );
    expect(await server.poured).toBeLessThan(8 * messageBytesMax);
  },
);

test("openSockjs() gives up on texts that come before the session is open", async () => {
  await using server = await openPouring("application/javascript", `a["${"x".repeat(10_000)}"]\n`);
  await expect(openSockjs(`${server.url}/ws`, "xhr-streaming", { network })).rejects.toMatchObject(
    malformed("more than 4 MiB before anybody listened"),
  );
});

test("Inbox keeps the newest items only where somebody takes them as they come", async () => {
  const inbox = new Inbox<{ text: string }>();
  let taken = 0;
  inbox.onItem = () => taken++;
  const waiting = inbox.awaitItem("the last one", ({ text }) => text === "last", 1_000);
  for (let count = 0; count < 20 * takenItemsKept; count++) inbox.push({ text: String(count) }, 1_000);
  expect(inbox.push({ text: "last" })).toBe(true);
  expect(taken).toBe(20 * takenItemsKept + 1);
  expect(inbox.items.length).toBeLessThan(2 * takenItemsKept);
  expect(inbox.items.at(-1)).toMatchObject({ text: "last" });
  expect(await waiting).toMatchObject({ text: "last" });
});

test("beginningOf() copies, whatever the characters", () => {
  expect(beginningOf("ascii", 3)).toBe("asc");
  expect(beginningOf("é안🎉\uD800", 5)).toBe("é안🎉\uD800");
});
