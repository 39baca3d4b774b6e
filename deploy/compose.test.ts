import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { served, servedSystems, stompTcp } from "../systems/served/wire.ts";
import { packageDir } from "./images.ts";

const read = (file: string): string => readFileSync(path.join(packageDir, "deploy", file), "utf8");
/** What the groups of each match hold. */
const groups = (text: string, pattern: RegExp): string[][] =>
  [...text.matchAll(pattern)].map(([, ...found]) => found.map(String));

test("no password of the stack has a default", () => {
  const compose = read("compose.yml");
  expect([...compose.matchAll(/\$\{\w*PASSWORD:?-[^}]*\}/g)].map(([text]) => text)).toEqual([]);
  expect(compose.match(/\$\{\w*_PASSWORD:\?/g)?.length).toBeGreaterThanOrEqual(3);
});

/** An event stream has no sessions, and those of a broker, which is on one instance, are where everybody is. */
const withoutSessions: ReadonlySet<string> = new Set(["stomp", "sse"]);

/** The number by which variables name a system, and its ports. */
const rows = servedSystems.map((name, at) => ({
  name,
  number: String(at + 1),
  port: String(served[name].port),
  proxyPort: String(served[name].proxyPort),
}));

test("each served system has its ports in the Compose files, and no other has", () => {
  expect(groups(read("compose.yml"), /\$\{ROLLCALL_PORT_(\d+):-(\d+)\}:(\d+)"/g)).toEqual(
    rows.map(({ number, proxyPort }) => [number, proxyPort, proxyPort]),
  );
  for (const instance of [1, 2])
    expect(
      groups(
        read("published.yml"),
        new RegExp(String.raw`\$\{ROLLCALL_SERVER_${instance}_PORT_(\d+):\?\}:(\d+)"`, "g"),
      ),
    ).toEqual(rows.map(({ number, port }) => [number, port]));
});

test("STOMP without WebSocket has its port on the proxy and on both instances", () => {
  const port = String(stompTcp.port);
  expect(groups(read("compose.yml"), /\$\{ROLLCALL_STOMP_TCP_PORT:-(\d+)\}:(\d+)"/g)).toEqual([[port, port]]);
  expect(groups(read("published.yml"), /\$\{ROLLCALL_SERVER_(\d)_STOMP_TCP_PORT:\?\}:(\d+)"/g)).toEqual([
    ["1", port],
    ["2", port],
  ]);
  expect(groups(read("nginx/stream.conf.template"), /server @SERVER_(\d)@:(\d+)|listen (\d+)/g).flat()).toEqual(
    expect.arrayContaining(["1", port, "2", port]),
  );
});

test("each served system has its blocks in Nginx, on both instances", () => {
  const template = read("nginx/nginx.conf.template");
  expect(groups(template, /listen (\d+) [^;]*;\s*set \$system ([\w-]+);/g)).toEqual(
    rows.map(({ name, proxyPort }) => [proxyPort, name]),
  );
  const upstreams = groups(template, /upstream ([\w-]+) \{([^}]*)\}/g).map(([name = "", block = ""]) => [
    name,
    groups(block, /server @SERVER_(\d)@:(\d+) /g).flat(),
  ]);
  const upstreamsOf = (name: string): string[] => (withoutSessions.has(name) ? [name] : [name, `${name}-sessions`]);
  expect(Object.fromEntries(upstreams)).toEqual(
    Object.fromEntries(
      rows.flatMap(({ name, port }) => upstreamsOf(name).map((upstream) => [upstream, ["1", port, "2", port]])),
    ),
  );
});
