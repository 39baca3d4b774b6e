import { expect, test } from "vitest";
import type { Verdict } from "../checkers/verdict.ts";
import { columnsOf, matrixMarkdown } from "./matrix.ts";
import type { Report } from "./report.ts";

const verdict = (id: string, kind: Verdict["kind"], because?: string): Verdict => ({
  id,
  kind,
  level: "MUST",
  text: `What ${id} says.`,
  source: "STS-01",
  durationMs: 1,
  ...(because === undefined ? {} : { because }),
});

test("a row has each target's verdict, and a clause that nobody was judged by has none", () => {
  const page = matrixMarkdown([
    { name: "one", verdicts: [verdict("a.b", "pass"), verdict("c.d", "unsupported"), verdict("e.f", "unsupported")] },
    { name: "two", verdicts: [verdict("c.d", "fail", "it | says\n<no>"), verdict("a.b", "expected", "as they know")] },
  ]);
  expect(page).toContain("| clause | one | two |\n|---|---|---|\n");
  expect(page).toContain("| `a.b` What a.b says. | pass | expected |\n");
  expect(page).toContain("| `c.d` What c.d says. | – | **fail** |\n");
  expect(page).not.toContain("e.f");
  expect(page).toContain("| pass | 1 | 0 |\n| expected | 0 | 1 |\n");
  // What a target says cannot become a cell, a line or an element of the page.
  expect(page).toContain("## two\n\n- `c.d`: it \\| says &lt;no>\n- `a.b`: as they know\n");
  expect(page).not.toContain("## one");
});

test("columnsOf() names a run by its folder, and several of one report by their systems, too", () => {
  const run = (system: string) => ({ target: { system }, verdicts: [] });
  const names = (...systems: string[]): string[] =>
    columnsOf("folder", { runs: systems.map(run) } as unknown as Report).map(({ name }) => name);
  expect(names("stomp")).toEqual(["folder"]);
  expect(names("stomp", "sse")).toEqual(["folder stomp", "folder sse"]);
});

test("columnsOf() gives the listed reason of what is known, and not what one run met", () => {
  const met = "it says so (https://example.org/a): Cannot await message m-3f0dc6e0";
  const verdicts = [verdict("a.b", "expected", met), verdict("c.d", "fail", met), verdict("e.f", "pass")];
  const known = new Map([
    ["a.b", { reason: "it says so", link: "https://example.org/a" }],
    ["c.d", { reason: "it says so" }],
  ]);
  const report = { runs: [{ target: { system: "stomp" }, verdicts }] } as unknown as Report;
  const [column] = columnsOf("peer", report, known);
  expect(column!.verdicts.map(({ because }) => because)).toEqual([
    "it says so (https://example.org/a)",
    met,
    undefined,
  ]);
});
