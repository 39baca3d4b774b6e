// Runs scenarios against a target, one after the other, each with its own traffic; or one long run with random
// faults (a soak). Verdicts come out.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Judgement } from "../../checkers/judge.ts";
import type { Verdict } from "../../checkers/verdict.ts";
import type { Outage } from "../../targets/outages.ts";
import type { Target } from "../../systems/target.ts";
import { randomOf, shuffled } from "../random.ts";
import { NotUndoneError, runFaults, type FaultBaseline, type FaultRunOptions, type PlannedFault } from "./run.ts";
import type { Scenario, ScenarioId } from "./scenarios.ts";
import { slowCharacters } from "./troubled-clients.ts";
import { verdictOf, verdictOfError, type Subject } from "./verdict.ts";

export interface ScenarioRunOptions {
  target: Target;
  /** What a scenario does to this target; undefined: nobody said how, and it is unsupported. */
  outageOf: (scenario: Scenario) => Outage | undefined;
  signal: AbortSignal;
  /** How often in a row each scenario is run; one that was not kept ends its row. */
  times?: number;
  /** Where `<scenario>.history.jsonl` is written: the last run's. */
  historyFolder?: string;
  baseline?: FaultBaseline;
  /** The mean pause between two messages of one sender. */
  everyMs?: number;
  onStart?: (run: string) => void;
  /** What a run could not delete. */
  onLeftBehind?: (run: string, what: readonly string[]) => void;
  onPhase?: (phase: string) => void;
  onVerdict?: (verdict: Verdict) => void;
}

/** What these clients do they do over STOMP. */
const needsStomp: ReadonlySet<string> = new Set(["half-open", "slow-reader", "reconnect-storm"] satisfies ScenarioId[]);

/**
 * Verdicts in the order of the scenarios; after an interruption those that are known. A target that is not well again
 * is not asked further.
 */
export async function runScenarios(scenarios: readonly Scenario[], options: ScenarioRunOptions): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let unwell: string | undefined;
  for (const scenario of scenarios) {
    if (options.signal.aborted) break;
    const row: RunEnd =
      unwell === undefined
        ? await runRow(scenario, options)
        : {
            verdict: {
              ...subjectVerdict(scenario),
              kind: "inconclusive",
              because: `not run: after ${unwell} the target was not well`,
            },
            isWell: true,
          };
    verdicts.push(row.verdict);
    options.onVerdict?.(row.verdict);
    if (!row.isWell) unwell = scenario.id;
  }
  return verdicts;
}

export const runScenario = async (scenario: Scenario, options: ScenarioRunOptions): Promise<Verdict> =>
  (await runRow(scenario, options)).verdict;

async function runRow(scenario: Scenario, options: ScenarioRunOptions): Promise<RunEnd> {
  const unsupported = (because: string): RunEnd => ({
    verdict: { ...subjectVerdict(scenario), kind: "unsupported", because },
    isWell: true,
  });
  if (scenario.needsKafka && options.target.kafka === undefined)
    return unsupported("needs kafka-tap, which the target does not declare");
  if (needsStomp.has(scenario.id) && !options.target.system.features.has("stomp"))
    return unsupported("needs clients that speak STOMP, which the system's definition does not have");
  const { textLengthMax = slowCharacters } = options.target.system.stomp ?? {};
  if (scenario.id === "slow-reader" && textLengthMax < slowCharacters)
    return unsupported(
      `needs messages of ${slowCharacters} characters: shorter ones do not fill what a reader's kernel keeps`,
    );
  const { times = 1, signal } = options;
  const earlier: Judgement[] = [];
  const startMs = performance.now();
  for (let time = 1; ; time++) {
    const planned = plannedOf(scenario, options, scenario.holdMs);
    if (planned === undefined)
      return unsupported(`needs faults: nobody said how; the config file's "faults" has no ${scenario.id}`);
    const end = await judged(scenario, [planned], options, {
      earlier,
      ...(times === 1 ? {} : { row: `run ${time} of ${times}` }),
    });
    if (end.verdict.kind !== "pass" || time === times || signal.aborted)
      return { ...end, verdict: { ...end.verdict, durationMs: performance.now() - startMs } };
    earlier.push(end.judgement!);
  }
}

export interface SoakOptions extends ScenarioRunOptions {
  minutes: number;
  seed: number;
}

const soakHoldMsMax = 8_000;
const soakPauseMsMax = 4_000;

