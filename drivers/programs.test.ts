import { expect, test } from "vitest";
import { run, runNow } from "./programs.ts";

const node = process.execPath;

test("run() brings what the program wrote, and fails with the end of it", async () => {
  expect(await run(node, ["-e", "console.log('out'); console.error('err')"], { deadlineMs: 60_000 })).toEqual({
    stdout: "out\n",
    stderr: "err\n",
  });
  const failing = run(node, ["-e", "console.error('what went wrong'); process.exit(3)"], { deadlineMs: 60_000 });
  await expect(failing).rejects.toThrow(/exit code 3\nwhat went wrong$/);
  await expect(run("/no/such/program", [], { deadlineMs: 60_000 })).rejects.toThrow("Cannot run /no/such/program");
});

test("run() ends a program that takes too long, or is not wanted any more", async () => {
  const forever = ["-e", "setInterval(() => {}, 1_000)"];
  await expect(run(node, forever, { deadlineMs: 200 })).rejects.toThrow("SIGTERM, after at most 0.2 s");
  await expect(run(node, forever, { deadlineMs: 60_000, signal: AbortSignal.timeout(200) })).rejects.toThrow(
    "Cannot run",
  );
});

test("runNow() says how the program ended", () => {
  expect(runNow(node, ["-e", "console.log('out')"], { deadlineMs: 60_000 })).toMatchObject({
    ok: true,
    stdout: "out\n",
  });
  const { ok, failure } = runNow(node, ["-e", "console.error('bad'); process.exit(3)"], { deadlineMs: 60_000 });
  expect([ok, failure]).toEqual([false, expect.stringMatching(/exit code 3\nbad$/)]);
  expect(runNow("/no/such/program", [], { deadlineMs: 60_000 })).toMatchObject({ ok: false, stdout: "" });
  expect(runNow(node, ["-e", "setInterval(() => {}, 1_000)"], { deadlineMs: 200 }).ok).toBe(false);
});
