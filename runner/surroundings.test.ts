import { expect, test } from "vitest";
import type { Verdict } from "../checkers/verdict.ts";
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

test("surroundings: what SockJS's transports and event streams do wrong anywhere concerns what stands before them", () => {
  const concerning = (verdict: Partial<Verdict>): number[] =>
    surroundings.flatMap(({ concerns }, at) => (concerns(verdict as Verdict) ? [at] : []));
  expect(concerning({ id: "transports.other-methods-are-405", because: "a GET of xhr was answered 200" })).toEqual([1]);
  expect(concerning({ id: "accounts.role-change-sends-an-event", connection: "sse A9 (2)" })).toEqual([2]);
  expect(concerning({ id: "accounts.list-holds-the-user" })).toEqual([]);
});
