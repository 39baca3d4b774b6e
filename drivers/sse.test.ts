import type { ServerResponse } from "node:http";
import { constants, createBrotliCompress, createDeflate, createGzip } from "node:zlib";
import { expect, test } from "vitest";
import { Network } from "./network.ts";
import { EventStream } from "./sse.ts";
import { openHttpServer, openTcpServer } from "./tiny-server.ts";
import { Secrets, Transcript } from "./transcript.ts";

const network = new Network();
const openStream = (url: string, headers: Record<string, string> = {}): EventStream =>
  new EventStream(url, { network, transcript: new Transcript(new Secrets()), label: "A", headers });

/** An event stream whose answers the test writes itself. */
async function openEventServer(): Promise<
  Awaited<ReturnType<typeof openHttpServer>> & { answer: Promise<ServerResponse> }
> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  const server = await openHttpServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    resolve(response);
  });
  return Object.assign(server, { answer: promise });
}

test("EventStream does not wait for a head that comes with the first event only", async () => {
  await using server = await openEventServer();
  await using stream = openStream(server.url);
  const answer = await server.answer; // no head was sent yet
  answer.write("event: ping\ndata: {}\n\n");
  expect(await stream.awaitEvent("ping", ({ name }) => name === "ping", 1_000)).toMatchObject({ data: "{}" });
  expect(await stream.head).toMatchObject({ status: 200, headers: { "content-type": "text/event-stream" } });
});

test("EventStream reads octets that are cut anywhere", async () => {
  await using server = await openEventServer();
  await using stream = openStream(server.url);
  const answer = await server.answer;
  answer.socket!.setNoDelay(true);
  for (const octet of Buffer.from("id: 1\ndata: 안녕 🎉\n\n")) {
    answer.write(Buffer.from([octet]));
    await new Promise(setImmediate);
  }
  expect(await stream.awaitEvent("the event", () => true, 1_000)).toMatchObject({ id: "1", data: "안녕 🎉" });
  expect(stream.lastId).toBe("1");
});

test("EventStream keeps octets as they came where it is asked to, and so many of them", async () => {
  await using server = await openEventServer();
  const options = { network, transcript: new Transcript(new Secrets()), label: "A" };
  await using stream = new EventStream(server.url, { ...options, keepsBytes: true });
  const answer = await server.answer;
  const odd = Buffer.from([0x3a, 0xff, 0x0a]);
  answer.write(odd);
  for (let count = 0; count < 40; count++) answer.write(`data: ${"x".repeat(32 * 1024)}\n\n`);
  answer.write("data: end\n\n");
  await stream.awaitEvent("the end", ({ data }) => data === "end", 5_000);
  expect(stream.bytes.subarray(0, 3)).toEqual(odd);
  expect(stream.bytes).toHaveLength(1024 * 1024);
});

test("EventStream distinguishes a stream that was cut in the middle of an event from one that ended", async () => {
  await using server = await openEventServer();
  await using stream = openStream(server.url);
  const answer = await server.answer;
  answer.write("data: whole\n\ndata: half");
  await stream.awaitEvent("whole", ({ data }) => data === "whole", 1_000);
  answer.destroy();
  await stream.closed;
  expect(stream.inbox.ended).toBe("the stream was cut");
  expect(stream.endedAtBoundary).toBe(false);
  expect(stream.events).toHaveLength(1);
});

test("EventStream recognises an orderly end between two events", async () => {
  await using server = await openEventServer();
  await using stream = openStream(server.url);
  (await server.answer).end("data: whole\n\n: bye\n");
  await stream.closed;
  expect(stream.inbox.ended).toBe("the stream ended");
  expect(stream.endedAtBoundary).toBe(true);
  await expect(stream.awaitEvent("more", () => false, 1_000)).rejects.toThrow("the stream ended");
});

test("EventStream reports a refusal, and passes Last-Event-ID on", async () => {
  let lastId: string | undefined;
  await using server = await openHttpServer((request, response) => {
    lastId = request.headers["last-event-id"] as string | undefined;
    response.writeHead(401).end("no");
  });
  await using stream = openStream(server.url, { "Last-Event-ID": "7" });
  await expect(stream.head).rejects.toMatchObject({ name: "TargetError", code: "refused", head: { status: 401 } });
  expect(stream.inbox.ended).toBe("refused with 401");
  expect(lastId).toBe("7");
});

