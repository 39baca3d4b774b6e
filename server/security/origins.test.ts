import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { checkedOrigin, originCheck } from "./origins.ts";
import { checkedProxy, openProxies } from "./proxies.ts";

interface Ask {
  origin?: string;
  host?: string;
  from?: string;
  forwarded?: { for?: string; proto?: string; host?: string };
}

function ask({ origin, host, from = "198.51.100.7", forwarded = {} }: Ask): IncomingMessage {
  const headers = {
    ...(origin === undefined ? {} : { origin }),
    ...(host === undefined ? {} : { host }),
    ...(forwarded.for === undefined ? {} : { "x-forwarded-for": forwarded.for }),
    ...(forwarded.proto === undefined ? {} : { "x-forwarded-proto": forwarded.proto }),
    ...(forwarded.host === undefined ? {} : { "x-forwarded-host": forwarded.host }),
  };
  return {
    headers,
    url: "/ws?token=secret",
    socket: { remoteAddress: from },
    connection: { remoteAddress: from },
  } as unknown as IncomingMessage;
}

const proxies = openProxies(["10.0.0.0/8"]);
const refused: unknown[] = [];
const allowed = originCheck({
  allowedOrigins: ["https://listed.example"],
  proxies,
  onRefused: (what) => refused.push(what),
});
const behind = { from: "10.1.2.3", forwarded: { proto: "https", host: "chat.example" } };

test.each<[string, Ask, boolean]>([
  ["no Origin", { host: "evil.example" }, true],
  ["our own on this machine", { origin: "http://localhost:8080", host: "localhost:8080" }, true],
  ["our own by address", { origin: "http://127.0.0.1:8080", host: "127.0.0.1:8080" }, true],
  ["our own by IPv6", { origin: "http://[::1]:8080", host: "[::1]:8080" }, true],
  ["upper case in Host", { origin: "http://localhost", host: "LocalHost" }, true],
  ["a listed one", { origin: "https://listed.example", host: "other" }, true],
  ["what a trusted proxy says", { origin: "https://chat.example", host: "10.0.0.7:8080", ...behind }, true],
  ["a name that only Host says", { origin: "http://evil.example", host: "evil.example" }, false],
  ["another port", { origin: "http://localhost:3000", host: "localhost:8080" }, false],
  ["another scheme", { origin: "https://localhost:8080", host: "localhost:8080" }, false],
  ["ftp", { origin: "ftp://localhost:8080", host: "localhost:8080" }, false],
  ["a user in it", { origin: "http://evil@localhost:8080", host: "localhost:8080" }, false],
  ["a trailing slash", { origin: "http://localhost:8080/", host: "localhost:8080" }, false],
  ["null", { origin: "null", host: "localhost:8080" }, false],
  ["null without a Host", { origin: "null" }, false],
  ["an app's", { origin: "capacitor://localhost", host: "localhost" }, false],
  ["a foreign one behind the proxy", { origin: "https://evil.example", host: "chat.example", ...behind }, false],
  ["http behind a proxy that says https", { origin: "http://chat.example", host: "chat.example", ...behind }, false],
  [
    "what somebody else says of a proxy",
    { origin: "https://chat.example", host: "x", forwarded: behind.forwarded },
    false,
  ],
])("originCheck(): %s", (_, request, expected) => {
  expect(allowed(ask(request))).toBe(expected);
});

test("originCheck() reports what was compared, and no query", () => {
  refused.length = 0;
  allowed(ask({ origin: "https://evil.example", host: "localhost:8080" }));
  expect(refused).toEqual([
    {
      origin: "https://evil.example",
      ownOrigin: "http://localhost:8080",
      allowedOrigins: ["https://listed.example"],
      path: "/ws",
      address: "198.51.100.7",
      next: expect.stringContaining("ALLOWED_ORIGINS") as unknown,
    },
  ]);
});

test("checkedOrigin() takes an origin as browsers write it, and says how to write any other", () => {
  expect(checkedOrigin("https://chat.example:8443")).toBe("https://chat.example:8443");
  expect(() => checkedOrigin("*")).toThrow("name each origin");
  expect(() => checkedOrigin("https://*.example")).toThrow("name each origin");
  expect(() => checkedOrigin("https://Chat.Example/")).toThrow("write https://chat.example");
  expect(() => checkedOrigin("https://chat.example:443")).toThrow("write https://chat.example");
  expect(() => checkedOrigin("chat.example")).toThrow("scheme://host");
  expect(() => checkedOrigin("null")).toThrow("scheme://host");
});

test("openProxies() believes X-Forwarded-For of trusted proxies only, hop by hop", () => {
  const forwarded = { for: "203.0.113.9, 198.51.100.1, 10.9.9.9" };
  expect(proxies.addressOf(ask({ from: "10.1.2.3", forwarded }))).toBe("198.51.100.1");
  expect(proxies.addressOf(ask({ from: "198.51.100.7", forwarded }))).toBe("198.51.100.7");
  expect(openProxies([]).addressOf(ask({ from: "127.0.0.1", forwarded }))).toBe("127.0.0.1");
});

test("openProxies() counts the addresses of an IPv6 network as one", () => {
  const shareOf = (from: string): string => proxies.shareOf(ask({ from }));
  expect(shareOf("2001:db8::1")).toBe(shareOf("2001:db8::2:3"));
  expect(shareOf("2001:db8:0:1::1")).not.toBe(shareOf("2001:db8::1"));
  expect(shareOf("::ffff:192.0.2.1")).toBe("192.0.2.1");
});

test("checkedProxy() refuses what is no address", () => {
  for (const text of ["127.0.0.1", "10.0.0.0/8", "loopback", "::1"]) expect(checkedProxy(text)).toBe(text);
  for (const text of ["*", "true", "proxy.example", "10.0.0.0/40", ""])
    expect(() => checkedProxy(text)).toThrow("is no address");
});
