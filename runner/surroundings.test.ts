import { expect, test } from "vitest";
import { clustersOf } from "./surroundings.ts";

test("clustersOf() counts what came after a pause", () => {
  expect(clustersOf([])).toBe(0);
  expect(clustersOf([5, 40, 80])).toBe(3);
  expect(clustersOf([500, 501, 502, 503, 900, 901])).toBe(2);
});
