// A report that an earlier run wrote, by its folder or by the report.json in it.

import { basename, dirname } from "node:path";
import { HarnessError } from "../drivers/errors.ts";
import type { Report } from "../reports/report.ts";
import { readReport } from "../reports/write.ts";

export const folderOf = (path: string): string => (basename(path) === "report.json" ? dirname(path) : path);

/** Throws HarnessError with a next step. */
export function reportIn(path: string): Report {
  try {
    return readReport(folderOf(path));
  } catch (error) {
    throw new HarnessError((error as Error).message, {
      cause: error,
      hint: "name a folder that `rollcall verify URL --report DIR` of this version wrote",
    });
  }
}
