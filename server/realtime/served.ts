// A whole server on a free port, with rules in memory, and clients that say exactly what a test wants said.

import { once } from "node:events";
import { request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { connect as openSocket, type AddressInfo } from "node:net";
import { json, Router, type RequestHandler } from "express";
import { pino } from "pino";
import { WebSocket } from "ws";
import { MemoryBus } from "../bus/memory-bus.ts";
import { openEdge } from "../edge.ts";
import { createHttpServer } from "../http.ts";
import { FakePorts, principal } from "./fakes.ts";
import { openMetrics } from "./metrics.ts";
import { LocalPresence, PresenceTracker } from "../presence/presence.ts";
import { openRealtime } from "./realtime.ts";

/** A whole server on a free port, with rules in memory. */
export async function serve(trustedProxies: string[] = []) {
  const ports = new FakePorts();
  const fail = (error: unknown): void => {
    throw error;
  };
  const bus = new MemoryBus((_, error) => fail(error));
  const metrics = openMetrics("test");
  const presence = new PresenceTracker(new LocalPresence(), fail);
  presence.announceBy((userId, online) => ports.announceOnline(userId, online));
  const limits = { socketsPerUserMax: 3, streamsPerUserMax: 2 };
  const edge = openEdge({ allowedOrigins: ["http://friend.test"], trustedProxies }, pino({ level: "silent" }));
  const realtime = openRealtime({
    ports,
    bus,
    presence,
    metrics,
    ...limits,
    ...edge,
    onFault: fail,
    loginSweepEveryMs: 100,
  });
  await realtime.follow();
  const routes = (): Router => {
    const login: RequestHandler = (req, res, next) => {
      res.locals["principal"] = principal(req.get("Authorization")?.slice(7) ?? "nobody");
      next();
    };
    const api = Router().get("/api/sse", login, realtime.events);
    api.get(
      "/api/who",
      (req, res) => void res.json({ address: req.ip, secure: req.secure, locals: Object.keys(res.locals) }),
    );
    // Refuses what is long, as routes do.
    return api.post("/api/json", json({ limit: 1_000 }), (_, res) => void res.json("ok"));
  };
  const system = { realtime: ports, routes, close: () => Promise.resolve() };
  const server = createHttpServer({
    system,
    realtime,
    registry: metrics.registry,
    dependencies: [],
    instance: "i1",
    edge,
    onFault: fail,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    await realtime.drain();
    await presence.close();
    server.closeAllConnections();
    server.close();
  };
  return { ports, bus, realtime, edge, server, port, [Symbol.asyncDispose]: close };
}

export interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
}

export function call(
  port: number,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body = "",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", method, path, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
}

/** A response that goes on: resolves when the text so far satisfies the condition. */
export async function stream(port: number, method: string, path: string, headers: OutgoingHttpHeaders = {}) {
  const sent = request({ port, host: "127.0.0.1", method, path, headers, agent: false }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  response.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => response.on("close", resolve));
  const until = async (found: string): Promise<string> => {
    while (!text.includes(found)) await once(response, "data");
    return text;
  };
  return { response, until, ended, text: () => text, destroy: () => sent.destroy() };
}

export async function socket(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  protocols: string[] = [],
) {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
  const got: string[] = [];
  let more = (): void => undefined;
  webSocket.on("message", (data: Buffer) => {
    got.push(data.toString());
    more();
  });
  const closed = new Promise<[number, string]>((resolve) =>
    webSocket.on("close", (code, reason) => resolve([code, reason.toString()])),
  );
  const until = async (count: number): Promise<string[]> => {
    while (got.length < count) await new Promise<void>((resolve) => (more = resolve));
    return got;
  };
  await once(webSocket, "open");
  return { webSocket, got, until, closed };
}

/** Raw bytes to the server; `until` resolves with all that came when it holds the text. */
export async function rawClient(port: number) {
  const raw = openSocket(port, "127.0.0.1");
  let text = "";
  raw.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  raw.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => raw.once("close", () => resolve()));
  await once(raw, "connect");
  const until = async (found: string): Promise<string> => {
    while (!text.includes(found)) await once(raw, "data");
    return text;
  };
  return { raw, until, closed, text: () => text };
}
