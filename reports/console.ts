// What a run tells on a terminal: progress while it goes (none when piped), then what is not pass, with reason,
// evidence and diagnosis.

import colors from "picocolors";
import type { Verdict, VerdictKind } from "../checkers/verdict.ts";
import type { RunReport } from "./report.ts";

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

/** One line on stderr, rewritten as it goes. Silent unless stderr is a terminal. */
export class Progress {
  readonly #shown: boolean;
  readonly #lines = new Map<string, string>();

  constructor(options: { quiet: boolean }) {
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
    if (!this.#shown) return;
    this.#lines.set(target, text);
    const line = [...this.#lines].map(([name, value]) => `${name}: ${value}`).join("  │  ");
    process.stderr.write(`\r\u001B[2K${line.slice(0, (process.stderr.columns || 120) - 1)}`);
  }

  end(): void {
    if (this.#shown) process.stderr.write("\r\u001B[2K");
  }
}

/** Told by a count. */
const quietKinds: ReadonlySet<VerdictKind> = new Set(["pass", "unsupported", "untested", "not scored"]);

const evidenceLinesMax = 12;

/** What comes from a target must not steer the terminal: control characters are shown as U+FFFD, a line end as ⏎. */
export const plain = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- these are the ones
  text.replace(/\r?\n/g, "⏎").replace(/[\u0000-\u001F\u007F-\u009F]/g, "\uFFFD");

export function printReport(report: RunReport): void {
  const { target, manifest, counts, baseline } = report;
  console.log(`\n${colors.bold(plain(target.name))} (${target.system}) ${target.instances.join(" ")}`);
  const told = report.verdicts.filter((verdict) => !quietKinds.has(verdict.kind) && !wasCutShort(report, verdict));
  for (const { kind, id, measured } of report.verdicts) {
    if (kind !== "pass" || measured === undefined) continue;
    console.log(`${paint.pass("pass ")} ${colors.bold(id)}`);
    for (const line of measured) console.log(colors.dim(`      ${plain(line)}`));
  }
  told.forEach(printVerdict);
  const cutShort = report.verdicts.filter((verdict) => wasCutShort(report, verdict));
  if (cutShort.length > 0) console.log(`${paint.inconclusive("inconclusive")} ${clauseCount(cutShort)}: interrupted`);
  printUntested(report.verdicts);
  printConditions(report);
  const missing = Map.groupBy(
    report.verdicts.filter(({ kind }) => kind === "unsupported"),
    ({ because }) => because ?? "",
  );
  for (const [because, verdicts] of missing)
    console.log(`${paint.unsupported("unsupported")}  ${clauseCount(verdicts)}: ${plain(because)}`);
  if (!report.canary.honest)
    console.log(
      `${paint.inconclusive("canary")}  refusals are not to be trusted: ${plain(report.canary.because ?? "")}`,
    );
  printLeftBehind(report.run, manifest.leftBehind);
  const summary = (Object.entries(counts) as [VerdictKind, number][])
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => paint[kind](`${count} ${kind}`));
  console.log(
    `${summary.length === 0 ? paint.inconclusive("nothing ran") : summary.join(", ")} · ${manifest.clausesScored} of ${manifest.clausesInSet} clauses scored · receipts ${baseline.receipts ? "yes" : "no"} · order ${baseline.ordered ? "kept" : `not kept (${baseline.note})`} · p99 ${Math.round(baseline.deliveryMsP99)} ms · ${(report.durationMs / 1_000).toFixed(1)} s · run ${report.run} · seed ${manifest.seed}`,
  );
}

/** From this on a target is called slow. */
const slowMs = 1_000;

/** What the target was like, where it was not as one expects. */
function printConditions({ manifest, baseline }: RunReport): void {
  for (const { fromMs, lastedMs, isOver } of manifest.outages ?? [])
    console.log(
      `${paint.inconclusive("away")}  the target did not answer for ${seconds(lastedMs)}, ${seconds(fromMs)} after the start${isOver ? "; what was under way was proved again" : ", and did not come back: what was judged before is kept"}`,
    );
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

/** One line for each cause: the clause that says why, and how many wait for it. */
function printUntested(verdicts: readonly Verdict[]): void {
  const untested = verdicts.filter(({ kind }) => kind === "untested");
  for (const [owner, because] of Map.groupBy(untested, ({ owner = "?" }) => owner)) {
    const musts = because.filter(({ level }) => level === "MUST").length;
    const [first] = because;
    console.log(
      `${paint.untested("untested")}  ${clauseCount(because)} (${musts} MUST) because of ${owner}: ${plain(first?.because ?? "")}`,
    );
  }
}

const clauseCount = ({ length }: readonly unknown[]): string => `${length} ${length === 1 ? "clause" : "clauses"}`;

/** Half a conversation explains nothing: what Ctrl-C cut short is counted here and told in the report. */
const wasCutShort = ({ manifest }: RunReport, { kind, because }: Verdict): boolean =>
  manifest.interrupted && kind === "inconclusive" && because === "interrupted";

/** What a run could not delete, and how to try again. */
export function printLeftBehind(
  run: string,
  leftBehind: readonly string[],
  command: "verify" | "load" = "verify",
): void {
  if (leftBehind.length === 0) return;
  const more = leftBehind.length > 5 ? ` and ${leftBehind.length - 5} more` : "";
  console.error(
    `${colors.yellow("left behind")}  ${plain(leftBehind.slice(0, 5).join("; "))}${more}; next: rollcall ${command} --clean ${run}`,
  );
}

function printVerdict(verdict: Verdict): void {
  console.log(
    `${paint[verdict.kind](verdict.kind.padEnd(5))} ${colors.bold(verdict.id)} (${verdict.level})  ${verdict.text}`,
  );
  console.log(`      ${plain(verdict.because ?? "")}`);
  if (verdict.diagnosis !== undefined) console.log(`      ${colors.cyan("diagnosis:")} ${plain(verdict.diagnosis)}`);
  for (const line of verdict.measured ?? []) console.log(colors.dim(`      ${plain(line)}`));
  for (const line of verdict.stories?.[0] ?? []) console.log(colors.dim(`      ${plain(line)}`));
  const evidence = verdict.evidence ?? [];
  if (evidence.length > evidenceLinesMax)
    console.log(colors.dim(`      … ${evidence.length - evidenceLinesMax} earlier lines in the report (--report DIR)`));
  for (const { atMs, connection, direction, text } of evidence.slice(-evidenceLinesMax)) {
    const arrow = { sent: "→", received: "←", opened: "○", closed: "×" }[direction];
    console.log(
      colors.dim(
        `      ${String(Math.round(atMs)).padStart(6)} ms  ${connection} ${arrow} ${plain(text).slice(0, 160)}`,
      ),
    );
  }
}
