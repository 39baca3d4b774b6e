// `rollcall report DIR`: renders the pages of a run again from its report.json.

import { basename, dirname } from "node:path";
import type { Command } from "commander";
import { printReport } from "../reports/console.ts";
import { readReport, renderReport } from "../reports/write.ts";

export function addReportCommand(program: Command): void {
  program
    .command("report")
    .description("render report.html and junit.xml again from a run's report.json, and print its table")
    .argument("<dir>", "the folder that `verify --report` wrote, or the report.json in it")
    .action((path: string) => {
      const dir = basename(path) === "report.json" ? dirname(path) : path;
      const report = readReport(dir);
      renderReport(dir, report);
      for (const run of report.runs) printReport(run);
    });
}
