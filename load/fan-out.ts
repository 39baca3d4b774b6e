// How many messages a second reach everybody in time? One crowd listens, and at each step of the search (knee.ts) more
// is said to it. A step holds when everything came once and in order, within the objective; what is said faster than
// that is late, and what came before says nothing of the next step: each begins when all is quiet.

import type { Account } from "../checkers/deliveries.ts";
import { Engine, type EngineOptions, type EngineResult } from "./engine.ts";
import { findKnee, type Knee, type Search, type Step } from "./knee.ts";

/** What came of one rate. */
export interface FanOutStep {
  /** Of what was said in this step. */
  deliveriesPerSecond: number;
  deliveryMs: { p50: number; p99: number; max: number };
  /** Why it did not hold. */
  because: string[];
}

export interface FanOutOptions extends EngineOptions {
  /** Seconds that a step is said for, and the objective of its p99. */
  secondsEach: number;
  p99Ms: number;
  search: Search;
  /** Our own loop, when it was later, counted our time as the target's. Default: 100. */
  generatorLateMsMax?: number;
  onStep?: (step: Step<FanOutStep>) => void;
}

export interface FanOutResult extends Knee<FanOutStep> {
  /** Of all steps. */
  last: EngineResult;
  interrupted: boolean;
}

/** Throws as runEngine does, and HarnessError where nobody could be heard at all. */
export async function runFanOut(options: FanOutOptions): Promise<FanOutResult> {
  const { secondsEach, p99Ms, search, generatorLateMsMax = 100, signal, onStep } = options;
  await using engine = await Engine.open(options);
  let before = await engine.settle();
  const knee = await findKnee<FanOutStep>(search, async (rate) => {
    await engine.say({ messages: Math.max(1, Math.round(rate * secondsEach)), everyMs: 1_000 / rate });
    const after = await engine.settle();
    if (after.interrupted) return undefined;
    const outcome = outcomeOf(before, after, { secondsEach, p99Ms, generatorLateMsMax });
    before = after;
    onStep?.({ rate, ...outcome });
    return outcome;
  });
  return { ...knee, last: before, interrupted: signal.aborted };
}

const anomalies = ["lost", "duplicate", "reordered", "foreign"] as const satisfies readonly (keyof Account)[];

/** What became of a step, by all that was counted before and after it. */
export function outcomeOf(
  before: EngineResult,
  after: EngineResult,
  {
    secondsEach,
    p99Ms,
    generatorLateMsMax,
  }: Required<Pick<FanOutOptions, "secondsEach" | "p99Ms" | "generatorLateMsMax">>,
): Omit<Step<FanOutStep>, "rate"> {
  const { latencies, generator, publisherEnded } = after;
  const deliveryMs = { p50: latencies.msAt(50), p99: latencies.msAt(99), max: latencies.maxMs };
  const more = (name: string, count: number): string[] => (count > 0 ? [`${count} ${name}`] : []);
  const wrong = [
    ...anomalies.flatMap((name) => more(name, after.account[name] - before.account[name])),
    ...more("dropped", after.counts.dropped - before.counts.dropped),
    ...more("not acknowledged", after.unknown - before.unknown),
    ...(publisherEnded === undefined ? [] : [`the publisher's connection ended (${publisherEnded})`]),
    ...(after.account.expected === before.account.expected ? ["no delivery was expected"] : []),
  ];
  const late = deliveryMs.p99 > p99Ms ? [`p99 ${Math.round(deliveryMs.p99)} ms`] : [];
  const ourDelayMs = Math.round(Math.max(generator.loopDelayMsP99, generator.sentLateMsMax));
  const isSpoilt = wrong.length === 0 && late.length > 0 && ourDelayMs > generatorLateMsMax;
  const held = isSpoilt ? "spoilt" : wrong.length + late.length > 0 ? "broke" : "held";
  const detail = {
    deliveriesPerSecond: Math.round((after.account.delivered - before.account.delivered) / secondsEach),
    deliveryMs,
    because: [...wrong, ...late, ...(isSpoilt ? [`the generator itself was late by ${ourDelayMs} ms`] : [])],
  };
  return { held, detail };
}
