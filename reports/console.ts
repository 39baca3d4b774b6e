// What a run prints on a terminal: progress while it goes (none when piped), then why it is not green.

import colors from "picocolors";
import { isBroken, type Evidence, type Verdict, type VerdictKind } from "../checkers/verdict.ts";
import { closingOf, orderOf } from "./closing.ts";
import { beginningOf, cut } from "./cut.ts";
import { causeIdOf } from "./cause-ids.ts";
import { areasOf, causesOf, isSecurity, type Cause, rerunCommand } from "./causes.ts";
import { linesThatMatter, namesOf } from "./evidence.ts";
import { overviewLine, overviewOf, shownKinds, type Came } from "./overview.ts";
import { receiptsOf, type Report, type RunReport } from "./report.ts";

const paint: Record<VerdictKind, (text: string) => string> = {
  pass: colors.green,
  fail: colors.red,
  weak: colors.yellow,
  untested: colors.dim,
  unsupported: colors.dim,
  "not scored": colors.dim,
  expected: colors.cyan,
  inconclusive: colors.magenta,
  broken: colors.magenta,
};

/** Where there is no terminal: so often a long run says how far it is, or a build server takes it for dead. */
const lineEveryMs = 20_000;

/** On a terminal one line that changes; elsewhere a line now and then. */
export class Progress {
  readonly #shown: boolean;
  readonly #isQuiet: boolean;
  readonly #lines = new Map<string, string>();
  #saidAtMs = performance.now();

  constructor(options: { quiet: boolean }) {
    this.#isQuiet = options.quiet;
    this.#shown = !options.quiet && process.stderr.isTTY;
  }

  phase(target: string, phase: string): void {
    this.#show(target, phase);
  }

