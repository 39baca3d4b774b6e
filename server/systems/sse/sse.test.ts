// The event streams of the whole server, embedded, spoken to as strangers do; and what they keep, without a server.

import { once } from "node:events";
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Request, type RequestHandler, type Response } from "express";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoToken as token, limits, retention, streamPath } from "../../../systems/sse/wire.ts";
import type { EventRecord } from "../../bus/records.ts";
import { openEdge } from "../../edge.ts";
import { ask, askJson, openTestInstance, type TestInstance } from "../../fakes.ts";
import { openMetrics } from "../../realtime/metrics.ts";
import type { RealtimeOptions } from "../../realtime/realtime.ts";
import { RequestShare } from "../../security/request-share.ts";
import type { SystemContext } from "../system.ts";
import { sseRoutes } from "./routes.ts";
import { allStreamsBytesMax, NamedStreams, streamsKeptMax } from "./streams.ts";
import { Tokens } from "./tokens.ts";

let instance: TestInstance;
let base: string;
const open: IncomingMessage[] = [];

beforeAll(async () => {
  instance = await openTestInstance({ SYSTEMS: "sse", DRAIN_MS: "500", STREAMS_PER_USER_MAX: "3" });
  base = instance.urls["sse"];
}, 60_000);

afterAll(async () => {
  for (const response of open) response.destroy();
  await instance[Symbol.asyncDispose]();
});

/** A stream that answered, and what came of it until `matches`. */
async function listen(path: string, headers: Record<string, string> = {}) {
  const asked = request(`${base}${path}`, { agent: false, headers: { authorization: `Bearer ${token}`, ...headers } });
  asked.end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  open.push(response);
  response.on("error", () => undefined);
  let text = "";
  response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  const until = async (words: string): Promise<string> => {
    while (!text.includes(words)) await once(response, "data");
    return text;
  };
  return { response, until, close: () => void response.destroy() };
}

const publish = async (name: string, event: unknown): Promise<string> => {
  const { status, text } = await askJson(base, "POST", streamPath(name), event, { token });
  expect([status, text]).toEqual([202, expect.stringContaining("id")]);
  return (JSON.parse(text) as { id: string }).id;
};

