// An Express server with bare WebSocket JSON and event streams: all of it holds, and what is broken on purpose is found
// by the clause that is about it.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startOwn } from "../own/start.ts";
import { troubleIn, verify } from "./own-backend.ts";
import { rollcall } from "./rollcall.ts";

describe("Express with bare WebSocket JSON and events", () => {
  const server = [process.execPath, "server.ts"] as const;

  test("all of it holds, and every function of its config works", async () => {
    await using backend = await startOwn("express-sse", server);
    const config = ["--config", join(backend.folder, "rollcall.config.ts")];
    const checked = await rollcall(["init", "--check", backend.url, ...config]);
    expect(checked.code, checked.stdout + checked.stderr).toBe(0);
    const { verdicts, code, stderr } = await verify(backend, "--strict");
    expect(troubleIn(verdicts)).toEqual([]);
    expect(verdicts.filter(({ kind }) => kind === "pass").length).toBeGreaterThan(20);
    expect([code, stderr]).toEqual([0, ""]);
  });

  test.each([
    ["echoes", "raw.echo-as-defined", /heard/],
    ["forgets", "replay.exactly-the-missing", /./],
    ["admits", "rooms.strangers-hear-no-socket", /a stranger heard 3 of three/],
    ["gossips", "rooms.strangers-hear-no-event", /a stranger heard/],
  ])("a server that %s breaks %s", async (mutant, id, words) => {
    await using backend = await startOwn("express-sse", server, { OWN_MUTANT: mutant });
    const { verdicts, code } = await verify(backend, "--only", "raw,replay,rooms");
    const fails = verdicts.filter(({ kind }) => kind === "fail");
    expect(fails.map((verdict) => verdict.id)).toContain(id);
    expect(fails.find((verdict) => verdict.id === id)!.because).toMatch(words);
    // Nothing else is blamed for it.
    expect(new Set(fails.map((verdict) => verdict.id.split(".")[0]))).toEqual(new Set([id.split(".")[0]]));
    expect(code).toBe(1);
  });
});
