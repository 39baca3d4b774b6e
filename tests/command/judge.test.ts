// What a user sees who judges a run by its history: counts, sentences, what the fault cost, and an exit code.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { MadeUp } from "../../checkers/made-up.ts";
import type { Judgement } from "../../checkers/judge.ts";
import { openFolder, rollcall, startRollcall, type Ended } from "./rollcall.ts";

async function judge(content: string | MadeUp, ...args: string[]): Promise<Ended> {
  using folder = openFolder();
  const path = join(folder.path, "history.jsonl");
  writeFileSync(
    path,
    typeof content === "string" ? content : content.events.map((event) => `${JSON.stringify(event)}\n`).join(""),
  );
  return await rollcall(["judge", path, ...args]);
}

const good = (): MadeUp => new MadeUp().listen("bob").say("a").hear("bob", "a").read("first", ["a"]);
const bad = (): MadeUp => new MadeUp().listen("bob").fault("on").wait(999).say("a").fault("healed");

test.concurrent("judge: a run without a finding ends with 0", async () => {
  const { code, stdout } = await judge(good().end());
  expect(code).toBe(0);
  expect(stdout).toContain(
    "1 once, 0 lost, 0 duplicate, 0 reordered, 0 foreign, 0 ghost, 0 mutated, 0 late, 0 unknown",
  );
  expect(stdout).toContain("every message is accounted for");
});

test.concurrent("judge: a finding is a sentence, and ends with 1", async () => {
  const { code, stdout } = await judge(bad().end());
  expect(code).toBe(1);
  expect(stdout).toContain("lost       bob never heard a (sent 1.0 s after server-2 was killed)");
  expect(stdout).toMatch(/server-2 was killed +0\.0 s +1\.0 s +1 +0 +0 +0\.0 s +1\.0 s +1\.0 s +bob\n/);
  expect(stdout).toContain("1 finding, 0 messages erased");
});

test.concurrent("judge: a killed run is judged as far as it went, and ends with 2", async () => {
  const { code, stdout, stderr } = await judge(
    `${bad()
      .events.map((event) => JSON.stringify(event))
      .join("\n")}\n{"type":"he`,
  );
  expect(code).toBe(2);
  expect(stdout).toContain("the run came to no end");
  expect(stderr).toContain("line 8 is cut off and was ignored");
});

test.concurrent("judge --json prints the judgement", async () => {
  const { code, stdout } = await judge(bad().end(), "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout) as Judgement).toMatchObject({
    complete: true,
    deliveries: { lost: 1 },
    findings: [{ anomaly: "lost", message: "a", subscription: "bob" }],
  });
});

test.concurrent("judge --story prints the way of one message", async () => {
  const { stdout } = await judge(bad().end(), "--story", "a");
  expect(stdout).toContain("bob (websocket) NEVER HEARD IT");
  expect(await judge(good().end(), "--story", "z")).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('no message is called "z"') as string,
  });
});

test.concurrent("docs/delivery.md prints what judge prints", async () => {
  const guide = readFileSync(new URL("../../docs/delivery.md", import.meta.url), "utf8");
  const blocks = [...guide.matchAll(/^```console\n\$ npx rollcall (.+)\n([^`]+)^```$/gm)];
  expect(blocks.length).toBe(2);
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  for (const [, command, printed] of blocks)
    expect(await startRollcall(command!.split(" "), { cwd }).ended).toMatchObject({ code: 1, stdout: printed });
});

test.concurrent("judge: what is no history ends with 4 and says which line, a wrong flag with 3", async () => {
  expect(await judge("nonsense\n")).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("history.jsonl, line 1: no JSON: nonsense") as string,
  });
  const { code, stderr } = await judge(good().acknowledge("z"));
  expect({ code, stderr }).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("line 9: z is acknowledged, but was never sent") as string,
  });
  expect(await rollcall(["judge", "/nowhere/history.jsonl"])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("cannot read") as string,
  });
  expect(await rollcall(["judge"])).toMatchObject({ code: 3 });
  expect(await judge("")).toMatchObject({ code: 2 });
});
