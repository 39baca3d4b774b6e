// One load run against a target that is there: accounts and rooms are made, somebody listens and speaks, and what became
// of every delivery is printed, and written where a report was asked for.

import { randomBytes } from "node:crypto";
import { runEngine, type Progress } from "../../load/engine.ts";
import { runFanOut } from "../../load/fan-out.ts";
import type { Search } from "../../load/knee.ts";
import { socketsPerPerson, type LoadPlan } from "../../load/plan.ts";
import type { Machine } from "../../load/shards.ts";
import { printLeftBehind } from "../../reports/console.ts";
import { counted } from "../../runner/text.ts";
import type { Target } from "../../systems/target.ts";
import { configFlag } from "../verify/again.ts";
import { version } from "../version.ts";
import { beginDay } from "./day.ts";
import { fanOutSummaryOf, printFanOut, type FanOutSummary } from "./fan-out.ts";
import { runK6 } from "./k6-run.ts";
import { openCast, type LoadCast } from "./plan.ts";
import { ProcessSampler } from "./process-sampler.ts";
import { writeLoadReport } from "./report/report.ts";
import { Samples } from "./report/samples.ts";
import { scenarioOf, type ScenarioName } from "./scenarios.ts";
import { printLoad, readSummary, summaryOf, type Asked, type LoadSummary } from "./summary.ts";

export interface Run {
  scenario: ScenarioName;
  senders: number;
  /** Messages a second. */
  rate: number;
  target: Target;
  /** Its file; undefined: the engine drives. */
  k6: string | undefined;
  connections: number;
  machine: Machine;
  holdSeconds: number;
  rampSeconds: number;
  p99Ms: number;
  backMs: number;
  signal: AbortSignal;
  /** What could not be deleted is added here. */
  left: string[];
  config: string | undefined;
  isJson: boolean;
  /** The folder of the report; undefined: none was asked for. */
  report: string | undefined;
  /** The server's process on this machine, where it is known. */
  serverPid: number | undefined;
  say: (text: string) => void;
}

/** Resolves with the exit code; undefined when interrupted. */
export async function run(load: Run): Promise<number | undefined> {
  const { target, say, connections, left, signal } = load;
  const { system, instances, throwAway } = target;
  const name = randomBytes(3).toString("hex");
  // Told at once, with --json too: who kills this run needs its name to tidy up.
  if (!throwAway) console.error(`run ${name} of ${system.name} at ${instances.join(", ")}`);
  say("making accounts and rooms, and saying something in one …");
  const { slowOneIn, day, onStreams = false, overSockjs = false } = scenarioOf(load.scenario);
  const cast = await openCast({
    run: name,
    target,
    connections,
    senders: load.senders,
    onStreams,
    overSockjs,
    ...(day === undefined ? {} : { socketsEach: day.tabsEach }),
    oneRoom: onStreams || slowOneIn !== undefined,
    longTexts: slowOneIn !== undefined,
    signal,
    onLeftBehind: (behind) => {
      left.push(...behind);
      printLeftBehind(name, behind, { command: "load", config: configFlag(load.config) });
    },
    onStays: (what) => say(`stays there: ${what}`),
  });
  try {
    const { plan } = cast;
    say(
      `${counted(plan.listeners.length, "account")} to listen, with up to ${plan.socketsEach ?? socketsPerPerson} connections each, and ${plan.publishers.length} to speak; ${counted(plan.rooms.length, "room")}${plan.receipts ? "" : "; no RECEIPT frames: what its sender hears was taken"}`,
    );
    say(`${counted(connections, "connection")} in ${load.rampSeconds} s, then ${whatIsSaid(load)} …`);
    return await driven(load, cast);
  } finally {
    await cast.close();
  }
}

function whatIsSaid({ scenario, holdSeconds, rate }: Run): string {
  const { search, storm } = scenarioOf(scenario);
  if (search !== undefined) return `more and more messages a second, ${holdSeconds} s each`;
  return `${counted(holdSeconds * rate, "message")}, ${rate} a second${storm === undefined ? "" : "; after half of them all are dropped"}`;
}

