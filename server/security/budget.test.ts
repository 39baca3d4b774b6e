import { expect, test } from "vitest";
import { ByteBudget } from "./budget.ts";
import { BusyError } from "./gate.ts";

test("ByteBudget gives no key more than its share, and all together no more than the total", () => {
  const budget = new ByteBudget(100);
  const [ann, bob, cat] = ["ann", "bob", "cat"].map((key) => budget.open({ key, bytesMax: 60 }));
  expect(ann?.trySet(60)).toBe(true);
  expect(budget.open({ key: "ann", bytesMax: 60 }).trySet(1)).toBe(false);
  expect(bob?.trySet(40)).toBe(true);
  expect(cat?.trySet(1)).toBe(false);
  ann?.close();
  expect(cat?.trySet(60)).toBe(true);
  expect(budget.totalBytes).toBe(100);
});

test("Holding gives back what it no longer holds, once", () => {
  const budget = new ByteBudget(10);
  const holding = budget.open({ key: "ann", bytesMax: 10 });
  holding.take(8);
  expect(() => holding.take(3)).toThrow(BusyError);
  expect(holding.byteCount).toBe(8);
  expect(holding.trySet(2)).toBe(true);
  expect(budget.totalBytes).toBe(2);
  holding.close();
  holding.close();
  expect(budget.totalBytes).toBe(0);
  expect(() => holding.take(1)).toThrow(BusyError);
});

test("Holding moves to the share of who logged in", () => {
  const budget = new ByteBudget(100);
  const [first, second] = [
    budget.open({ key: "192.0.2.1", bytesMax: 10 }),
    budget.open({ key: "192.0.2.1", bytesMax: 10 }),
  ];
  first.take(10);
  expect(second.trySet(1)).toBe(false);
  expect(first.tryMoveTo({ key: "ann", bytesMax: 20 })).toBe(true);
  expect(second.trySet(10)).toBe(true);
  expect(second.tryMoveTo({ key: "ann", bytesMax: 15 })).toBe(false);
  expect(budget.totalBytes).toBe(20);
  first.close();
  second.close();
  expect(budget.totalBytes).toBe(0);
});
