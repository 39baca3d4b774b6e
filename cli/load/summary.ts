// What k6 or the engine counted, as a verdict: every expected delivery is accounted for, and a run that the generator
// spoilt is inconclusive, not failed.

import colors from "picocolors";
import { z } from "zod";
import type { EngineResult } from "../../load/engine.ts";
import type { LatencyHistogram } from "../../load/latencies.ts";
import type { CrowdCounts } from "../../load/crowd.ts";
import { judgeCompact, type CompactResult } from "../../load/compact-history.ts";
import { HarnessError } from "../../drivers/errors.ts";
import type { DayResult } from "./day.ts";
import type { K6Result } from "./k6-run.ts";
import { counted } from "../../runner/text.ts";

export interface LoadSummary {
  scenario: string;
  url: string;
  system: string;
  connections: number;
  opened: number;
  refused: number;
  dropped: number;
  published: number;
  /** Sent without an answer: once or never are both right. */
  unknown: number;
  expected: number;
  delivered: number;
  lost: number;
  duplicate: number;
  reordered: number;
  foreign: number;
  /** Acknowledged while its listener was away; heard by who was not owed it, coming or going. */
  missed?: number;
  unowed?: number;
  /** By the engine alone: how connections ended that should not have, and how often. */
  reasons?: [how: string, count: number][];
  deliveryMs: { p50: number; p95: number; p99: number; max: number };
  /** After a storm: who was dropped, who is back, attempts that failed, and how long each took. */
  storm?: { left: number; returned: number; failures: number; backMs: Times };
  /** What listeners missed and were sent when they were back, and how long after that. */
  replay?: { deliveries: number; afterMs: Times };
  /** Who read slowly or not at all, to whom nothing was owed, and how many of them the target cut off. */
  slow?: { connections: number; cut: number };
  /** What people did beside listening and speaking: tabs that were closed and opened again, and the history read. */
  day?: {
    closed: number;
    opened: number;
    failures: number;
    logins: number;
    loginMs: Times;
    reads: number;
    readMs: Times;
    readFailures: number;
    /** Of the first that failed. */
    because?: string;
  };
  objectives: Objective[];
  verdict: "pass" | "fail" | "inconclusive";
  because: string[];
  exitCode: 0 | 1 | 2;
}

interface Times {
  p50: number;
  p99: number;
  max: number;
}

/** One thing that has to hold; unknown: we or the machine spoilt it. */
export interface Objective {
  name: string;
  came: "held" | "broke" | "unknown";
  because?: string;
}

const metric = z.looseObject({ values: z.record(z.string(), z.number()) });
const shape = z.looseObject({ metrics: z.record(z.string(), metric) });

/** What was asked of a run. */
export interface Asked {
  scenario: string;
  /** When everybody has to be back. */
  backMs: number;
  /** Who is dropped by the target, too, comes back, and is judged by that. */
  mayBeDropped?: boolean;
  connections: number;
  messages: number;
  p99Ms: number;
  url: string;
  system: string;
}

/** Our own loop, when it was so late, counted our own time as the target's. */
const generatorLateMsMax = 100;