/** Prints and writes what came of it, of an interrupted run what is known so far. */
async function driven(load: Run, cast: LoadCast): Promise<number | undefined> {
  const { k6, scenario, p99Ms, signal } = load;
  const { search, question } = scenarioOf(scenario);
  const samples = new Samples(load.serverPid === undefined ? undefined : new ProcessSampler(load.serverPid));
  const startMs = performance.now();
  const summary = await (search !== undefined
    ? runSearch(load, cast.plan, search, samples)
    : k6 === undefined
      ? runOwn(load, cast, samples)
      : runByK6({ ...load, k6 }, cast.plan));
  if (summary === undefined) return undefined;
  const durationMs = Math.round(performance.now() - startMs);
  print(summary, load);
  if (load.report !== undefined) {
    const createdAt = new Date().toISOString();
    const head = { schema: 1, rollcall: version, createdAt, question, p99Ms, durationMs } as const;
    writeLoadReport(load.report, { ...head, summary, samples: samples.all });
    load.say(`report: ${load.report}/load.html`);
  }
  return signal.aborted ? undefined : summary.exitCode;
}

function print(summary: LoadSummary | FanOutSummary, { isJson }: Run): void {
  if (isJson) console.log(JSON.stringify(summary, undefined, 2));
  else if ("steps" in summary) printFanOut(summary);
  else printLoad(summary);
}

/** Looks for the knee; undefined when interrupted before the first step. */
async function runSearch(
  load: Run,
  plan: LoadPlan,
  search: Search,
  samples: Samples,
): Promise<FanOutSummary | undefined> {
  const { connections, machine, rampSeconds, holdSeconds, p99Ms, target, say, signal } = load;
  const result = await runFanOut({
    plan,
    machine,
    connections,
    rampMs: rampSeconds * 1_000,
    secondsEach: holdSeconds,
    p99Ms,
    search,
    signal,
    onProgress: (progress) => samples.add(progress),
    // The table comes at the end.
    onStep: ({ rate, held }) => say(`${rate} a second: ${held}`),
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  });
  return result.steps.length === 0 ? undefined : fanOutSummaryOf(result, askedOf(load));
}

const askedOf = ({ scenario, connections, holdSeconds, rate, p99Ms, backMs, target }: Run): Asked => ({
  scenario,
  messages: holdSeconds * rate,
  backMs,
  mayBeDropped: scenarioOf(scenario).onStreams === true && scenarioOf(scenario).storm !== undefined,
  connections,
  p99Ms,
  url: target.instances.join(", "),
  system: target.system.name,
});

/** Between two lines of progress. */
const progressEveryMs = 5_000;

/** Drives with the engine. Undefined when interrupted before anything happened. */
async function runOwn(
  load: Run,
  { plan, publish, logins, read }: LoadCast,
  samples: Samples,
): Promise<LoadSummary | undefined> {
  const { connections, machine, rampSeconds, holdSeconds, rate, target, signal } = load;
  let saidAtMs = performance.now();
  const onProgress = (progress: Progress): void => {
    samples.add(progress);
    if (performance.now() - saidAtMs < progressEveryMs) return;
    saidAtMs = performance.now();
    load.say(progressLine(progress, connections));
  };
  const { storm, slowOneIn, day } = scenarioOf(load.scenario);
  await using reading = day === undefined ? undefined : beginDay({ ...day, connections, logins, read });
  const result = await runEngine({
    plan,
    machine,
    connections,
    rampMs: rampSeconds * 1_000,
    messages: holdSeconds * rate,
    everyMs: 1_000 / rate,
    signal,
    publish,
    onProgress,
    ...(slowOneIn === undefined ? {} : { slowOneIn }),
    ...(storm === undefined ? {} : { storm, returning: true }),
    ...(day === undefined ? {} : { visits: day, returning: true }),
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  });
  if (result.interrupted && result.counts.opened === 0) return undefined;
  return summaryOf(result, askedOf(load), await reading?.end());
}

function progressLine(progress: Progress, connections: number): string {
  const { subscribed, published, heard, dropped, left, returned, failures, deliveryMs } = progress;
  const lost = dropped === 0 ? "" : `, ${dropped} dropped`;
  const back = left === 0 ? "" : `, ${returned} of ${left} are back (${counted(failures, "failure")})`;
  const time = heard === 0 ? "" : `, p99 ${deliveryMs.p99.toFixed(0)} ms`;
  return `${subscribed} of ${connections} subscribed${lost}${back}; ${published} published, ${heard} heard${time}`;
}

/** Undefined when interrupted: k6 ends without a word. */
async function runByK6(load: Run & { k6: string }, plan: LoadPlan): Promise<LoadSummary | undefined> {
  const { connections, rampSeconds, holdSeconds, p99Ms } = load;
  const script = { ...plan, connections, socketsPerVu: socketsPerPerson, rampSeconds, holdSeconds, p99Ms };
  const result = await runK6(load.k6, JSON.stringify(script), load.signal);
  return result === undefined ? undefined : readSummary(result, askedOf(load));
}
