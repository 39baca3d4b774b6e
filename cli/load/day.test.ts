import { expect, test } from "vitest";
import { LatencyHistogram } from "../../load/latencies.ts";
import { beginDay } from "./day.ts";

const shape = { staysMs: 150, awayMs: 50, connections: 10, logins: new LatencyHistogram() };

test("beginDay() reads when a tab is due, whatever became of those before, and waits for the last", async () => {
  const answer = Promise.withResolvers<void>();
  const asked: number[] = [];
  const day = beginDay({ ...shape, read: (number) => (asked.push(number), answer.promise) });
  await expect.poll(() => asked.length).toBeGreaterThanOrEqual(5);
  answer.resolve();
  const { reads, failures, because } = await day.end();
  // The first waited for four others, which were due every 20 ms.
  expect(reads.maxMs).toBeGreaterThanOrEqual(80);
  expect(reads.count).toBe(asked.length);
  expect(asked.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
  expect([failures, because]).toEqual([0, undefined]);
});

test("beginDay() counts what fails, and keeps why the first did", async () => {
  let count = 0;
  const day = beginDay({ ...shape, read: () => Promise.reject(new Error(`answered ${500 + count++}`)) });
  await expect.poll(() => count).toBeGreaterThanOrEqual(2);
  const { reads, failures, because } = await day.end();
  expect(reads.count).toBe(0);
  expect(failures).toBe(count);
  expect(because).toBe("answered 500");
});

test("beginDay() reads nothing where there is no history", async () => {
  await using day = beginDay({ ...shape, read: undefined });
  // Longer than what is due first would take.
  await new Promise((resolve) => setTimeout(resolve, 30));
  const { reads, failures } = await day.end();
  expect([reads.count, failures]).toEqual([0, 0]);
});