test("EventStream reports a connection that closes without an answer", async () => {
  await using server = await openTcpServer((socket) => socket.once("data", () => socket.destroy()));
  await using stream = openStream(server.url);
  await expect(stream.head).rejects.toMatchObject({ name: "TargetError", code: "closed" });
  await stream.closed;
  expect(stream.inbox.ended).toMatch(/^the connection broke: /);
});

test("EventStream closes at once, even before a head came", async () => {
  await using server = await openHttpServer(() => {});
  const stream = openStream(server.url);
  stream.close();
  await stream.closed;
  expect(stream.inbox.ended).toMatch(/^the connection broke: /);
});

test.each([
  ["gzip", () => createGzip(), constants.Z_SYNC_FLUSH],
  ["deflate", () => createDeflate(), constants.Z_SYNC_FLUSH],
  ["br", () => createBrotliCompress(), constants.BROTLI_OPERATION_FLUSH],
] as const)(
  "EventStream reads a %s stream as it is flushed, and waits for what is held back",
  async (encoding, make, kind) => {
    const encoder = make();
    await using server = await openHttpServer((request, response) => {
      expect(request.headers["accept-encoding"]).toBe("gzip, deflate, br");
      response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": encoding });
      encoder.pipe(response);
    });
    await using stream = openStream(server.url);
    encoder.write("data: one\n\n");
    encoder.flush(kind);
    await stream.awaitEvent("one", ({ data }) => data === "one", 2_000);
    encoder.write("data: two\n\n");
    await expect(stream.awaitEvent("two", ({ data }) => data === "two", 100)).rejects.toThrow("nothing within 100 ms");
    encoder.end();
    await stream.awaitEvent("two, late", ({ data }) => data === "two", 2_000);
    await stream.closed;
    expect(stream.inbox.ended).toBe("the stream ended");
    expect(stream.endedAtBoundary).toBe(true);
  },
);

test("EventStream recognises a compressed stream that was cut", async () => {
  const encoder = createGzip();
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  await using server = await openHttpServer((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    encoder.pipe(response);
    resolve(response);
  });
  await using stream = openStream(server.url);
  encoder.write("data: one\n\n");
  encoder.flush();
  await stream.awaitEvent("one", () => true, 2_000);
  (await promise).destroy();
  await stream.closed;
  expect(stream.inbox.ended).toBe("the stream was cut");
});

test.each([
  ["gzip", "the stream is not what its Content-Encoding says"],
  ["zstd", 'its Content-Encoding is "zstd"'],
])("EventStream calls a stream malformed that says %s and is none", async (encoding, message) => {
  await using server = await openHttpServer((_, response) => {
    response.writeHead(200, { "content-encoding": encoding });
    response.write("data: plain\n\n");
  });
  await using stream = openStream(server.url);
  await expect(stream.awaitEvent("an event", () => true, 2_000)).rejects.toMatchObject({
    code: "malformed",
    message: expect.stringContaining(message) as string,
  });
});

test("EventStream sends the Origin of its page", async () => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  await using server = await openHttpServer((request, response) => {
    resolve(request.headers.origin);
    response.end();
  });
  const origin = "https://chat.example.org";
  await using _ = new EventStream(server.url, {
    network,
    transcript: new Transcript(new Secrets()),
    label: "A",
    origin,
  });
  expect(await promise).toBe(origin);
});

test("EventStream takes `retry:` in its own block for no event, and an id there for the last one", async () => {
  await using server = await openEventServer();
  await using stream = openStream(server.url);
  (await server.answer).write("retry: 3000\n\ndata: first\n\nid: 7\n\n");
  await stream.inbox.awaitCount("three blocks", () => true, 3, 1_000);
  expect(stream.events.map(({ data }) => data)).toEqual(["first"]);
  expect(stream.lastId).toBe("7");
});
