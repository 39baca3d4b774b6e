// What an invocation of `rollcall verify` came to: the report, printed and written, and the exit code.

import { join } from "node:path";
import { countsOf, exitCodeOf, scoredCount } from "../../checkers/verdict.ts";
import { listCauses } from "../../reports/cause-ids.ts";
import { printOverview, printReport } from "../../reports/console.ts";
import type { BrokenRun, Report, RunReport } from "../../reports/report.ts";
import { writeReport } from "../../reports/write.ts";
import type { RunResult } from "../../runner/run.ts";
import { interruptedExitCode, printInterrupted } from "../interrupt.ts";
import { version } from "../version.ts";
import { nextList, writeKnownFailures } from "./known-failing.ts";
import type { Settings } from "./settings.ts";

export const reportWith = (runs: RunReport[], broken: BrokenRun[]): Report => ({
  schema: 1,
  rollcall: version,
  createdAt: new Date().toISOString(),
  runs: runs.map(({ verdicts, ...run }) => ({ ...run, causes: listCauses(verdicts), verdicts })),
  broken,
});

/**
 * Prints and writes the report, and the list of what fails. Returns the exit code. `isLeft`: something of a broken run
 * stays, and was named.
 */
export function tellReport(
  report: Report,
  settings: Settings,
  redact: (text: string) => string,
  signal: AbortSignal,
  isLeft = false,
): number {
  if (settings.json) console.log(redact(JSON.stringify(report, undefined, 2)));
  else {
    for (const run of report.runs) printReport(run);
    printOverview(report);
  }
  if (settings.report !== undefined) {
    writeReport(settings.report, report, redact);
    if (!settings.json) console.log(`report: ${join(settings.report, "report.html")}`);
  }
  if (settings.writeKnown !== undefined && report.runs.length > 0) writeKnown(report, settings.writeKnown, settings);
  if (signal.aborted) {
    const left = isLeft || report.runs.some(({ manifest }) => manifest.leftBehind.length > 0);
    printInterrupted(left);
    return interruptedExitCode;
  }
  return worst([...report.runs.map(({ exitCode }) => exitCode), ...(report.broken.length > 0 ? [4] : [])]);
}

function writeKnown(
  { runs }: Report,
  { path, old }: NonNullable<Settings["writeKnown"]>,
  { known, strict, json }: Settings,
): void {
  const next = nextList(
    runs.flatMap(({ verdicts }) => verdicts),
    known,
    old,
    strict,
  );
  const said = writeKnownFailures(path, next);
  if (!json) console.log(said);
}

export function reportOf(result: RunResult, strict: boolean): RunReport {
  const { target, verdicts } = result;
  const counts = countsOf(verdicts);
  // What was watched is judged by now, and may be long.
  const { watched: _, ...baseline } = result.baseline;
  return {
    run: result.run,
    target: {
      name: target.name,
      system: target.system.name,
      instances: target.instances,
      ...(target.addresses === undefined ? {} : { addresses: target.addresses }),
      ...(target.again === undefined ? {} : { again: target.again }),
      ...(target.config === undefined ? {} : { config: target.config }),
      capabilities: [...target.capabilities],
      ...(result.page === undefined ? {} : { origin: result.page }),
    },
    manifest: {
      contractVersion: version,
      seed: result.seed,
      clausesInSet: result.clausesInSet,
      clausesSelected: result.clausesSelected,
      clausesJudged: verdicts.length,
      clausesScored: scoredCount(counts),
      interrupted: result.interrupted,
      leftBehind: result.leftBehind,
      ...(result.stays === undefined ? {} : { stays: result.stays }),
      outages: result.outages,
      ...(result.limited === undefined ? {} : { limited: result.limited }),
    },
    canary: result.canary,
    baseline,
    strict,
    exitCode: exitCodeOf(verdicts, strict),
    durationMs: result.durationMs,
    counts,
    verdicts,
  };
}

/** Precedence 1 > 4 > 2 > 0. */
const worst = (codes: readonly number[]): number => [1, 4, 2].find((code) => codes.includes(code)) ?? 0;
