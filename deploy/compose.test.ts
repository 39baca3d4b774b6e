import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { served, servedSystems } from "../systems/served/wire.ts";
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

const withoutSockJs: ReadonlySet<string> = new Set(["sse"]);

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

test("each served system has its blocks in Nginx, on both instances", () => {
  const template = read("nginx/nginx.conf.template");
  expect(groups(template, /listen (\d+) [^;]*;\s*set \$system ([\w-]+);/g)).toEqual(
    rows.map(({ name, proxyPort }) => [proxyPort, name]),
  );
  const upstreams = groups(template, /upstream ([\w-]+) \{([^}]*)\}/g).map(([name = "", block = ""]) => [
    name,
    groups(block, /server @SERVER_(\d)@:(\d+) /g).flat(),
  ]);
  expect(Object.fromEntries(upstreams)).toEqual(
    Object.fromEntries(
      rows.flatMap(({ name, port }) =>
        (withoutSockJs.has(name) ? [name] : [name, `${name}-sessions`]).map((upstream) => [
          upstream,
          ["1", port, "2", port],
        ]),
      ),
    ),
  );
});
