// A ws:// URL among the arguments of `verify`: not the base of a server, but where it speaks STOMP.

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
