import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Verdict } from "../../checkers/verdict.ts";
import { catalogue } from "../../contract/catalogue.ts";
import { diagnoses } from "../../contract/diagnoses.ts";
import { reportOf, runOf } from "../../reports/examples.ts";
import { causesIn, selectClauses, type Causes } from "./select.ts";
import { UsageError } from "./usage-error.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-select-"));
afterAll(() => rmSync(folder, { recursive: true }));

const verdict = (id: string, more: Partial<Verdict> = {}): Verdict => ({
  id,
  kind: "fail",
  level: "MUST",
  text: "It holds.",
  source: "x",
  durationMs: 1,
  ...more,
});

function causesOf(name: string, verdicts: readonly Verdict[]): Causes {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, "report.json"), JSON.stringify(reportOf(runOf(verdicts))));
  return causesIn({ from: join(folder, name, "report.json") });
}

const causes = causesOf("red", [
  verdict("subscribe.exactly-once", { diagnosis: diagnoses.duplicate }),
  verdict("tabs.three-stomp", { kind: "weak", diagnosis: diagnoses.duplicate }),
  verdict("sse.not-cached"),
  verdict("frames.crlf", { kind: "untested", owner: "sse.not-cached" }),
  verdict("send.stores-and-delivers", { diagnosis: "our own mistake: mend it" }),
]);

test.each([
  ["sockjs.*", (id: string) => id.startsWith("sockjs.")],
  ["*.content-type", (id: string) => id.endsWith(".content-type")],
  ["ss?.*", (id: string) => /^ss.\./.test(id)],
  ["subscribe.exactly-*", (id: string) => id === "subscribe.exactly-once"],
])("the pattern %s selects what it matches, whole", (pattern, matches) => {
  const expected = Object.keys(catalogue).filter(matches);
  expect(expected).not.toEqual([]);
  expect(selectClauses(pattern)).toEqual(expected);
});

test("a pattern that matches nothing is a usage error, whatever it holds", () => {
  const wrong =
    (list: string): (() => unknown) =>
    () =>
      selectClauses(list, causesIn({}));
  expect(wrong("sokjs.*")).toThrow(UsageError);
  expect(wrong("sockjs.no-*")).toThrow('--only: no clause matches "sockjs.no-*"; did you mean sockjs.');
  expect(wrong("exactly-*")).toThrow('no clause matches "exactly-*"; areas are ');
  expect(wrong("*(")).toThrow('no clause matches "*("');
});

test("a cause selects what it broke in the report, beside other words, each clause once", () => {
  expect(selectClauses("duplicate", causes)).toEqual(["subscribe.exactly-once", "tabs.three-stomp"]);
  expect(selectClauses("our-own-mistake,sse.not-cached", causes)).toEqual([
    "send.stores-and-delivers",
    "sse.not-cached",
  ]);
  expect(selectClauses("subscribe.exactly-once,duplicate", causes)).toHaveLength(2);
});

test("a cause without a report, or that the report has not, is a usage error that says what to name", () => {
  expect(() => selectClauses("duplicate", causesIn({}))).toThrow(
    '--only: "duplicate" is a cause, and no report says what it broke: name one with --from DIR',
  );
  expect(() => selectClauses("one-instance", causes)).toThrow(
    'has no cause "one-instance"; it has duplicate, sse.not-cached, our-own-mistake',
  );
  expect(() => selectClauses("one-instance", causesOf("green", []))).toThrow("it has none, it is green");
  expect(() => selectClauses("our-oun", causes)).toThrow('no clause or area is called "our-oun"');
  expect(() => selectClauses("duplicate", causesIn({ from: join(folder, "nowhere") }))).toThrow("--from: Cannot read");
  const faults = causesOf("faults", [verdict("faults.kafka-killed", { diagnosis: diagnoses.notKept })]);
  expect(() => selectClauses("not-kept", faults)).toThrow("`rollcall verify --faults` runs them");
});

test("the report that a run replaces is the one whose causes are meant, unless another is named", () => {
  expect(causesIn({ report: join(folder, "red") }).from).toBe(join(folder, "red"));
  expect(causesIn({ report: join(folder, "nowhere") }).from).toBeUndefined();
  expect(causesIn({ report: join(folder, "red"), from: join(folder, "other") }).from).toBe(join(folder, "other"));
});
