// May a page of this origin talk to us? Browsers say the origin on WebSocket handshakes and cross-site requests; other clients say none.
// Allowed: no Origin header, the same host as the request's, or one that is listed (ALLOWED_ORIGINS).

import type { IncomingMessage } from "node:http";

export type OriginCheck = (request: IncomingMessage) => boolean;

export function originCheck(allowedOrigins: readonly string[]): OriginCheck {
  const allowed = new Set(allowedOrigins);
  return ({ headers: { origin, host } }) => origin === undefined || allowed.has(origin) || sameHost(origin, host);
}

function sameHost(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
