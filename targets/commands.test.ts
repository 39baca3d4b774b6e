import { expect, test } from "vitest";
import { runNow } from "../drivers/programs.ts";
import { HarnessError } from "../drivers/errors.ts";
import { outageByCommands } from "./commands.ts";

const never = new AbortController().signal;

test("outageByCommands() runs its commands and reports how one failed", async () => {
  const outage = outageByCommands({ begin: "true", end: "echo no such container >&2; exit 7" }, never);
  await outage.begin();
  await expect(outage.end()).rejects.toThrow(
    new HarnessError("the command `echo no such container >&2; exit 7` ended with 7: no such container"),
  );
});

test("outageByCommands() ends a begin that hangs with all that it started, and not an end", async () => {
  const interrupt = new AbortController();
  const outage = outageByCommands({ begin: "sleep 1234.5 & wait", end: "sleep 0.2" }, interrupt.signal);
  const begun = outage.begin();
  setTimeout(() => interrupt.abort(), 100);
  await expect(begun).rejects.toThrow("was ended: it took too long, or the run was interrupted");
  await outage.end();
  expect(runNow("pgrep", ["-f", "sleep 1234.5"], { deadlineMs: 10_000 }).stdout).toBe("");
});

test("outageByCommands() does not wait for what a command leaves in the background", async () => {
  const startMs = performance.now();
  await outageByCommands({ begin: "sleep 5 &", end: "true" }, never).begin();
  expect(performance.now() - startMs).toBeLessThan(4_000);
});
