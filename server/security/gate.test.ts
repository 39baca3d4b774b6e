import { expect, test } from "vitest";
import { BusyError, Gate } from "./gate.ts";

test("Gate runs as many as allowed, the others in the order of asking", async () => {
  const gate = new Gate(2, 10);
  const order: number[] = [];
  const ends: (() => void)[] = [];
  const works = [0, 1, 2, 3].map((number) =>
    gate.run(() => {
      order.push(number);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  await Promise.resolve();
  expect(order).toEqual([0, 1]);
  ends[1]?.();
  await works[1];
  await Promise.resolve();
  expect(order).toEqual([0, 1, 2]);
  ends[0]?.();
  await works[0];
  await Promise.resolve();
  expect(order).toEqual([0, 1, 2, 3]);
  ends[2]?.();
  ends[3]?.();
  await Promise.all(works);
});

test("Gate refuses when the queue is full, and a failure frees its place", async () => {
  const gate = new Gate(1, 1);
  const first = gate.run(() => Promise.reject(new Error("failed")));
  const second = gate.run(() => Promise.resolve("second"));
  await expect(gate.run(() => Promise.resolve())).rejects.toThrow(BusyError);
  await expect(first).rejects.toThrow("failed");
  expect(await second).toBe("second");
  expect(await gate.run(() => Promise.resolve("third"))).toBe("third");
});
