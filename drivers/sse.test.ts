import type { ServerResponse } from "node:http";
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

test("EventStream tells a stream that was cut in the middle of an event from one that ended", async () => {
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

test("EventStream tells an orderly end between two events", async () => {
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
