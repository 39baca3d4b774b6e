// The files of a load run: load.json (the truth), load.html and junit.xml (rendered from it).

import { join } from "node:path";
import { junitOfCases } from "../../../reports/junit.ts";
import { writeWhole } from "../../../reports/write.ts";
import type { FanOutSummary } from "../fan-out.ts";
import type { LoadSummary } from "../summary.ts";
import { loadHtmlOf } from "./html.ts";
import type { Sample } from "./samples.ts";

export interface LoadReport {
  schema: 1;
  rollcall: string;
  createdAt: string;
  question: string;
  /** The threshold. */
  p99Ms: number;
  durationMs: number;
  summary: LoadSummary | FanOutSummary;
  samples: readonly Sample[];
}

/** Throws WriteError that names the file that could not be written; none is there in part. */
export function writeLoadReport(dir: string, report: LoadReport): void {
  const next = "Make room there, or name another folder: --report DIR";
  writeWhole(join(dir, "load.json"), `${JSON.stringify(report, undefined, 2)}\n`, next);
  writeWhole(join(dir, "load.html"), loadHtmlOf(report), next);
  writeWhole(join(dir, "junit.xml"), loadJunitOf(report), next);
}

/** Each thing that has to hold is a test case. */
export function loadJunitOf({ summary, createdAt, durationMs }: LoadReport): string {
  const { scenario, system, url, objectives } = summary;
  return junitOfCases({
    name: `load ${scenario} ${url}`,
    className: `${system}.load.${scenario}`,
    createdAt,
    durationMs,
    cases: objectives.map(({ name, came, because = "" }) => ({
      name,
      role: came === "held" ? "pass" : came === "broke" ? "failure" : "error",
      message: because,
    })),
  });
}
