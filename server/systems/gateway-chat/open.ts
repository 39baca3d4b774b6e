// How is the gateway chat put together? The schema is brought up to date; there is nothing else to begin with. Terms:
// secure mode – CONNECT brings a token, and raw rooms, which could bring none from a browser, are not there.

import { Router } from "express";
import { panelRoutes } from "../../page.ts";
import type { OpenSystem } from "../system.ts";
import { RawRooms } from "./raw-rooms.ts";
import { realtimePorts } from "./realtime.ts";
import { gatewayChatRoutes } from "./routes.ts";
import { Bearers } from "./tokens.ts";

export const open: OpenSystem = async (context) => {
  return {
    realtime: realtimePorts(context),
    sockets: (options) => new RawRooms(context, options),
    routes: () => Router().use(panelRoutes(context.name), gatewayChatRoutes(context, true)),
    close: () => Promise.resolve(),
  };
};

export const openSecure: OpenSystem = async (context) => {
  return {
    realtime: realtimePorts(context, new Bearers(context.config.gatewayChatSecret)),
    routes: () => Router().use(panelRoutes(context.name), gatewayChatRoutes(context, false)),
    close: () => Promise.resolve(),
  };
};
