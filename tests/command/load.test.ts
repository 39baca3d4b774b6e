// What `rollcall load` accounts for, and what it leaves behind.

import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { k6File } from "../../cli/doctor-k6.ts";
import type { LoadSummary } from "../../cli/load-summary.ts";
import { startServer, type ServerProcess } from "../../targets/embedded.ts";
import { openDeafProxy } from "./deaf-proxy.ts";
import { rollcall } from "./rollcall.ts";

const system = "discodeit-1";
/** The command has a home of its own, without the k6 that `doctor` put into the real one. */
const env = { PATH: [path.dirname(k6File() ?? ""), process.env.PATH].join(path.delimiter) };
let server: ServerProcess;

beforeAll(async () => void (server = await startServer({ environment: { SYSTEMS: system } })));
afterAll(async () => await server[Symbol.asyncDispose]());

test("a socket that goes deaf loses every message that it does not hear, the last one of its room too", async () => {
  await using proxy = await openDeafProxy(server.urls[system]);
  const { code, stdout, stderr } = await rollcall(["load", "connections", proxy.url, "--system", system, "--connections", "20", "--seconds", "12", "--json"], {
    env,
  });
  expect(stdout, stderr).not.toBe("");
  // Four rooms of five sockets and three messages each; a socket hears one of its three.
  expect(JSON.parse(stdout) as LoadSummary).toMatchObject({ opened: 20, published: 12, expected: 60, delivered: 20, lost: 40, duplicate: 0, reordered: 0 });
  expect(code).toBe(1);
});