/** What the engine found. */
export function summaryOf(
  { counts, account, latencies, returns, replays, generator, ...result }: EngineResult,
  asked: Asked,
  day?: DayResult,
): LoadSummary {
  const { expected, delivered, lost, duplicate, reordered, foreign, missed, unowed } = account;
  const { subscribed: opened, refused, dropped, left, returned, failures, slow, slowCut } = counts;
  const { published, unknown, reasons, publisherEnded, interrupted } = result;
  const all = {
    opened,
    refused,
    dropped,
    published,
    unknown,
    expected,
    delivered,
    lost,
    duplicate,
    reordered,
    foreign,
  };
  const deliveryMs = {
    p50: latencies.msAt(50),
    p95: latencies.msAt(95),
    p99: latencies.msAt(99),
    max: latencies.maxMs,
  };
  const lateMs = Math.round(Math.max(generator.loopDelayMsP99, generator.sentLateMsMax));
  const isLate = lateMs > generatorLateMsMax;
  const beside = {
    ...(day === undefined ? {} : { day: dayOf(day, counts) }),
    ...(left === 0 || day !== undefined ? {} : { storm: { left, returned, failures, backMs: timesOf(returns) } }),
    ...(replays.count === 0 ? {} : { replay: { deliveries: replays.count, afterMs: timesOf(replays) } }),
    ...(slow === 0 ? {} : { slow: { connections: slow, cut: slowCut } }),
  };
  const late = isLate ? [`the generator itself was late by ${lateMs} ms`] : [];
  // Of a tab that is closed nobody misses anything.
  const away = day === undefined ? { missed, unowed } : { unowed };
  return judged({ ...all, ...away, reasons, ...beside }, deliveryMs, asked, { late, publisherEnded, interrupted });
}

function dayOf(day: DayResult, { left, returned, failures }: CrowdCounts): NonNullable<LoadSummary["day"]> {
  const { logins, reads, because } = day;
  return {
    closed: left,
    opened: returned,
    failures,
    logins: logins.count,
    loginMs: timesOf(logins),
    reads: reads.count,
    readMs: timesOf(reads),
    readFailures: day.failures,
    ...(because === undefined ? {} : { because }),
  };
}

const timesOf = (times: LatencyHistogram): Times => ({
  p50: times.msAt(50),
  p99: times.msAt(99),
  max: times.maxMs,
});

/**
 * What k6 found: the deliveries by what its sockets handed back, the times by its own metric. Throws HarnessError when
 * some handed nothing back.
 */
export function readSummary({ metrics: data, history }: K6Result, asked: Asked): LoadSummary {
  const { metrics } = shape.parse(data);
  const trend = metrics["rollcall_delivery_ms"]?.values ?? {};
  const { account, ...counts } = judgedBy(history, asked.connections);
  const { expected, delivered, lost, duplicate, reordered, foreign, missed, unowed } = account;
  const deliveryMs = {
    p50: trend["med"] ?? 0,
    p95: trend["p(95)"] ?? 0,
    p99: trend["p(99)"] ?? 0,
    max: trend["max"] ?? 0,
  };
  const all = { ...counts, expected, delivered, lost, duplicate, reordered, foreign, missed, unowed };
  return judged(all, deliveryMs, asked, { late: [] });
}

function judgedBy(history: string, connections: number): CompactResult {
  try {
    return judgeCompact(history, connections);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new HarnessError(`Cannot judge what k6 found: ${error.message}`, { cause: error });
  }
}

type Counts = Omit<
  LoadSummary,
  "scenario" | "url" | "system" | "connections" | "deliveryMs" | "objectives" | "verdict" | "because" | "exitCode"
>;

interface Spoilt {
  /** Why the times are not the target's. */
  late: readonly string[];
  publisherEnded?: string | undefined;
  /** What had not happened by then says nothing of the target. */
  interrupted?: boolean;
}

