// `rollcall report DIR…`: renders the pages of runs again from their report.json, or lays them side by side.

import { basename, resolve } from "node:path";
import type { Command } from "commander";
import { printReport } from "../reports/console.ts";
import { columnsOf, matrixMarkdown } from "../reports/matrix.ts";
import { renderReport } from "../reports/write.ts";
import { folderOf, reportIn } from "./read-report.ts";

export function addReportCommand(program: Command): void {
  program
    .command("report")
    .description("render report.html and junit.xml again from a run's report.json, and print its table")
    .argument("<dir...>", "the folder that `verify --report` wrote, or the report.json in it; several with --matrix")
    .option("--matrix", "print clauses × targets as Markdown instead, a column for each folder")
    .action((paths: string[], { matrix }: { matrix?: true }) => {
      const reports = paths.map((path) => ({ dir: folderOf(path), report: reportIn(path) }));
      for (const { dir, report } of reports)
        for (const { target, because } of report.broken)
          console.error(`rollcall: ${dir}: ${target} was not verified: ${because}`);
      if (matrix) {
        const columns = reports.flatMap(({ dir, report }) => columnsOf(basename(resolve(dir)), report));
        process.stdout.write(matrixMarkdown(columns));
        return;
      }
      for (const { dir, report } of reports) {
        renderReport(dir, report);
        for (const run of report.runs) printReport(run);
      }
    })
    .addHelpText("after", "\nExample:\n  rollcall report --matrix reports/spring reports/rabbitmq > peers.md");
}
