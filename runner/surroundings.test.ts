import { expect, test } from "vitest";
import { clustersOf, surroundings } from "./surroundings.ts";
import type { World } from "./world.ts";

test("clustersOf() counts what came after a pause", () => {
  expect(clustersOf([])).toBe(0);
  expect(clustersOf([5, 40, 80])).toBe(3);
  expect(clustersOf([500, 501, 502, 503, 900, 901])).toBe(2);
});

test("surroundings: where a system has none of what a cause is about, nothing is asked and nothing suspected", async () => {
  const world = { system: { features: new Set() } } as unknown as World;
  expect(await Promise.all(surroundings.map(({ probe }) => probe(world)))).toEqual([undefined, undefined, undefined]);
});
