// What does one system answer on its port? Health and metrics, SockJS and WebSockets at /ws, and the routes of the system.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { Registry } from "prom-client";
import { stompEndpoint, upstreamHeader } from "../contract/wire.ts";
import { findTroubles, type Dependency } from "./health.ts";
import type { Realtime } from "./realtime/realtime.ts";
import type { ChatSystem } from "./systems/system.ts";

export interface HttpOptions {
  system: ChatSystem;
  realtime: Realtime;
  registry: Registry;
  dependencies: readonly Dependency[];
  instance: string;
  onFault: (error: unknown) => void;
}

/** A request whose head or body does not come in this time is cut off; answers (streams) are not timed. */
const headWithinMs = 15_000;
const requestWithinMs = 120_000;

export function createHttpServer(options: HttpOptions): Server {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.use((_, response, next) => {
    response.set({ [upstreamHeader]: options.instance, "X-Content-Type-Options": "nosniff" });
    next();
  });
  app.get("/healthz", (_, response) => void response.json({ status: "ok" }));
  app.get("/readyz", async (_, response) => {
    const reasons = await findTroubles(options.dependencies);
    response.status(reasons.length === 0 ? 200 : 503).json({ status: reasons.length === 0 ? "ok" : "degraded", reasons });
  });
  app.get("/metrics", async (_, response) => {
    response.type(options.registry.contentType).send(await options.registry.metrics());
  });
  app.use(options.system.routes(options.realtime.events));
  const server = createServer({ headersTimeout: headWithinMs, requestTimeout: requestWithinMs }, (request, response) => {
    const sockJsPath = pathBelowEndpoint(request);
    if (sockJsPath === undefined) return void app(request, response);
    answerSockJs(sockJsPath, request, response, options);
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    options.realtime.upgrade(request, socket, head);
  });
  return server;
}

/** Routed before Express: empty and doubled path segments matter here, and nothing may parse the body. */
function pathBelowEndpoint({ url }: IncomingMessage): string | undefined {
  const path = (url ?? "").split("?", 1)[0] ?? "";
  return path === stompEndpoint || path.startsWith(`${stompEndpoint}/`) ? path.slice(stompEndpoint.length) : undefined;
}

function answerSockJs(path: string, request: IncomingMessage, response: ServerResponse, { realtime, instance, onFault }: HttpOptions): void {
  response.setHeader(upstreamHeader, instance);
  realtime.answerSockJs(path, request, response).catch((error: unknown) => {
    onFault(error);
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
}

/** @throws when the port is taken or may not be used. */
export async function listen(server: Server, host: string, port: number, onFault: (error: unknown) => void): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: 4_096 }, () => {
      server.off("error", reject);
      // No descriptor left for a new connection, say: the ones that are here go on.
      server.on("error", onFault);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${shown}:${address.port}`;
}
