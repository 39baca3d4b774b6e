import { expect, test, vi } from "vitest";
import { printOverview } from "./console.ts";
import { reportOf, runOf, verdictsOfEachKind } from "./examples.ts";
import { htmlOf } from "./html.ts";
import { overviewLine, overviewOf } from "./overview.ts";
import type { Report, RunReport } from "./report.ts";

const pass = verdictsOfEachKind.filter(({ kind }) => kind === "pass");

function run(system: string, verdicts: Parameters<typeof runOf>[0] = pass): RunReport {
  const made = runOf(verdicts);
  return { ...made, target: { ...made.target, system } };
}

const broken = { target: "http://two", system: "sse", because: "ECONNREFUSED", next: "" };
const mixed: Report = {
  ...reportOf(run("discodeit-1"), run("stomp", verdictsOfEachKind), run("study-room", [])),
  broken: [broken],
};

test("overviewOf() has a row for each run, and for each target that could not be verified", () => {
  expect(overviewOf(mixed).map(({ system, counts, came }) => [system, counts, came])).toEqual([
    ["discodeit-1", [1, 0, 0, 0], "passed"],
    ["stomp", [1, 1, 1, 1], "failed"],
    ["study-room", [0, 0, 0, 0], "inconclusive"],
    ["sse", undefined, "broken"],
  ]);
  expect(overviewOf(reportOf(run("stomp")))).toEqual([]);
});

test("overviewLine() says which systems did not pass, worst first", () => {
  expect(overviewLine(overviewOf(mixed))).toBe(
    "1 of 4 systems failed: stomp · 1 of 4 systems broken: sse · 1 of 4 systems inconclusive: study-room · 1 passed",
  );
  expect(overviewLine(overviewOf(reportOf(run("stomp"), run("sse"))))).toBe("all 2 systems passed");
});

test("printOverview() prints a table and the closing line, of several systems alone", () => {
  const lines: string[] = [];
  using _ = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  printOverview(reportOf(run("stomp")));
  expect(lines).toEqual([]);
  printOverview(mixed);
  expect(lines.map((line) => line.trimEnd())).toEqual([
    "\nsystem       pass  fail  weak  untested",
    "discodeit-1     1     0     0         0  passed",
    "stomp           1     1     1         1  failed",
    "study-room      0     0     0         0  inconclusive",
    "sse             –     –     –         –  broken",
    overviewLine(overviewOf(mixed)),
  ]);
});

test("htmlOf() begins with a table of the systems, whose links lead to their sections", () => {
  const page = htmlOf(mixed);
  const links = [...page.matchAll(/<tr><td><a href="#([^"]+)">([^<]+)<\/a>/g)].map(([, anchor, name]) => [
    anchor,
    name,
  ]);
  expect(links.map(([, name]) => name)).toEqual(["discodeit-1", "stomp", "study-room", "sse"]);
  for (const [anchor] of links) expect(page.split(`<section id="${anchor!}">`)).toHaveLength(2);
  expect(page).toContain("1 of 4 systems failed: stomp");
  expect(htmlOf(reportOf(run("stomp")))).not.toContain('class="overview"');
});
