// What does one system answer on its port? Health and metrics, SockJS and WebSockets at /ws, and the routes of the
// system.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import type { Registry } from "prom-client";
import { upstreamHeader } from "../systems/discodeit/wire.ts";
import { cutStuckReaders, settlerOfUnread } from "./connections.ts";
import type { Edge } from "./edge.ts";
import { findTroubles, type Dependency } from "./health.ts";
import type { Realtime } from "./realtime/realtime.ts";
import { crossOrigin } from "./security/cross-origin.ts";
import { RequestShare } from "./security/request-share.ts";
import type { ChatSystem } from "./systems/system.ts";
import { Entrance } from "./turns.ts";

export interface HttpOptions {
  system: ChatSystem;
  realtime: Realtime;
  registry: Registry;
  dependencies: readonly Dependency[];
  instance: string;
  edge: Edge;
  onFault: (error: unknown) => void;
}

/** A head, and a whole request, that does not come in this time is cut off; answers (streams) are not timed. */
const headWithinMs = 10_000;
const requestWithinMs = 60_000;
const checkEveryMs = 2_000;
const healthPath = "/healthz";
/** Each costs up to 1 ms before it waits for something, beside others' statements and answers. */
const requestsPerRound = 8;

export function createHttpServer(options: HttpOptions): Server {
  const app = routesOf(options);
  const settleUnread = settlerOfUnread(options.edge.proxies.shareOf);
  const entrance = new Entrance(requestsPerRound);
  const { endpoint, sockJs } = options.system.realtime.profile;
  const server = createServer(
    {
      headersTimeout: headWithinMs,
      requestTimeout: requestWithinMs,
      connectionsCheckingInterval: checkEveryMs,
      // Offers of another protocol (Java's HttpClient offers h2c each time) are ignored: the request is answered as it
      // is.
      shouldUpgradeCallback: ({ headers }) => /^websocket$/i.test(headers.upgrade ?? ""),
    },
    (request, response) => {
      settleUnread(request, response);
      if (request.url === healthPath) return void app(request, response);
      entrance.enter(request.socket, () => {
        // Nobody is there any more to whom a stream, say, would have to end.
        if (request.destroyed) return;
        const sockJsPath = sockJs ? pathBelow(endpoint, request) : undefined;
        if (sockJsPath === undefined) return void app(request, response);
        answerSockJs(sockJsPath, request, response, options);
      });
    },
  );
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    options.realtime.upgrade(request, socket, head);
  });
  cutStuckReaders(server);
  return server;
}

function routesOf({ system, realtime, registry, dependencies, instance, edge }: HttpOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("trust proxy", edge.proxies.trusts);
  app.use((request, response, next) => {
    response.set({ [upstreamHeader]: instance, "X-Content-Type-Options": "nosniff" });
    response.locals["share"] = new RequestShare(edge, edge.proxies.shareOf(request));
    next();
  });
  app.get(healthPath, (_, response) => void response.json({ status: "ok" }));
  app.get("/readyz", async (_, response) => {
    const reasons = await findTroubles(dependencies);
    response
      .status(reasons.length === 0 ? 200 : 503)
      .json({ status: reasons.length === 0 ? "ok" : "degraded", reasons });
  });
  app.get("/metrics", async (_, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  app.use(crossOrigin(edge.originAllowed));
  app.use(system.routes(realtime.events, realtime.streams));
  return app;
}

/** Routed before Express: empty and doubled path segments matter here, and nothing may parse the body. */
function pathBelow(endpoint: string, { url }: IncomingMessage): string | undefined {
  const path = (url ?? "").split("?", 1)[0] ?? "";
  return path === endpoint || path.startsWith(`${endpoint}/`) ? path.slice(endpoint.length) : undefined;
}

function answerSockJs(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { realtime, instance, onFault }: HttpOptions,
): void {
  response.setHeader(upstreamHeader, instance);
  realtime.answerSockJs(path, request, response).catch((error: unknown) => {
    onFault(error);
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
}

/** @throws when the port is taken or may not be used. */
export async function listen(
  server: Server,
  host: string,
  port: number,
  onFault: (error: unknown) => void,
): Promise<string> {
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
