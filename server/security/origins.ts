// May a page of this origin talk to us? Browsers name the page's origin on WebSocket handshakes and cross-site
// requests; other clients name none. Allowed: no Origin header; an origin that is configured (ALLOWED_ORIGINS); our
// own, scheme, host and port, as a trusted proxy names it or, on this machine only, as the request does: a Host that
// the client chose proves nothing about a name on the network, because a page can make its own name point here. Source:
// RFC 6454; OWASP "DNS rebinding".

import type { IncomingMessage } from "node:http";
import type { Proxies } from "./proxies.ts";

export type OriginCheck = (request: IncomingMessage) => boolean;

export interface RefusedOrigin {
  origin: string;
  /** What it was compared with. */
  ownOrigin: string | undefined;
  allowedOrigins: readonly string[];
  path: string;
  address: string;
  /** What to set if the page is one of yours. */
  next: string;
}

export interface OriginOptions {
  /** As `checkedOrigin` returns them. */
  allowedOrigins: readonly string[];
  proxies: Proxies;
  onRefused: (refused: RefusedOrigin) => void;
}

export function originCheck({ allowedOrigins, proxies, onRefused }: OriginOptions): OriginCheck {
  const allowed = new Set(allowedOrigins);
  return (request) => {
    const { origin } = request.headers;
    if (origin === undefined || allowed.has(origin)) return true;
    const own = proxies.ownOrigin(request);
    if (own?.origin === origin && (own.by === "proxy" || isLoopbackName(new URL(origin).hostname))) return true;
    onRefused({
      origin: origin.slice(0, 200),
      ownOrigin: own?.origin,
      allowedOrigins,
      path: (request.url ?? "").split("?", 1)[0]?.slice(0, 200) ?? "",
      address: proxies.addressOf(request),
      next: "list the origin in ALLOWED_ORIGINS, or the proxy in TRUSTED_PROXIES, if they are yours",
    });
    return false;
  };
}

function isLoopbackName(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The origin as browsers write it. @throws TypeError that says what is wrong with the text and how to write it. */
export function checkedOrigin(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (text.includes("*")) throw new TypeError(`"${text}" is a pattern; name each origin, as https://chat.example.org`);
  if (!parsed || !["http:", "https:"].includes(parsed.protocol))
    throw new TypeError(`"${text}" is no origin; write scheme://host[:port], as https://chat.example.org`);
  if (parsed.origin !== text) throw new TypeError(`"${text}" is not what a browser sends; write ${parsed.origin}`);
  return text;
}
