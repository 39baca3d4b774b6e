import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { run } from "../drivers/programs.ts";
import { Availability } from "./availability.ts";

/** A target that answers as long as `isThere`. */
const watched = (isThere: () => boolean, returnWithinMs = 5_000) =>
  new Availability({
    ask: () => (isThere() ? Promise.resolve() : Promise.reject(new Error("ECONNREFUSED"))),
    answerWithinMs: 50,
    returnWithinMs,
  });

test("Availability: a target that answers is there, and was never away", async () => {
  await using availability = watched(() => true);
  const fromMs = performance.now();
  expect(await availability.whenThere()).toBe(true);
  expect(availability.outagesSince(fromMs)).toEqual([]);
});

test("Availability: a target that went away is waited for, and the time is marked", async () => {
  let questions = 0;
  await using availability = watched(() => (questions += 1) > 3);
  const fromMs = performance.now();
  expect(await availability.whenThere()).toBe(true);
  expect(availability.outages).toHaveLength(1);
  expect(availability.outagesSince(fromMs)).toHaveLength(1);
  expect(availability.outagesSince(performance.now())).toEqual([]);
});

test("Availability: one that does not come back is given up, once for all", async () => {
  await using availability = watched(() => false, 20);
  expect(await availability.whenThere()).toBe(false);
  expect(await availability.whenThere()).toBe(false);
  expect(availability.outages).toEqual([
    { fromMs: expect.any(Number) as number, toMs: undefined, underWay: [], died: true },
  ]);
});

test("Availability: nobody waits for it after an interruption", async () => {
  const interrupt = new AbortController();
  await using availability = new Availability({
    ask: () => Promise.reject(new Error("ECONNREFUSED")),
    answerWithinMs: 50,
    returnWithinMs: 3_600_000,
    onPhase: () => interrupt.abort(),
    interrupt: interrupt.signal,
  });
  expect(await availability.whenThere()).toBe(false);
  expect(availability.outages).toHaveLength(1);
});

test("Availability: a question without an answer ends in time", async () => {
  await using availability = new Availability({
    ask: (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("late")))),
    answerWithinMs: 20,
    returnWithinMs: 20,
  });
  using _ = await availability.turns.begin("a clause");
  expect(await availability.whenThere()).toBe(false);
  // Who gives no answer in time may be there.
  expect(availability.outages).toMatchObject([{ died: false, underWay: ["a clause"] }]);
});

test("Availability: while the target is away, waiting for it keeps the process alive", async () => {
  const module = new URL("./availability.ts", import.meta.url).href;
  const program = `
    const { Availability } = await import(${JSON.stringify(module)});
    const availability = new Availability({ ask: () => Promise.reject(new Error("away")), answerWithinMs: 50, returnWithinMs: 1 });
    console.log(await availability.whenThere());
    await availability[Symbol.asyncDispose]();`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { deadlineMs: 60_000 });
  expect(stdout).toBe("false\n");
});
