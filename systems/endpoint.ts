// Where somebody else's server speaks STOMP is not always where a definition says: a ws:// URL names it.

import { HarnessError } from "../drivers/errors.ts";
import { defineSystem, type System } from "./define.ts";
import type { HttpPart } from "./types.ts";

/**
 * The system with STOMP at this path, by WebSocket and not by SockJS. Nothing else is asked of the server: a broker's
 * port may answer no other request. Throws HarnessError where it has no STOMP.
 */
export function atWebSocket(system: System, path: string): System {
  const { stomp, name } = system;
  if (stomp === undefined) throw new HarnessError(`Cannot verify ${name} at a ws:// URL: it has no STOMP`);
  const { sockjs: _, transports = ["websocket"], ...rest } = stomp;
  const withoutSockJs = transports.filter((transport) => transport !== "sockjs");
  const http: HttpPart = { ...system.http, aliveBy: "connecting" };
  return defineSystem({ ...system, http, stomp: { ...rest, url: path, transports: withoutSockJs } });
}
