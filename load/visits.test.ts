import { expect, test } from "vitest";
import { Visits } from "./visits.ts";

test("each tab is open for half to one and a half of the mean, then closed, at instants of its own", () => {
  const visits = new Visits({ staysMs: 1_000, awayMs: 100 }, 100);
  for (let number = 0; number < 100; number++) visits.stay(number, 5_000);
  expect([...visits.due(5_499)]).toEqual([]);
  const early = [...visits.due(5_750)];
  expect(early.length).toBeGreaterThan(10);
  expect(early.length).toBeLessThan(40);
  const late = [...visits.due(6_500)];
  expect([...early, ...late].toSorted((one, other) => one - other)).toEqual(Array.from({ length: 100 }, (_, at) => at));
  expect([...visits.due(Infinity)]).toEqual([...visits.due(Infinity)]);
  visits.leave(7, 10_000);
  expect([...visits.due(10_049)]).toEqual([]);
  expect([...visits.due(10_150)]).toEqual([7]);
});

test("nothing is planned for whoever is forgotten", () => {
  const visits = new Visits({ staysMs: 1, awayMs: 1 }, 2);
  visits.stay(0, 0);
  visits.stay(1, 0);
  visits.forget(0);
  expect([...visits.due(1_000)]).toEqual([1]);
});
