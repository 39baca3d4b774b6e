import { expect, test } from "vitest";
import { noCounts } from "./crowd.ts";
import type { EngineResult } from "./engine.ts";
import { planOf, serve } from "./fakes.ts";
import { outcomeOf, runFanOut, type FanOutResult } from "./fan-out.ts";
import { LatencyHistogram } from "./latencies.ts";

interface Counted {
  delivered: number;
  lost?: number;
  dropped?: number;
  unknown?: number;
  /** Of all deliveries. */
  tookMs?: number;
  lateMs?: number;
}

/** What the engine says after so much. */
function resultOf({ delivered, lost = 0, dropped = 0, unknown = 0, tookMs = 10, lateMs = 0 }: Counted): EngineResult {
  const latencies = new LatencyHistogram();
  latencies.record(tookMs * 1_000);
  const nothing = { duplicate: 0, reordered: 0, foreign: 0, unowed: 0, missed: 0, findings: [], omitted: 0 };
  return {
    counts: { ...noCounts(), dropped },
    published: 10,
    unknown,
    reasons: [],
    publisherEnded: undefined,
    account: { expected: delivered + lost, delivered, lost, ...nothing },
    latencies,
    returns: new LatencyHistogram(),
    replays: new LatencyHistogram(),
    generator: { loopDelayMsP99: lateMs, cpu: 0, sentLateMsMax: 0 },
    interrupted: false,
  };
}

test.each([
  ["held", { delivered: 600 }, []],
  ["broke", { delivered: 600, tookMs: 251 }, ["p99 251 ms"]],
  ["broke", { delivered: 599, lost: 3 }, ["2 lost"]],
  ["broke", { delivered: 600, dropped: 4 }, ["4 dropped"]],
  ["broke", { delivered: 600, unknown: 1 }, ["1 not acknowledged"]],
  ["broke", { delivered: 99 }, ["no delivery was expected"]],
  ["spoilt", { delivered: 600, tookMs: 900, lateMs: 500 }, ["p99 900 ms", "the generator itself was late by 500 ms"]],
  // A late generator loses nothing.
  ["broke", { delivered: 599, lost: 2, lateMs: 500 }, ["1 lost"]],
  ["held", { delivered: 600, lateMs: 500 }, []],
] as const)("a step %s: %j", (held, counted, because) => {
  const before = resultOf({ delivered: 99, lost: 1 });
  const asked = { secondsEach: 5, p99Ms: 250, generatorLateMsMax: 100 };
  const outcome = outcomeOf(before, resultOf({ ...counted, lost: "lost" in counted ? counted.lost : 1 }), asked);
  expect([outcome.held, outcome.detail.because]).toEqual([held, because]);
});

async function fannedOut(loses: boolean, signal = new AbortController().signal): Promise<FanOutResult> {
  await using served = await serve(loses ? { mistake: "loses" } : {});
  return await runFanOut({
    plan: planOf(served.url, true),
    connections: 20,
    rampMs: 100,
    secondsEach: 1,
    // Whatever else this machine does.
    p99Ms: 60_000,
    search: { from: 8, to: 16, halvings: 0 },
    signal,
  });
}

test.concurrent("each step is judged by what was said in it", async () => {
  const { knee, isFound, steps } = await fannedOut(true);
  // The fifth message of room 0 is lost: the first step has four of each.
  expect(steps.map(({ rate, held, detail }) => [rate, held, detail.because])).toEqual([
    [8, "held", []],
    [16, "broke", ["1 lost"]],
    [7.2, "held", []],
  ]);
  expect([isFound, knee?.rate, knee?.detail.deliveriesPerSecond]).toEqual([true, 8, 80]);
}, 120_000);

test.concurrent("interrupted, it ends with the steps that it has", async () => {
  const { interrupted, steps } = await fannedOut(false, AbortSignal.timeout(3_000));
  expect([interrupted, steps.length < 2]).toEqual([true, true]);
}, 120_000);
