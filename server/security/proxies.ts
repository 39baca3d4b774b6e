// Who is a request from, and which address did its sender type? What X-Forwarded-For, -Proto and -Host say is believed
// only when it comes from a proxy that is configured (TRUSTED_PROXIES); anybody can write these headers. Terms: own
// origin = the origin of the page that this server would be, scheme://host[:port], as browsers write it.

import type { IncomingMessage } from "node:http";
import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";
import proxyAddress from "proxy-addr";

export interface Proxies {
  /** Whether the peer at this address is a proxy that is believed; Express asks for each hop. */
  trusts: (address: string, hop: number) => boolean;
  /** The client's address. */
  addressOf: (request: IncomingMessage) => string;
  /** Whose share a request counts for: a client's address, of IPv6 the network that one household or host has. */
  shareOf: (request: IncomingMessage) => string;
  /** undefined: the request has no Host, or one that cannot be read. `by` says whose word it is. */
  ownOrigin: (request: IncomingMessage) => { origin: string; by: "proxy" | "client" } | undefined;
}

/**
 * Believes proxies at these addresses: an IP address, a network as 10.0.0.0/8, or `loopback`, `linklocal`,
 * `uniquelocal`.
 * @throws TypeError for anything else.
 */
export function openProxies(trusted: readonly string[]): Proxies {
  const trusts = proxyAddress.compile([...trusted]);
  const addressOf = (request: IncomingMessage): string =>
    request.socket.remoteAddress === undefined ? "" : proxyAddress(request, trusts);
  return {
    trusts,
    addressOf,
    shareOf: (request) => networkOf(addressOf(request)),
    ownOrigin(request) {
      const believed = trusts(request.socket.remoteAddress ?? "", 0);
      const forwardedHost = believed ? firstOf(request.headers["x-forwarded-host"]) : undefined;
      const scheme = (believed ? firstOf(request.headers["x-forwarded-proto"]) : undefined) ?? "http";
      const text = `${scheme.toLowerCase().replace(/^ws/, "http")}://${forwardedHost ?? request.headers.host ?? ""}`;
      const origin = URL.canParse(text) ? new URL(text).origin : "null";
      return origin === "null" ? undefined : { origin, by: forwardedHost === undefined ? "client" : "proxy" };
    },
  };
}

/** @throws TypeError when this is not the name of a proxy or of proxies. */
export function checkedProxy(text: string): string {
  try {
    proxyAddress.compile(text);
  } catch (error) {
    throw new TypeError(
      `"${text}" is no address; write one, a network as 10.0.0.0/8, or loopback, linklocal or uniquelocal`,
      { cause: error },
    );
  }
  return text;
}

/** Several proxies append theirs behind a comma; the first is what the client's own said. */
function firstOf(header: string | string[] | undefined): string | undefined {
  const first = String(header ?? "")
    .split(",", 1)[0]
    ?.trim();
  return first === "" ? undefined : first;
}

/** An IPv6 host picks any address of its /64, so these count as one. */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === "ipv4"
    ? parsed.toString()
    : `${(parsed as ipaddr.IPv6).parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(":")}::/64`;
}
