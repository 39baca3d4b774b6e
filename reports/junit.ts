// A run as JUnit XML: fail (and weak under --strict) is a failure; broken and inconclusive are errors; the rest is
// skipped, with reason.

import Builder from "fast-xml-builder";
import type { Evidence, Verdict } from "../checkers/verdict.ts";
import { linesThatMatter } from "./evidence.ts";
import type { Report } from "./report.ts";

/** XML 1.0 has no room for most control characters: they are shown as U+FFFD. */
const clean = (text: string): string =>
  text
    .toWellFormed()
    // eslint-disable-next-line no-control-regex -- these are the characters that XML forbids
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, "\uFFFD");

/** An element: "@…" are its attributes, "#text" its text, the rest elements in it. */
type Element = { [name: string]: string | number | Element | Element[] };

const builder = new Builder({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  format: true,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
});

export function junitOf(report: Report): string {
  const testsuite = [
    ...report.runs.map((run) => suiteOf(run, report.createdAt)),
    ...report.broken.map((broken) => brokenSuiteOf(broken, report.createdAt)),
  ];
  return documentOf(testsuite);
}

export interface Cases {
  name: string;
  className: string;
  createdAt: string;
  durationMs: number;
  cases: readonly { name: string; role: "pass" | "failure" | "error"; message: string }[];
}

/** One suite of cases that are no clauses. */
export function junitOfCases({ name, className, createdAt, durationMs, cases }: Cases): string {
  const count = (role: Role): number => cases.filter((one) => one.role === role).length;
  const testsuite: Element = {
    "@name": clean(name),
    "@tests": cases.length,
    "@failures": count("failure"),
    "@errors": count("error"),
    "@skipped": 0,
    "@time": (durationMs / 1_000).toFixed(3),
    "@timestamp": createdAt,
    testcase: cases.map(({ name: title, role, message }) => ({
      "@classname": clean(className),
      "@name": clean(title),
      ...(role === "pass" ? {} : { [role]: { "@message": clean(message) } }),
    })),
  };
  return documentOf([testsuite]);
}

const documentOf = (testsuite: Element[]): string =>
  builder.build({
    "?xml": { "@version": "1.0", "@encoding": "UTF-8" },
    testsuites: { "@name": "rollcall", testsuite },
  });

type Role = "failure" | "error" | "skipped" | "pass";

function roleOf(verdict: Verdict, strict: boolean): Role {
  if (verdict.kind === "fail" || (strict && verdict.kind === "weak")) return "failure";
  if (verdict.kind === "broken" || verdict.kind === "inconclusive") return "error";
  return verdict.kind === "pass" ? "pass" : "skipped";
}

function suiteOf(run: Report["runs"][number], createdAt: string): Element {
  const count = (role: Role): number => run.verdicts.filter((verdict) => roleOf(verdict, run.strict) === role).length;
  return {
    "@name": clean(`${run.target.name} ${run.target.system}`),
    "@tests": run.verdicts.length,
    "@failures": count("failure"),
    "@errors": count("error"),
    "@skipped": count("skipped"),
    "@time": (run.durationMs / 1_000).toFixed(3),
    "@timestamp": createdAt,
    testcase: run.verdicts.map((verdict) => caseOf(verdict, run.target.system, roleOf(verdict, run.strict))),
  };
}

function caseOf(verdict: Verdict, system: string, role: Role): Element {
  const test = {
    "@classname": clean(`${system}.${verdict.id.split(".")[0]}`),
    "@name": clean(`${verdict.id}: ${verdict.text}`),
    "@time": (verdict.durationMs / 1_000).toFixed(3),
  };
  if (role === "pass") return test;
  const message = clean(`${verdict.kind}: ${verdict.because ?? ""}`);
  if (role === "skipped") return { ...test, skipped: { "@message": message } };
  const said = [
    verdict.diagnosis === undefined ? "" : `diagnosis: ${verdict.diagnosis}`,
    ...linesThatMatter(verdict).map(lineOf),
  ].filter((line) => line !== "");
  return { ...test, [role]: { "@message": message, "@type": verdict.kind, "#text": clean(said.join("\n")) } };
}

function brokenSuiteOf({ target, system, because, next }: Report["broken"][number], createdAt: string): Element {
  return {
    "@name": clean(`${target} ${system}`),
    "@tests": 1,
    "@failures": 0,
    "@errors": 1,
    "@skipped": 0,
    "@timestamp": createdAt,
    testcase: {
      "@classname": clean(system),
      "@name": "the target can be verified",
      error: { "@message": clean(because), "@type": "broken", "#text": clean(next) },
    },
  };
}

const lineOf = ({ atMs, connection, direction, text }: Evidence): string =>
  `${Math.round(atMs)} ms ${connection} ${direction}: ${text}`;