  verdict(target: string, verdict: Pick<Verdict, "id" | "kind">, done: number, total: number): void {
    this.#show(
      target,
      `${done}/${total} ${verdict.kind === "pass" ? "" : paint[verdict.kind](verdict.kind)} ${verdict.id}`,
    );
  }

  #show(target: string, text: string): void {
    if (this.#isQuiet) return;
    this.#lines.set(target, text);
    const line = [...this.#lines].map(([name, value]) => `${name}: ${value}`).join("  │  ");
    if (!this.#shown) {
      if (performance.now() - this.#saidAtMs < lineEveryMs) return;
      this.#saidAtMs = performance.now();
      process.stderr.write(`${line}\n`);
      return;
    }
    process.stderr.write(`\r\u001B[2K${line.slice(0, (process.stderr.columns || 120) - 1)}`);
  }

  end(): void {
    if (this.#shown) process.stderr.write("\r\u001B[2K");
  }
}

/** One mistake fits one screen; the report has all of it. */
const evidenceLinesMax = 6;
const reasonMax = 200;

/**
 * What comes from a target must not steer the terminal: control characters, marks that turn the direction of writing
 * and lone surrogates are shown as U+FFFD, a line end as ⏎.
 */
export const plain = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r?\n/g, "⏎")
    .replace(/[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/gu, "\uFFFD");

/** Causes first, worst first; then what concerns security; then the rest, a line each. */
export function printReport(report: RunReport): void {
  const { target, manifest } = report;
  const [first, ...others] = target.addresses ?? target.instances;
  const places = (target.name === first ? others : [first, ...others]).join(" ");
  console.log(`\n${colors.bold(plain(target.name))} (${target.system}) ${plain(places)}`.trimEnd());
  printMeasured(report.verdicts);
  const cutShort = report.verdicts.filter((verdict) => wasCutShort(report, verdict));
  const causes = causesOf(report.verdicts);
  const isHeavy = ({ head, untested }: Cause): boolean => head.kind === "fail" || untested.length > 0;
  for (const cause of causes.filter(isHeavy)) printCause(cause, report);
  printUnknown(report.verdicts.filter((verdict) => !wasCutShort(report, verdict)));
  const light = causes.filter((cause) => !isHeavy(cause));
  const crowded = light.filter(({ head }) => heldAlone.test(head.because ?? ""));
  const single = crowded.length < crowdedMin ? light : light.filter((cause) => !crowded.includes(cause));
  printLight("security", single.filter(isSecurity));
  printLight(
    "the rest",
    single.filter((cause) => !isSecurity(cause)),
  );
  if (crowded.length >= crowdedMin) printCrowded(crowded);
  if (cutShort.length > 0) console.log(`${paint.inconclusive("inconclusive")} ${clauseCount(cutShort)}: interrupted`);
  printConditions(report);
  printNotJudged(report.verdicts);
  if (!report.canary.honest)
    console.log(
      `${paint.inconclusive("canary")}  refusals are not to be trusted: ${plain(report.canary.because ?? "")}`,
    );
  printLeftBehind(report.run, manifest.leftBehind, report.target);
  if (manifest.stays !== undefined) console.log(`${colors.yellow("stays there")}  ${plain(manifest.stays)}`);
  console.log(summaryOf(report));
  const closing = closingOf(report);
  if (closing !== undefined) console.log(colors.yellow(plain(closing)));
}

const paintOf: Record<Came, (text: string) => string> = {
  passed: paint.pass,
  failed: paint.fail,
  inconclusive: paint.inconclusive,
  broken: paint.broken,
};

/** Of several systems: a table, and what all of them come to. */
export function printOverview(report: Report): void {
  const rows = overviewOf(report);
  if (rows.length === 0) return;
  const width = Math.max(...["system", ...rows.map(({ system }) => system)].map(({ length }) => length));
  const cells = (values: readonly unknown[]): string =>
    values.map((value, at) => String(value).padStart(Math.max(4, shownKinds[at]!.length))).join("  ");
  console.log(colors.bold(`\n${"system".padEnd(width)}  ${cells(shownKinds)}`));
  for (const { system, counts = shownKinds.map(() => "–"), came } of rows)
    console.log(`${plain(system).padEnd(width)}  ${cells(counts)}  ${paintOf[came](came)}`);
  console.log(colors.bold(plain(overviewLine(rows))));
}

function printMeasured(verdicts: readonly Verdict[]): void {
  for (const { kind, id, measured } of verdicts) {
    if (kind !== "pass" || measured === undefined) continue;
    console.log(`${paint.pass("pass ")} ${colors.bold(id)}`);
    for (const line of measured) console.log(colors.dim(`      ${plain(line)}`));
  }
}

/** How many of a list of ids are shown. */
const idsShown = 6;

/** One cause: its worst clause, the others, and how to run them again. */
export function printCause({ head, same, untested }: Cause, { target }: RunReport): void {
  printVerdict(head, evidenceLinesMax);
  if (same.length > 0) {
    const more = same.length > idsShown ? ` and ${same.length - idsShown} more` : "";
    const ids = same.slice(0, idsShown).map(({ id }) => id);
    console.log(`      the same: ${ids.join(", ")}${more}`);
  }
  if (untested.length > 0) {
    const musts = untested.filter(({ level }) => level === "MUST").length;
    console.log(
      `      ${paint.untested("untested because of it:")} ${clauseCount(untested)}, ${musts} MUST (${areasOf(untested)})`,
    );
    // Where the clause that is about it found nothing wrong, one that is untested says what came.
    if (!isBroken(head)) console.log(`      ${plain(untested[0]!.because ?? "")}`);
  }
  const all = [head, ...same].map(({ id }) => id);
  const some = all.length > idsShown ? ` (${idsShown} of ${all.length})` : "";
  console.log(colors.dim(`      again${some}: ${rerunCommand(target, all.slice(0, idsShown))}`));
}

/** Of what nothing can be said: once for all that have one diagnosis, or the same reason and nothing else to show. */
function printUnknown(verdicts: readonly Verdict[]): void {
  const unknown = verdicts.filter(({ kind }) => kind === "broken" || kind === "inconclusive");
  const groups = Map.groupBy(unknown, (verdict) => {
    const { kind, diagnosis, because, evidence = [] } = verdict;
    if (kind !== "inconclusive" || (diagnosis === undefined && evidence.length > 0)) return verdict;
    return diagnosis ?? because;
  });
  for (const same of groups.values()) {
    const { because = "", diagnosis } = same[0]!;
    if (same.length === 1) {
      printVerdict(same[0]!, evidenceLinesMax);
      continue;
    }
    console.log(`${paint.inconclusive("inconclusive")} ${clauseCount(same)} (${areasOf(same)}): ${plain(because)}`);
    if (diagnosis !== undefined) printDiagnosis(diagnosis);
  }
}

/** What breaks no MUST: a line each, and how to mend it where that is known. */
function printLight(title: string, causes: readonly Cause[]): void {
  if (causes.length === 0) return;
  console.log(colors.bold(title));
  for (const { head, same } of causes) {
    const more = same.length === 0 ? "" : ` (and ${same.map(({ id }) => id).join(", ")})`;
    console.log(
      `${paint[head.kind](head.kind.padEnd(5))} ${head.id}${more}  ${cut(plain(head.because ?? ""), reasonMax)}`,
    );
    if (head.diagnosis !== undefined) printDiagnosis(head.diagnosis);
  }
}

/** So many that were late beside others, and held alone, are one finding: too much was asked at a time. */
const crowdedMin = 3;
/** Lateness alone: a fault that only shows beside others is the target's own, each time. */
const heldAlone = /^(?:not in time|late by \d+ ms) while others ran\b.*; alone it holds$/s;

function printCrowded(causes: readonly Cause[]): void {
  const verdicts = causes.flatMap(({ head, same }) => [head, ...same]);
  const [{ kind, because = "" }] = verdicts as [Verdict, ...Verdict[]];
  console.log(
    `${paint[kind](kind.padEnd(5))} ${clauseCount(verdicts)} (${areasOf(verdicts)}) were late while others ran, and hold alone: the target, or this machine, had too much to do; next: --jobs 2\n      one of them: ${cut(plain(because), reasonMax)}`,
  );
}

/** With the cause's id, by which `--only` and `explain` know it. */
const printDiagnosis = (diagnosis: string): void =>
  console.log(
    `      ${colors.cyan("diagnosis:")} ${plain(diagnosis)} ${colors.dim(`(cause ${plain(causeIdOf(diagnosis))})`)}`,
  );

/** Of what a definition does not say the first alone: a stream without STOMP lacks forty combinations otherwise. */
const firstLack = (because: string): string =>
  because.startsWith("needs what the system's definition") ? because.split("; ", 1)[0]! : because;

/** Why clauses were not judged, and how to get them. */
function printNotJudged(verdicts: readonly Verdict[]): void {
  for (const kind of ["unsupported", "not scored"] as const) {
    const of = verdicts.filter((verdict) => verdict.kind === kind);
    for (const [because, group] of Map.groupBy(of, (verdict) => firstLack(verdict.because ?? ""))) {
      const more = group.some((verdict) => verdict.because !== because) ? ", and more" : "";
      console.log(`${paint[kind](kind)}  ${clauseCount(group)}: ${plain(because)}${more}${howToGet(because)}`);
    }
  }
}

/** Missing capability → the option that gives it. */
const options: readonly [RegExp, string][] = [
  [/\bpatience\b/, "--patient"],
  [/\btwo-instances\b/, "a second URL"],
  [/\bkafka-tap\b/, "--kafka host:port"],
  [/\bredis-tap\b/, "--redis host:port"],
  [/\bproxy\b/, "--proxy URL"],
  [/\bbrowser\b/, "a Chromium and playwright-core (--browser PATH says which is missing)"],
  [/\bother-origin\b/, "--origin of a page elsewhere that is let in"],
  [/\badmin\b(?!'s)/, "ROLLCALL_ADMIN=name:password"],
];

function howToGet(because: string): string {
  const ways = options.filter(([missing]) => missing.test(because)).map(([, way]) => way);
  return because.startsWith("needs ") && ways.length > 0 ? `; next: ${ways.join(" and ")}` : "";
}

function summaryOf({ run, target, counts, manifest, baseline, durationMs }: RunReport): string {
  const kinds = (Object.entries(counts) as [VerdictKind, number][])
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => paint[kind](`${count} ${kind}`));
  return [
    kinds.length === 0 ? paint.inconclusive("nothing ran") : kinds.join(", "),
    `${manifest.clausesScored} of ${manifest.clausesInSet} clauses scored`,
    `receipts ${receiptsOf(baseline)}`,
    plain(orderOf(baseline)),
    ...(target.origin === "own" ? [] : [asPageOf(target)]),
    ...(baseline.deliveryMsP50 === 0 ? [] : [`p99 ${Math.round(baseline.deliveryMsP99)} ms`]),
    seconds(durationMs),
    `run ${run}`,
    `seed ${manifest.seed}`,
  ].join(" · ");
}

const asPageOf = ({ origin }: RunReport["target"]): string =>
  origin === undefined ? "without an Origin, as no page is let in" : `as a page of ${origin}`;

/** From this on a target is called slow. */
const slowMs = 1_000;

/** What the target was like, where it was not as one expects. */
function printConditions({ manifest, baseline }: RunReport): void {
  for (const { fromMs, lastedMs, isOver, underWay = [] } of manifest.outages ?? []) {
    const then = isOver
      ? "; what was under way was proved again"
      : ", and did not come back: what was judged before is kept";
    const more = underWay.length > 8 ? ` and ${underWay.length - 8} more` : "";
    const suspects = underWay.length === 0 ? "" : ` (under way: ${underWay.slice(0, 8).join(", ")}${more})`;
    console.log(
      `${paint.inconclusive("away")}  the target did not answer for ${seconds(lastedMs)}, ${seconds(fromMs)} after the start${then}${plain(suspects)}`,
    );
  }
  if (manifest.limited !== undefined) {
    const { count, waitedMs } = manifest.limited;
    const times = count === 1 ? "once" : `${count} times`;
    console.log(
      `${paint.expected("limited")}  the target asked us ${times} to come again later (429, or 503): waited ${seconds(waitedMs)} in all`,
    );
  }
  if (baseline.crossing !== undefined) console.log(`${paint.expected("instances")}  ${plain(baseline.crossing)}`);
  if (baseline.clockOffsetMs !== 0) {
    const way = baseline.clockOffsetMs < 0 ? "behind" : "ahead";
    console.log(
      `${paint.expected("clock")}  the target's clock is ${seconds(Math.abs(baseline.clockOffsetMs))} ${way}`,
    );
  }
  if (baseline.deliveryMsP99 >= slowMs)
    console.log(
      `${paint.expected("slow")}  a message takes up to ${seconds(baseline.deliveryMsP99)}: deadlines are ${seconds(baseline.deadlineMs)}`,
    );
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const clauseCount = ({ length }: readonly unknown[]): string => `${length} ${length === 1 ? "clause" : "clauses"}`;

/** Half a conversation explains nothing: what Ctrl-C cut short is counted here; the report has it. */
const wasCutShort = ({ manifest }: RunReport, { kind, because }: Verdict): boolean =>
  manifest.interrupted && kind === "inconclusive" && because === "interrupted";

const leftBehindShown = 3;
const leftBehindMax = 120;

/**
 * How much a run could not delete, the first of it, and how to try again; `config`: ` --config FILE` where one was
 * named. The report has all of it, and so have the run's notes, by which --clean goes.
 */
export function printLeftBehind(
  run: string,
  leftBehind: readonly string[],
  { command = "verify", config = "" }: { command?: "verify" | "load"; config?: string | undefined } = {},
): void {
  if (leftBehind.length === 0) return;
  const rest = leftBehind.length - leftBehindShown;
  const shown = leftBehind.slice(0, leftBehindShown).map((what) => cut(plain(what), leftBehindMax));
  console.error(
    `${colors.yellow("left behind")}  ${leftBehind.length}: ${shown.join("; ")}${rest > 0 ? ` and ${rest} more` : ""}; next: npx rollcall ${command} --clean ${run}${config}`,
  );
}

/** The last lines, and before them how it began: what was opened, or who first named it. */
function firstAndLast(lines: readonly Evidence[], names: readonly string[], max: number): readonly Evidence[] {
  const [first] = lines;
  const tells = first !== undefined && (first.direction === "opened" || names.length > 0);
  return lines.length > max && tells ? [first, ...lines.slice(1 - max)] : lines.slice(-max);
}

const lineMax = 160;

/** The beginning of a line, and of a longer one what is around the name for which it is shown. */
function excerpt(text: string, names: readonly string[]): string {
  const at = Math.min(...names.map((name) => text.indexOf(name)).filter((index) => index >= 0));
  if (text.length <= lineMax || !Number.isFinite(at) || at < lineMax * 0.7) return cut(text, lineMax);
  return `${beginningOf(text, lineMax / 2)} … ${cut(text.slice(at - 15), lineMax / 2)}`;
}

function printVerdict(verdict: Verdict, evidenceMax: number): void {
  console.log(
    `${paint[verdict.kind](verdict.kind.padEnd(5))} ${colors.bold(verdict.id)} (${verdict.level}${verdict.security === true ? ", security" : ""})  ${verdict.text}`,
  );
  console.log(`      ${plain(verdict.because ?? "")}`);
  if (verdict.diagnosis !== undefined) printDiagnosis(verdict.diagnosis);
  for (const line of verdict.measured ?? []) console.log(colors.dim(`      ${plain(line)}`));
  for (const line of verdict.stories?.[0] ?? []) console.log(colors.dim(`      ${plain(line)}`));
  const lines = linesThatMatter(verdict);
  const names = namesOf(verdict);
  const leftOut = (verdict.evidence?.length ?? 0) - Math.min(lines.length, evidenceMax);
  if (leftOut > 0)
    console.log(colors.dim(`      … ${leftOut} more ${leftOut === 1 ? "line" : "lines"} in the report (--report DIR)`));
  for (const { atMs, connection, direction, text } of firstAndLast(lines, names, evidenceMax)) {
    const arrow = { sent: "→", received: "←", opened: "○", closed: "×" }[direction];
    console.log(
      colors.dim(
        `      ${String(Math.round(atMs)).padStart(6)} ms  ${connection} ${arrow} ${excerpt(plain(text), names)}`,
      ),
    );
  }
}
