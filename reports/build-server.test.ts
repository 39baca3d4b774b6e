import { expect, test } from "vitest";
import type { Verdict } from "../checkers/verdict.ts";
import { annotationsOf, badgeOf, ctrfOf, summaryMarkdown } from "./build-server.ts";
import { nasty, reportOf, runOf, verdictsOfEachKind } from "./examples.ts";

const verdict = (id: string, kind: Verdict["kind"], more: Partial<Verdict> = {}): Verdict => ({
  id,
  kind,
  level: kind === "weak" ? "SHOULD" : "MUST",
  text: "It holds.",
  source: "x",
  durationMs: 5,
  ...(kind === "pass" ? {} : { because: `because ${id}` }),
  ...more,
});

test("annotationsOf() has an error for each cause that fails the build, and a warning for a SHOULD", () => {
  const diagnosis = "doubled: it is sent twice";
  const verdicts = [
    verdict("send.a", "pass"),
    verdict("send.b", "fail", { diagnosis }),
    verdict("send.c", "fail", { diagnosis }),
    verdict("send.d", "weak"),
    verdict("send.e", "untested", { owner: "send.b" }),
    verdict("send.f", "unsupported"),
  ];
  const lines = annotationsOf(reportOf(runOf(verdicts)));
  expect(lines).toEqual([
    `::error title=Rollcall%3A doubled::send.b (1 more for the same reason, 1 untested because of it): because send.b%0A${diagnosis}`,
    "::warning title=Rollcall%3A send.d::send.d: because send.d",
  ]);
  expect(annotationsOf(reportOf(runOf(verdicts, true)))[1]).toContain("::error title=Rollcall%3A send.d::");
});

test("annotationsOf() keeps to what GitHub shows, and says why a target was not verified", () => {
  const many = Array.from({ length: 15 }, (_, number) => verdict(`send.n${number}`, "fail"));
  const broken = [{ target: "chat", system: "discodeit-1", because: "nobody listens", next: "start it" }];
  const lines = annotationsOf({ ...reportOf(runOf(many)), broken });
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe("::error title=Rollcall%3A chat was not verified::nobody listens%0Astart it");
});

test("what a target says is no command and no markup", () => {
  const because = `first\n::error::second ${nasty} | x`;
  const report = reportOf(runOf([verdict("send.a", "fail", { because })]));
  const lines = annotationsOf(report);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toMatch(/[\n\r\u0000-\u001F]/); // oxlint-disable-line no-control-regex
  const markdown = summaryMarkdown(report);
  expect(markdown).not.toMatch(/<script|\u0000/); // oxlint-disable-line no-control-regex
  expect(markdown.split("\n").filter((line) => line.startsWith("| `"))).toHaveLength(1);
});

test("badgeOf() says how many passed of those that were scored, and nothing of those that were not", () => {
  expect(badgeOf(reportOf(runOf([verdict("send.a", "pass"), verdict("send.b", "fail")])))).toContain(">1 of 2</text>");
  expect(badgeOf({ ...reportOf(runOf([])), runs: [] })).toContain(">not verified</text>");
});

test("ctrfOf() accounts for every verdict", () => {
  const { results } = JSON.parse(ctrfOf(reportOf(runOf(verdictsOfEachKind)))) as {
    results: { summary: Record<string, number>; tests: { rawStatus: string; status: string }[] };
  };
  const { tests, passed, failed, skipped, other, pending } = results.summary;
  expect(tests).toBe(verdictsOfEachKind.length);
  expect(passed! + failed! + skipped! + other! + pending!).toBe(tests);
  expect(results.tests.map(({ rawStatus, status }) => `${rawStatus}: ${status}`)).toEqual([
    "pass: passed",
    "fail: failed",
    "weak: skipped",
    "untested: skipped",
    "unsupported: skipped",
    "expected: skipped",
    "inconclusive: other",
    "broken: other",
    "not scored: skipped",
  ]);
});
