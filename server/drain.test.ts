import { expect, test } from "vitest";
import { drainInSteps } from "./drain.ts";

test("drainInSteps() runs each step, whatever the ones before it did, and names those that failed", async () => {
  const ran: string[] = [];
  const faults: unknown[] = [];
  const step = (name: string, outcome: () => Promise<unknown> | void, withinMs = 60_000) => ({
    name,
    withinMs,
    run: () => {
      ran.push(name);
      return outcome();
    },
  });
  await drainInSteps(
    [
      step("rejects", () => Promise.reject(new Error("Kafka is away"))),
      step("throws", () => {
        throw new Error("no socket");
      }),
      step("hangs", () => new Promise(() => undefined), 1),
      // Its rejection comes when nobody waits any more; unhandled, it would end the process (and fail this test).
      step(
        "rejects late",
        () => new Promise((_, reject) => setImmediate(() => setTimeout(reject, 20, new Error("late")))),
        1,
      ),
      step("stores", () => new Promise((resolve) => setTimeout(resolve, 40))),
    ],
    (error) => faults.push(error),
  );
  expect(ran).toEqual(["rejects", "throws", "hangs", "rejects late", "stores"]);
  expect(faults.map((error) => [(error as Error).message, ((error as Error).cause as Error).message])).toEqual([
    ["Cannot finish while draining: rejects", "Kafka is away"],
    ["Cannot finish while draining: throws", "no socket"],
  ]);
});
