// A TCP or TLS connection of a load run.

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface ConnectOptions {
  /** https: and wss: are over TLS, http: and ws: are not. */
  url: URL;
  /** Of several on this machine, so that each has ports of its own. */
  localAddress?: string;
  ca?: string;
}

export function connectTo({ url, localAddress, ca }: ConnectOptions): Socket {
  const isSecure = ["https:", "wss:"].includes(url.protocol);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const at = {
    host,
    port: Number(url.port || (isSecure ? 443 : 80)),
    ...(localAddress === undefined ? {} : { localAddress }),
  };
  // An address is no server name (RFC 6066 3).
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = isSecure ? connectTls({ ...at, ...name, ...(ca === undefined ? {} : { ca }) }) : connectTcp(at);
  return socket.setNoDelay(true);
}