function judged(
  counts: Counts,
  deliveryMs: LoadSummary["deliveryMs"],
  asked: Asked,
  { late, publisherEnded, interrupted = false }: Spoilt,
): LoadSummary {
  const { scenario, connections, messages, p99Ms, backMs, url, system } = asked;
  const none = (name: string, count: number, what: string): Objective =>
    objective(name, count > 0 ? [`${count} ${what}`] : []);
  const ended = publisherEnded === undefined ? "" : `: the target ended the publisher's connection (${publisherEnded})`;
  const tooLate = deliveryMs.p99 > p99Ms ? [`p99 is ${Math.round(deliveryMs.p99)} ms, the threshold ${p99Ms} ms`] : [];
  const isComing = counts.storm !== undefined && asked.mayBeDropped === true;
  /** What is not reached, of a run that was cut short, nobody knows. */
  const cut = (lacks: string[]): [string[], string[]] => (interrupted ? [[], lacks] : [lacks, []]);
  const tooFew = counts.opened < connections ? [`${counts.opened} of ${connections} connections were subscribed`] : [];
  const objectives: Objective[] = [
    ...(interrupted ? [objective("the run comes to its end", [], ["interrupted"])] : []),
    objective("nobody is refused", counts.refused > 0 ? [`${counts.refused} refused`] : []),
    objective("every connection is subscribed", ...cut(tooFew)),
    ...(isComing ? [] : [none("no connection is dropped", counts.dropped, "dropped")]),
    none("nothing is lost", counts.lost, "lost"),
    none("nothing comes twice", counts.duplicate, "duplicate"),
    none("everything comes in order", counts.reordered, "reordered"),
    none("nothing comes to whom it is not for", counts.foreign, "foreign"),
    ...(counts.storm === undefined
      ? []
      : [objective(`everybody is back within ${secondsOf(backMs)}`, ...cut(notBack(counts.storm, backMs)))]),
    ...(counts.day === undefined ? [] : dayObjectives(counts.day, p99Ms, late)),
    // Our own delay would be counted as the target's.
    objective(`p99 of the delivery time is at most ${p99Ms} ms`, ...split(late, tooLate)),
    // Nothing published or nothing expected proves nothing, however green the thresholds are.
    objective(
      "what should be published was, and somebody was to hear it",
      [],
      counts.published < messages * 0.9
        ? [`${counts.published} of ${messages} messages were published and acknowledged${ended}`]
        : counts.expected === 0
          ? ["no delivery was expected"]
          : [],
    ),
  ];
  return { scenario, url, system, connections, ...counts, deliveryMs, objectives, ...verdictOf(objectives) };
}

function dayObjectives(
  { failures, reads, readFailures, readMs, because }: NonNullable<LoadSummary["day"]>,
  p99Ms: number,
  late: readonly string[],
): Objective[] {
  const broken = readFailures === 0 ? [] : [`${readFailures} of ${reads + readFailures} failed: ${because}`];
  const tooLate =
    readMs.p99 > p99Ms ? [`p99 of reading is ${Math.round(readMs.p99)} ms, the threshold ${p99Ms} ms`] : [];
  return [
    objective("who opens a tab again is let in", failures > 0 ? [`${counted(failures, "attempt")} failed`] : []),
    objective("every read of the history is answered", broken),
    objective(`p99 of reading the history is at most ${p99Ms} ms`, ...split(late, tooLate)),
  ];
}

/** What broke, and what nobody knows. */
const split = (late: readonly string[], tooLate: readonly string[]): [string[], string[]] =>
  late.length === 0 || tooLate.length === 0 ? [[...tooLate], []] : [[], [...tooLate, ...late]];

export function objective(name: string, broke: readonly string[], unknown: readonly string[] = []): Objective {
  const came = broke.length > 0 ? "broke" : unknown.length > 0 ? "unknown" : "held";
  return came === "held" ? { name, came } : { name, came, because: [...broke, ...unknown].join("; ") };
}

export function verdictOf(objectives: readonly Objective[]): Pick<LoadSummary, "verdict" | "because" | "exitCode"> {
  const becauseOf = (came: Objective["came"]): string[] =>
    objectives.flatMap((one) => (one.came === came && one.because !== undefined ? [one.because] : []));
  const [failed, spoilt] = [becauseOf("broke"), becauseOf("unknown")];
  const verdict = failed.length > 0 ? "fail" : spoilt.length > 0 ? "inconclusive" : "pass";
  return {
    verdict,
    because: [...failed, ...spoilt],
    exitCode: ({ pass: 0, fail: 1, inconclusive: 2 } as const)[verdict],
  };
}

function notBack({ left, returned, backMs }: NonNullable<LoadSummary["storm"]>, withinMs: number): string[] {
  if (returned < left) return [`${left - returned} of ${left} did not come back`];
  return backMs.max > withinMs
    ? [`all were back after ${secondsOf(backMs.max)}, the threshold ${secondsOf(withinMs)}`]
    : [];
}