/** Steady traffic while random faults come and go, by a seed. One verdict. */
export async function soak(scenarios: readonly Scenario[], options: SoakOptions): Promise<Verdict> {
  const { minutes, seed, signal, onPhase } = options;
  const usable = scenarios.filter(
    (scenario) =>
      scenario.soaks &&
      (!needsStomp.has(scenario.id) || options.target.system.features.has("stomp")) &&
      (!scenario.needsKafka || options.target.kafka !== undefined) &&
      (scenario.clients !== undefined || options.outageOf(scenario) !== undefined),
  );
  const subject = {
    id: "soak",
    text: `${minutes} minutes of random faults: nothing acknowledged is lost, nothing comes twice, out of order or to strangers.`,
    source: "DLV, REP, LIF",
  };
  if (usable.length === 0)
    return { ...subjectVerdict(subject), kind: "unsupported", because: "needs faults: nobody said how" };
  const random = randomOf(seed);
  const startMs = performance.now();
  const untilMs = startMs + minutes * 60_000;
  async function* plan(): AsyncGenerator<PlannedFault> {
    for (let count = 1; performance.now() < untilMs && !signal.aborted;) {
      // Each once in random order, then again: no fault is left out by chance.
      for (const scenario of shuffled(usable, random)) {
        if (performance.now() >= untilMs || signal.aborted) return;
        const holdMs = scenario.holdMs === 0 ? 0 : Math.round(500 + random() * soakHoldMsMax);
        onPhase?.(
          `${Math.round((performance.now() - startMs) / 1_000)} s, fault ${count}: ${scenario.id} for ${holdMs} ms`,
        );
        count++;
        yield plannedOf(scenario, options, holdMs)!;
        await wait(random() * soakPauseMsMax, undefined, { signal }).catch(() => undefined);
      }
    }
  }
  return (await judged(subject, plan(), options, { seed })).verdict;
}

interface RunEnd {
  verdict: Verdict;
  judgement?: Judgement;
  /** false: something was not undone, or the target did not recover. */
  isWell: boolean;
}

interface Row {
  seed?: number;
  /** Which run of its row this is. */
  row?: string;
  earlier?: readonly Judgement[];
}

async function judged(
  subject: Subject,
  faults: Iterable<PlannedFault> | AsyncIterable<PlannedFault>,
  options: ScenarioRunOptions,
  { seed = 0, row, earlier = [] }: Row,
): Promise<RunEnd> {
  const { target, signal, historyFolder, onPhase } = options;
  const startMs = performance.now();
  const run: FaultRunOptions = {
    target,
    signal,
    seed,
    ...(options.baseline === undefined ? {} : { baseline: options.baseline }),
    ...(options.everyMs === undefined ? {} : { everyMs: options.everyMs }),
    ...(options.onStart === undefined ? {} : { onStart: options.onStart }),
    ...(options.onLeftBehind === undefined ? {} : { onLeftBehind: options.onLeftBehind }),
    ...(onPhase === undefined
      ? {}
      : { onPhase: (phase: string) => onPhase(`${subject.id}${row === undefined ? "" : `, ${row}`}: ${phase}`) }),
  };
  if (historyFolder !== undefined) {
    mkdirSync(historyFolder, { recursive: true });
    run.historyFile = join(historyFolder, `${target.system.name}.${subject.id}.history.jsonl`);
  }
  try {
    const result = await runFaults(faults, run);
    return {
      verdict: inRow(verdictOf(subject, result, earlier), row),
      judgement: result.judgement,
      isWell: result.isWell,
    };
  } catch (error) {
    const durationMs = performance.now() - startMs;
    // What was not undone is reported in every case.
    if (!signal.aborted || error instanceof NotUndoneError)
      return {
        verdict: inRow(verdictOfError(subject, error, durationMs), row),
        isWell: !(error instanceof NotUndoneError),
      };
    const next = run.historyFile === undefined ? "" : `; what it heard so far: rollcall judge ${run.historyFile}`;
    const kept = earlier.length === 0 ? "" : `, ${earlier.length} before it were kept`;
    return {
      verdict: {
        ...subjectVerdict(subject),
        kind: "inconclusive",
        because: `interrupted${row === undefined ? "" : ` in ${row}${kept}`}${next}`,
        durationMs,
      },
      isWell: true,
    };
  }
}

const inRow = (verdict: Verdict, row: string | undefined): Verdict =>
  row === undefined || verdict.because === undefined ? verdict : { ...verdict, because: `${row}: ${verdict.because}` };

function plannedOf(scenario: Scenario, { outageOf }: ScenarioRunOptions, holdMs: number): PlannedFault | undefined {
  const { id, clients } = scenario;
  if (clients !== undefined) return { id, trouble: clients, holdMs };
  const outage = outageOf(scenario);
  return outage === undefined ? undefined : { id, trouble: () => outage, holdMs };
}

const subjectVerdict = ({ id, text, source }: Subject) => ({
  id: `faults.${id}`,
  level: "MUST" as const,
  text,
  source,
  durationMs: 0,
});