test("a stream begins with retry and a comment, and hears what is published, line by line", async () => {
  const { response, until, close } = await listen(streamPath("lines"));
  expect(response.headers).toMatchObject({
    "content-type": "text/event-stream;charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  });
  expect(await until(": open\n\n")).toBe("retry: 3000\n\n: open\n\n");
  const first = await publish("lines", { event: "news", data: "one\r\n\n  two\rthree" });
  const second = await publish("lines", { data: "end" });
  expect(await until("data: end\n\n")).toContain(
    `id: ${first}\nevent: news\ndata: one\ndata: \ndata:   two\ndata: three\n\nid: ${second}\nevent: message\ndata: end\n\n`,
  );
  close();
});

test("a stream goes on after an id, by header and by query, and says when it cannot", async () => {
  const ids = [await publish("resume", { data: "1" }), await publish("resume", { data: "2" })];
  for (const { path, headers } of [
    { path: streamPath("resume"), headers: { "last-event-id": ids[0]! } },
    { path: `${streamPath("resume")}?lastEventId=${ids[0]}`, headers: {} },
  ]) {
    const { until, close } = await listen(path, headers);
    const text = await until("data: 2\n\n");
    expect(text).not.toContain("data: 1\n");
    close();
  }
  const { until, close } = await listen(streamPath("resume"), { "last-event-id": "unknown" });
  expect(await until("unknown")).toContain(`id: ${ids[1]}\nevent: replay.gap\n`);
  close();
  // Its ids are no ids of another stream.
  const other = await listen(streamPath("other"), { "last-event-id": ids[0]! });
  expect(await other.until("unknown")).toContain("event: replay.gap\n");
  other.close();
});

test.each([
  ["nobody", "GET", "a", {}, 401, { "www-authenticate": "Bearer" }],
  ["a stranger's token", "GET", "a", { token: "rollcall-demo-token-of-sss" }, 401],
  ["nobody who publishes", "POST", "a", {}, 401],
  ["a name with a space", "GET", "a%20b", { token }, 404],
  ["a name that is too long", "GET", "a".repeat(65), { token }, 404],
  ["a reader of JSON", "GET", "a", { token, headers: { accept: "application/json" } }, 406],
  ["HEAD", "HEAD", "a", { token }, 200],
  ["OPTIONS", "OPTIONS", "a", {}, 204, { allow: "GET, HEAD, POST, OPTIONS" }],
  ["another method", "DELETE", "a", { token }, 405, { allow: "GET, HEAD, POST, OPTIONS" }],
] as const)("a request of %s gets what it should", async (_, method, name, asked, expected, heads: object = {}) => {
  const { status, headers } = await ask(base, method, streamPath(name), asked);
  expect(status).toBe(expected);
  expect(headers).toMatchObject(heads);
});

test.each([
  ["an id", { data: "x", id: "1" }, 400],
  ["no data", { event: "x" }, 400],
  ["a name of two lines", { data: "x", event: "a\nb" }, 400],
  ["a name of nothing", { data: "x", event: "" }, 400],
  ["half a character", { data: "\ud800" }, 400],
  ["too much", { data: "é".repeat(limits.dataBytesMax / 2 + 1) }, 413],
  ["as much as it may", { data: "é".repeat(limits.dataBytesMax / 2) }, 202],
])("publishing with %s gets what it should", async (_, event, expected) => {
  const { status } = await askJson(base, "POST", streamPath("refused"), event, { token });
  expect(status).toBe(expected);
});

test("one stream too many of a token is refused, with a time to come again", async () => {
  const mine = [1, 2, 3].map((number) => listen(streamPath(`many-${number}`)));
  const streams = await Promise.all(mine);
  const { status, headers } = await ask(base, "GET", streamPath("many"), { token });
  expect([status, headers["retry-after"]]).toEqual([429, "10"]);
  for (const { close } of streams) close();
});

test("what the log does not take is refused, with a time to come again", async () => {
  const faults: unknown[] = [];
  const cause = new Error("no broker");
  const core = {
    bus: { publish: () => Promise.reject(cause), caughtUp: () => Promise.resolve() },
    trace: { refused: () => undefined },
    onFault: (fault: unknown) => void faults.push(fault),
  };
  const edge = openEdge({ allowedOrigins: [], trustedProxies: [] }, pino({ level: "silent" }));
  const app = express().use((_, response, next) => {
    response.locals["share"] = new RequestShare(edge, "here");
    next();
  });
  app.use(sseRoutes(core as unknown as SystemContext, new Tokens([token]), () => undefined));
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { status, headers } = await askJson(url, "POST", streamPath("a"), { data: "x" }, { token });
  server.close();
  expect([status, headers["retry-after"]]).toEqual([503, "1"]);
  expect(faults).toMatchObject([{ cause }]);
});

// --- what is kept

const nobody = new Tokens([]);

test("Tokens lets in nobody where none was configured", () => {
  expect(nobody.read("")).toBeUndefined();
  expect(nobody.read(token)).toBeUndefined();
  expect(nobody.read(undefined)).toBeUndefined();
});

/** Streams without a server. */
function namedStreams(): NamedStreams {
  const options = { metrics: openMetrics("sse"), streamsPerUserMax: 100, ports: { profile: { greeting: {} } } };
  return new NamedStreams(options as unknown as RealtimeOptions);
}

let made = 0;
const record = (stream: string, bytes: number, createdAtMs = Date.now()): EventRecord => ({
  topic: "events",
  id: `id-${++made}`,
  name: "message",
  data: "x".repeat(bytes),
  receivers: "everyone",
  stream,
  createdAtMs,
});

test("a stream keeps so many events, so many bytes, and for so long", () => {
  const streams = namedStreams();
  const large = 64 * 1024;
  for (let count = 0; count < 200; count++) streams.publish(record("large", large), true);
  expect(streams.bytes).toBeLessThanOrEqual(retention.bytesMax);
  expect(streams.bytes).toBeGreaterThan(retention.bytesMax - 2 * large);
  streams.forgetOld(Date.now() + retention.ageMsMax + 1);
  expect([streams.bytes, streams.names]).toEqual([0, []]);
  for (let count = 0; count < retention.eventsMax + 5; count++) streams.publish(record("many", 1), true);
  const perEvent = streams.bytes / retention.eventsMax;
  expect(perEvent).toBeLessThan(60);
});

test("all streams together keep so much: those that nobody published to lately are forgotten", () => {
  const streams = namedStreams();
  const large = 64 * 1024;
  for (let name = 0; name < 20; name++)
    for (let count = 0; count < 128; count++) streams.publish(record(`s${name}`, large - 200), true);
  expect(streams.bytes).toBeLessThanOrEqual(allStreamsBytesMax);
  expect(streams.names).not.toContain("s0");
  expect(streams.names).toContain("s19");
  for (let name = 0; name < streamsKeptMax + 10; name++) streams.publish(record(`t${name}`, 1), true);
  expect(streams.names.length).toBeLessThanOrEqual(streamsKeptMax);
  expect(streams.names).not.toContain("t0");
});

test("a stream that nobody listens to, and that keeps nothing, is forgotten", () => {
  const streams = namedStreams();
  const handler: RequestHandler = streams.events;
  let onClose = (): void => undefined;
  const response = { destroyed: true, on: (_: string, heard: () => void) => void (onClose = heard), locals: {} };
  const asked = { params: { name: "gone" }, query: {}, get: () => undefined };
  void handler(asked as unknown as Request, response as unknown as Response, () => undefined);
  expect(streams.names).toEqual(["gone"]);
  onClose();
  expect(streams.names).toEqual([]);
});
