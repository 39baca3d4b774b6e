// How are the event streams put together? There is nothing to store: what a stream keeps is what the bus carried.

import { Router } from "express";
import { panelRoutes } from "../../page.ts";
import type { RealtimePorts } from "../../realtime/ports.ts";
import type { OpenSystem } from "../system.ts";
import { NamedStreams } from "./streams.ts";
import { sseRoutes } from "./routes.ts";
import { Tokens } from "./tokens.ts";

/** What the realtime layer asks of systems with users: here are streams alone, and whoever has a token hears them. */
const ports: RealtimePorts = {
  profile: { endpoint: "", sockJs: false, applicationPrefix: "", greeting: { name: "open", data: "" } },
  authenticate: () => Promise.resolve(undefined),
  noteRefusedConnect: () => undefined,
  endedLogins: () => Promise.resolve([]),
  maySubscribe: () => Promise.resolve(false),
  mayReadNow: () => Promise.resolve(true),
  announceOnline: () => Promise.resolve(),
  send: () => Promise.reject(new Error("Cannot send: there are event streams alone")),
};

export const open: OpenSystem = (context) => {
  const tokens = new Tokens(context.config.sseTokens);
  return Promise.resolve({
    realtime: ports,
    openRealtime: (options) => new NamedStreams(options),
    routes: (events) => Router().use(panelRoutes(context.name), sseRoutes(context, tokens, events)),
    close: () => Promise.resolve(),
  });
};
