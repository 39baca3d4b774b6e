// A run as JUnit XML: fail (and weak under --strict) is a failure; broken and inconclusive are errors; the rest is
// skipped, with reason.

import { create } from "xmlbuilder2";
import type { Evidence, Verdict } from "../checkers/verdict.ts";
import { linesThatMatter } from "./evidence.ts";
import type { Report } from "./report.ts";

/**
 * XML 1.0 has no room for most control characters: they are shown as U+FFFD. What looks like a reference (`&#0;`) is
 * left as it is by xmlbuilder2, and is no character of XML: every ampersand is written as one.
 */
const clean = (text: string): string =>
  text
    .toWellFormed()
    // eslint-disable-next-line no-control-regex -- these are the characters that XML forbids
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, "\uFFFD")
    .replaceAll("&", "&amp;");

export function junitOf(report: Report): string {
  const root = create({ version: "1.0", encoding: "UTF-8" }).ele("testsuites", { name: "rollcall" });
  for (const run of report.runs) {
    const role = (verdict: Verdict): "failure" | "error" | "skipped" | "pass" => {
      if (verdict.kind === "fail" || (run.strict && verdict.kind === "weak")) return "failure";
      if (verdict.kind === "broken" || verdict.kind === "inconclusive") return "error";
      return verdict.kind === "pass" ? "pass" : "skipped";
    };
    const count = (name: string): number => run.verdicts.filter((verdict) => role(verdict) === name).length;
    const suite = root.ele("testsuite", {
      name: clean(`${run.target.name} ${run.target.system}`),
      tests: run.verdicts.length,
      failures: count("failure"),
      errors: count("error"),
      skipped: count("skipped"),
      time: (run.durationMs / 1_000).toFixed(3),
      timestamp: report.createdAt,
    });
    for (const verdict of run.verdicts) {
      const test = suite.ele("testcase", {
        classname: clean(`${run.target.system}.${verdict.id.split(".")[0]}`),
        name: clean(`${verdict.id}: ${verdict.text}`),
        time: (verdict.durationMs / 1_000).toFixed(3),
      });
      const kind = role(verdict);
      if (kind === "pass") continue;
      const message = clean(`${verdict.kind}: ${verdict.because ?? ""}`);
      const element = test.ele(kind, { message, ...(kind === "skipped" ? {} : { type: verdict.kind }) });
      if (kind !== "skipped")
        element.txt(
          clean(
            [
              verdict.diagnosis === undefined ? "" : `diagnosis: ${verdict.diagnosis}`,
              ...linesThatMatter(verdict).map(lineOf),
            ]
              .filter((line) => line !== "")
              .join("\n"),
          ),
        );
    }
  }
  for (const { target, system, because, next } of report.broken) {
    const suite = root.ele("testsuite", {
      name: clean(`${target} ${system}`),
      tests: 1,
      failures: 0,
      errors: 1,
      skipped: 0,
      timestamp: report.createdAt,
    });
    suite
      .ele("testcase", { classname: clean(system), name: "the target can be verified" })
      .ele("error", { message: clean(because), type: "broken" })
      .txt(clean(next));
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

const lineOf = ({ atMs, connection, direction, text }: Evidence): string =>
  `${Math.round(atMs)} ms ${connection} ${direction}: ${text}`;
