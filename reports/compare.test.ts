import { expect, test } from "vitest";
import type { Verdict, VerdictKind } from "../checkers/verdict.ts";
import { compare, type Change } from "./compare.ts";
import { reportOf, runOf } from "./examples.ts";

const verdict = (id: string, kind: VerdictKind, more: Partial<Verdict> = {}): Verdict => ({
  id,
  kind,
  level: "MUST",
  text: "It holds.",
  source: "x",
  durationMs: 1,
  ...(kind === "pass" ? {} : { because: `because ${kind}` }),
  ...more,
});
const report = (...verdicts: Verdict[]): ReturnType<typeof reportOf> => reportOf(runOf(verdicts));

test.each<[VerdictKind | undefined, VerdictKind | undefined, Change, 0 | 1 | 2]>([
  ["pass", "pass", "unchanged", 0],
  ["fail", "fail", "unchanged", 0],
  ["pass", "fail", "broken", 1],
  ["pass", "weak", "broken", 1],
  // On a list of known failures now: its target broke it all the same.
  ["pass", "expected", "broken", 1],
  ["pass", "untested", "lost", 1],
  ["pass", "inconclusive", "lost", 1],
  ["pass", "broken", "lost", 1],
  ["pass", "unsupported", "otherwise", 0],
  ["pass", "not scored", "otherwise", 0],
  ["fail", "pass", "fixed", 0],
  ["weak", "pass", "fixed", 0],
  ["expected", "pass", "fixed", 0],
  ["untested", "pass", "fixed", 0],
  ["unsupported", "pass", "otherwise", 0],
  // It did not hold before either, as far as anybody knows.
  ["untested", "fail", "otherwise", 0],
  ["fail", "expected", "otherwise", 0],
  [undefined, "fail", "new", 2],
  ["pass", undefined, "gone", 2],
])("a clause that was %s and is %s is %s: exit code %d", (from, to, change, exitCode) => {
  const one = (kind: VerdictKind | undefined): ReturnType<typeof report> =>
    kind === undefined ? report() : report(verdict("sse.content-type", kind));
  const { runs, counts, exitCode: code } = compare(one(from), one(to));
  expect(runs[0]!.clauses).toMatchObject([{ id: "sse.content-type", change }]);
  expect(counts[change]).toBe(1);
  expect(code).toBe(exitCode);
});

test("a clause has both verdicts, and the reason of the one that is no pass", () => {
  const diagnosis = "duplicate delivery: twice";
  const [before, after] = [report(verdict("a.b", "fail", { diagnosis })), report(verdict("a.b", "pass"))];
  expect(compare(before, after).runs[0]!.clauses).toEqual([
    {
      id: "a.b",
      change: "fixed",
      level: "MUST",
      text: "It holds.",
      from: "fail",
      to: "pass",
      because: "because fail",
      diagnosis,
    },
  ]);
  expect(compare(after, before).runs[0]!.clauses).toMatchObject([{ change: "broken", because: "because fail" }]);
});

test("runs of the same system are compared, whatever their order, and one that has no other is named", () => {
  const of = (system: string, kind: VerdictKind): ReturnType<typeof runOf> => {
    const run = runOf([verdict("a.b", kind)]);
    return { ...run, target: { ...run.target, system } };
  };
  const { runs, notes, exitCode } = compare(
    reportOf(of("one", "pass"), of("two", "fail"), of("three", "pass")),
    reportOf(of("two", "pass"), of("one", "pass")),
  );
  expect(runs.map(({ system, clauses }) => [system, clauses[0]!.change])).toEqual([
    ["one", "unchanged"],
    ["two", "fixed"],
  ]);
  expect(notes).toEqual(["three is in the old one alone: nothing is compared with it"]);
  expect(exitCode).toBe(0);
  const other = compare(reportOf(of("one", "pass")), reportOf(of("two", "fail")));
  expect(other.runs[0]!.notes).toContain("another system: one before, two now");
  expect(other.exitCode).toBe(1);
  expect(compare(reportOf(of("one", "pass"), of("two", "pass")), reportOf(of("three", "pass")))).toMatchObject({
    runs: [],
    exitCode: 2,
  });
});

test("what else differs is said: target, set, selection, capabilities, an interruption", () => {
  const [before, after] = [runOf([verdict("a.b", "pass")]), runOf([verdict("a.b", "pass")])];
  expect(compare(reportOf(before), reportOf(before)).runs[0]!.notes).toHaveLength(1); // the canary of the examples
  after.canary = { honest: true };
  after.target = { ...after.target, instances: ["http://127.0.0.1:9"], capabilities: ["browser"] };
  after.manifest = { ...after.manifest, clausesInSet: 290, clausesSelected: 3, interrupted: true };
  expect(compare(reportOf(before), reportOf(after)).runs[0]!.notes).toEqual([
    "another target: http://127.0.0.1:8080 before, http://127.0.0.1:9 now",
    "clauses in the set: 289 before, 290 now",
    "clauses selected: 1 before, 3 now",
    "without admin now: what needs it is unsupported",
    "with browser now",
    "the new run was interrupted",
  ]);
  expect(compare({ ...reportOf(before), rollcall: "0.0.9" }, reportOf(before)).notes).toEqual([
    "the old one is of rollcall 0.0.9, the new one of 0.1.0",
  ]);
});

test("each start of the embedded server is the same target", () => {
  const at = (port: number): ReturnType<typeof report> => {
    const run = runOf([verdict("a.b", "pass")]);
    const target = { ...run.target, name: "embedded discodeit-1", instances: [`http://127.0.0.1:${port}`] };
    return reportOf({ ...run, target, canary: { honest: true } });
  };
  expect(compare(at(1), at(2)).runs[0]!.notes).toEqual([]);
});

test("a target that could not be verified any more is no green comparison", () => {
  const before = report(verdict("a.b", "pass"));
  const gone = { ...reportOf(), broken: [{ target: "chat", system: "discodeit-1", because: "it is down", next: "" }] };
  expect(compare(before, gone)).toMatchObject({
    exitCode: 1,
    notes: [
      "discodeit-1 is in the old one alone: nothing is compared with it",
      "in the new one chat was not verified: it is down",
    ],
  });
});
