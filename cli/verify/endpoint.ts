// A ws:// URL among the arguments of `verify`: not the base of a server, but where it speaks STOMP.

import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import { Network, urlBelow, webSocketUrl } from "../../drivers/network.ts";
import { openWebSocketTransport } from "../../drivers/websocket.ts";
import { UsageError } from "./usage-error.ts";

export interface Addresses {
  /** Base URLs, over http(s). */
  urls: string[];
  /** The path at which they speak STOMP; undefined: as the system's definition says. */
  path: string | undefined;
}

export function addressesIn(given: readonly string[]): Addresses {
  const sockets = given.filter((url) => /^wss?:\/\//.test(url) && URL.canParse(url)).map((url) => new URL(url));
  if (sockets.length === 0) return { urls: [...given], path: undefined };
  const [first] = sockets;
  if (sockets.length < given.length || sockets.some(({ pathname }) => pathname !== first!.pathname))
    throw new UsageError("ws:// URLs of one target have one path, and no http:// URL is among them");
  return {
    urls: sockets.map((url) => url.href.replace(/^ws/, "http").slice(0, -url.pathname.length)),
    path: first!.pathname,
  };
}

/**
 * Throws TargetError with a next step where an HTTP server answers that there is no WebSocket at this path. Who wants a
 * credential first, fails, or says nothing, is for the clauses to judge.
 */
export async function checkEndpoint(base: string, path: string, ca: string | undefined): Promise<void> {
  const network = new Network(ca === undefined ? {} : { ca });
  try {
    (await openWebSocketTransport(webSocketUrl(urlBelow(base, path)), { network })).close();
  } catch (error) {
    if (error instanceof TimeoutError) return;
    if (!(error instanceof TargetError)) throw error;
    const { status = 500 } = error;
    if (status === 401 || status === 403 || status === 429 || status >= 500) return;
    throw new TargetError("refused", error.message, {
      cause: error,
      status,
      hint: `Is this the whole path at which STOMP is spoken? Of SockJS the WebSocket is at ${path.replace(/\/$/, "")}/websocket`,
    });
  } finally {
    await network.close();
  }
}
