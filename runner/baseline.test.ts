import { expect, test } from "vitest";
import { burstOrder, deadlineOf } from "./baseline.ts";

test("burstOrder() counts different messages, and swaps among these", () => {
  expect(burstOrder([0, 1, 2, 3])).toEqual({ count: 4, swapped: 0 });
  expect(burstOrder([0, 2, 1, 3])).toEqual({ count: 4, swapped: 1 });
  expect(burstOrder([])).toEqual({ count: 0, swapped: 0 });
});

test("burstOrder() calls no server out of order that delivers twice, at once or later", () => {
  expect(burstOrder([0, 0, 1, 1, 2, 2])).toEqual({ count: 3, swapped: 0 });
  expect(burstOrder([0, 1, 2, 0, 1, 2])).toEqual({ count: 3, swapped: 0 });
  expect(burstOrder([0, 2, 0, 1, 1])).toEqual({ count: 3, swapped: 1 });
});

test("deadlineOf() follows the target's pace upward, and is no shorter than 3 s", () => {
  expect([1, 100, 200, 1_000, 3_000].map(deadlineOf)).toEqual([3_000, 3_000, 4_000, 8_000, 14_000]);
});
