// `rollcall report DIR…`: renders the pages of a run again from its report.json, compares two runs, or lays several side
// by side.

import { appendFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import { annotationsOf, summaryMarkdown } from "../reports/build-server.ts";
import { compare } from "../reports/compare.ts";
import { printComparison } from "../reports/compare-console.ts";
import { printReport } from "../reports/console.ts";
import { columnsOf, matrixMarkdown } from "../reports/matrix.ts";
import type { Report } from "../reports/report.ts";
import { renderReport, writeComparison, writeForBuildServer } from "../reports/write.ts";
import { folderOf, reportIn } from "./read-report.ts";

interface ReportOptions {
  matrix?: true;
  report?: string;
  json?: true;
  ci?: true;
}

const examples = `
Examples:
  rollcall report reports/today                                     its pages and its table again
  rollcall report reports/yesterday reports/today                   what was fixed, what broke
  rollcall report reports/main reports/branch --report comparison   the same as a page, too
  rollcall report reports/today --ci                                for a build server: summary, badge, CTRF
  rollcall report --matrix reports/spring reports/rabbitmq > peers.md

Exit codes of a comparison: 0 nothing that held broke · 1 something that held fails, or cannot be told any more · 2 the reports have no clause in common · 3 usage · 4 a report cannot be read, or the page not written`;

export function addReportCommand(program: Command): void {
  program
    .command("report")
    .description("print a run's table and render its pages again, from its report.json; or compare two runs: OLD NEW")
    .argument("<dir...>", "the folder that `verify --report` wrote, or the report.json in it; several with --matrix")
    .option("--matrix", "print clauses × targets as Markdown instead, a column for each folder")
    .option("--ci", "of one: write summary.md, badge.svg and ctrf.json beside it, and annotations where GitHub runs it")
    .option("--report <dir>", "of two: write comparison.html there")
    .option("--json", "of two: print the comparison as JSON")
    .addHelpText("after", examples)
    .action((paths: string[], options: ReportOptions, command: Command) => {
      const wrong = wrongIn(paths, options);
      if (wrong !== undefined) command.error(`error: ${wrong}`);
      const reports = paths.map((path) => ({ dir: folderOf(path), report: reportIn(path) }));
      const [first, second] = reports;
      if (options.matrix !== true && second !== undefined) {
        process.exitCode = compareTwo(first!.report, second.report, options);
        return;
      }
      for (const { dir, report } of reports)
        for (const { target, because } of report.broken)
          console.error(`rollcall: ${dir}: ${target} was not verified: ${because}`);
      if (options.matrix === true) {
        const columns = reports.flatMap(({ dir, report }) => columnsOf(basename(resolve(dir)), report));
        process.stdout.write(matrixMarkdown(columns));
        return;
      }
      if (options.ci === true) return tellBuildServer(first!);
      for (const { dir, report } of reports) {
        renderReport(dir, report);
        for (const run of report.runs) printReport(run);
      }
    });
}

/** Undefined: nothing. */
function wrongIn(paths: readonly string[], { matrix, report, json, ci }: ReportOptions): string | undefined {
  const flag = report === undefined ? (json === true ? "--json" : undefined) : "--report";
  if (flag !== undefined && (matrix === true || paths.length !== 2))
    return `${flag} is about a comparison: name two reports, the older one first`;
  if (ci === true && (matrix === true || paths.length !== 1)) return "--ci is about one report";
  if (matrix !== true && paths.length > 2) return "one report is rendered, two are compared; more go with --matrix";
  return undefined;
}

/** On GitHub the annotations are read from what is printed, and the summary from a file that it names. */
function tellBuildServer({ dir, report }: { dir: string; report: Report }): void {
  writeForBuildServer(dir, report);
  if (process.env["GITHUB_ACTIONS"] === "true") for (const line of annotationsOf(report)) console.log(line);
  const summary = process.env["GITHUB_STEP_SUMMARY"];
  if (summary !== undefined && summary !== "") appendFileSync(summary, summaryMarkdown(report));
}

function compareTwo(old: Report, now: Report, { report: dir, json }: ReportOptions): number {
  const comparison = compare(old, now);
  if (json === true) console.log(JSON.stringify(comparison, undefined, 2));
  else printComparison(comparison);
  if (dir !== undefined) {
    writeComparison(dir, comparison);
    if (json !== true) console.log(`comparison: ${join(dir, "comparison.html")}`);
  }
  return comparison.exitCode;
}
