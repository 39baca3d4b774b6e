import fc from "fast-check";
import { expect, test } from "vitest";
import { LatencyHistogram } from "./latencies.ts";

/** From microseconds to an hour, short ones as often as long ones. */
const duration = fc
  .double({ min: 0, max: Math.log(3_600_000_000), noNaN: true })
  .map((log) => Math.round(Math.exp(log)));

test("says each percentile to three digits, whichever process recorded what", () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), fc.nat(300), (durations, cut) => {
      const [ours, elsewhere] = [new LatencyHistogram(), new LatencyHistogram()];
      for (const [at, us] of durations.entries()) (at < cut ? ours : elsewhere).record(us);
      ours.add(structuredClone(elsewhere.counts));
      expect(ours.count).toBe(durations.length);
      const sorted = durations.toSorted((one, other) => one - other);
      expect(ours.maxMs).toBe(sorted.at(-1)! / 1_000);
      for (const tenThousandths of [1, 10, 2_500, 5_000, 9_000, 9_900, 9_990, 9_999, 10_000]) {
        const us = sorted[Math.ceil((tenThousandths * sorted.length) / 10_000) - 1]!;
        const said = Math.round(ours.msAt(tenThousandths / 100) * 1_000);
        expect(said).toBeGreaterThanOrEqual(us);
        expect(said - us).toBeLessThanOrEqual(us / 1_000);
      }
    }),
  );
});

test("nothing recorded is 0, and what is out of range is its edge", () => {
  const histogram = new LatencyHistogram();
  expect([histogram.msAt(50), histogram.maxMs, histogram.count]).toEqual([0, 0, 0]);
  histogram.record(-5);
  histogram.record(1e12);
  expect([histogram.msAt(50), histogram.msAt(100)]).toEqual([0.001, (2 ** 32 - 1) / 1_000]);
});