function dayLine({
  closed,
  opened,
  failures,
  logins,
  loginMs,
  reads,
  readMs,
  readFailures,
}: NonNullable<LoadSummary["day"]>): string {
  const times = ({ p50, p99 }: Times): string => `p50 ${p50.toFixed(0)} ms · p99 ${p99.toFixed(0)} ms`;
  const failed = failures === 0 ? "" : `, ${counted(failures, "attempt")} failed`;
  const read =
    reads + readFailures === 0
      ? "it has no history to read"
      : `${counted(reads, "read")} of the history, ${times(readMs)}, ${readFailures} failed`;
  return `${counted(logins, "login")}, ${times(loginMs)}; ${counted(closed, "tab")} closed, ${opened} opened again${failed}; ${read}`;
}

const besideOf = ({ missed = 0, unowed = 0 }: LoadSummary): string =>
  (missed === 0 ? "" : `; ${missed} missed by who was cut off`) +
  (unowed === 0 ? "" : `; ${unowed} more heard by who came or went`);

function stormLine({ left, returned, failures, backMs }: NonNullable<LoadSummary["storm"]>): string {
  const times =
    returned === 0
      ? ""
      : `, after p50 ${secondsOf(backMs.p50)} · p99 ${secondsOf(backMs.p99)} · max ${secondsOf(backMs.max)}`;
  return `${left} lost their connection: ${returned} came back${times}; ${counted(failures, "attempt")} failed`;
}

const replayLine = ({ deliveries, afterMs }: NonNullable<LoadSummary["replay"]>): string =>
  `what was missed came when they were back: ${deliveries} deliveries, after p50 ${afterMs.p50.toFixed(0)} ms · p99 ${afterMs.p99.toFixed(0)} ms · max ${afterMs.max.toFixed(0)} ms`;

const slowLine = ({ connections, cut }: NonNullable<LoadSummary["slow"]>): string =>
  `${counted(connections, "connection")} read slowly or not at all, and nothing was owed to them: the target cut off ${cut}`;

const secondsOf = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

export function printLoad(summary: LoadSummary): void {
  const { deliveryMs, storm } = summary;
  const paint = { pass: colors.green, fail: colors.red, inconclusive: colors.magenta }[summary.verdict];
  console.log(`\n${colors.bold(summary.url)} (${summary.system})`);
  console.log(
    `${summary.opened} of ${summary.connections} connections subscribed, ${summary.refused} refused, ${summary.dropped} dropped`,
  );
  console.log(
    `${summary.published} messages published, ${summary.expected} deliveries expected: ${summary.delivered} delivered, ${summary.lost} lost, ${summary.duplicate} duplicate, ${summary.reordered} reordered, ${summary.foreign} foreign${besideOf(summary)}${summary.unknown === 0 ? "" : `; ${summary.unknown} sends of unknown fate`}`,
  );
  console.log(
    `delivery p50 ${deliveryMs.p50.toFixed(0)} ms · p95 ${deliveryMs.p95.toFixed(0)} ms · p99 ${deliveryMs.p99.toFixed(0)} ms · max ${deliveryMs.max.toFixed(0)} ms`,
  );
  if (storm !== undefined) console.log(stormLine(storm));
  if (summary.replay !== undefined) console.log(replayLine(summary.replay));
  if (summary.day !== undefined) console.log(dayLine(summary.day));
  if (summary.slow !== undefined) console.log(slowLine(summary.slow));
  if (summary.reasons !== undefined && summary.reasons.length > 0) {
    const said = summary.reasons.slice(0, 5).map(([how, count]) => `${count} × ${how}`);
    console.log(`connections ended: ${said.join(", ")}${summary.reasons.length > 5 ? ", …" : ""}`);
  }
  console.log(`${paint(summary.verdict)}${summary.because.length === 0 ? "" : `: ${summary.because.join("; ")}`}`);
}
