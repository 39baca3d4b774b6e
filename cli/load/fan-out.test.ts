import { expect, test } from "vitest";
import type { Held } from "../../load/knee.ts";
import { fanOutSummaryOf } from "./fan-out.ts";

const asked = { scenario: "fan-out", connections: 100, p99Ms: 250, url: "http://127.0.0.1:1", system: "discodeit-1" };

const step = (rate: number, held: Held, because: string[] = []) => ({
  rate,
  held,
  detail: { deliveriesPerSecond: 25 * rate, deliveryMs: { p50: 1, p99: 2, max: 3 }, because },
});

test("a knee that holds again at nine tenths is a result", () => {
  const [one, two, knee, confirmed] = [
    step(1, "held"),
    step(2, "broke", ["p99 300 ms"]),
    step(1.5, "held"),
    step(1.4, "held"),
  ];
  expect(fanOutSummaryOf({ steps: [one, two, knee, confirmed], knee, confirmed, isFound: true }, asked)).toMatchObject({
    verdict: "pass",
    because: [],
    exitCode: 0,
    knee: { rate: 1.5, deliveriesPerSecond: 37.5 },
    steps: [{ rate: 1 }, { rate: 2, held: "broke" }, { rate: 1.5 }, { rate: 1.4 }],
  });
});

test("a knee that does not hold again fails, and so does a target on which nothing holds", () => {
  const confirmed = step(0.9, "broke", ["2 lost"]);
  const knee = step(1, "held");
  expect(fanOutSummaryOf({ steps: [knee, confirmed], knee, confirmed, isFound: true }, asked)).toMatchObject({
    verdict: "fail",
    because: ["at nine tenths of the knee: 2 lost"],
  });
  const steps = [step(1, "broke", ["3 lost"])];
  expect(fanOutSummaryOf({ steps, knee: undefined, confirmed: undefined, isFound: true }, asked)).toMatchObject({
    verdict: "fail",
    because: ["1 message a second: 3 lost"],
    exitCode: 1,
  });
});

test("what we spoilt, and what never broke, is inconclusive", () => {
  const knee = step(1, "held");
  const spoilt = step(2, "spoilt", ["p99 400 ms", "the generator itself was late by 300 ms"]);
  const found = { knee, confirmed: undefined, isFound: false };
  expect(fanOutSummaryOf({ ...found, steps: [knee, spoilt] }, asked)).toMatchObject({
    verdict: "inconclusive",
    because: ["2 messages a second: p99 400 ms; the generator itself was late by 300 ms"],
    exitCode: 2,
  });
  expect(fanOutSummaryOf({ ...found, steps: [knee] }, asked).because).toEqual([
    "it still holds at 1 message a second: nothing beyond is tried",
  ]);
});
