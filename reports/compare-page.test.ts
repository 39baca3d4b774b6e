import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test, vi } from "vitest";
import type { Verdict } from "../checkers/verdict.ts";
import { compare } from "./compare.ts";
import { printComparison } from "./compare-console.ts";
import { comparisonHtml } from "./compare-html.ts";
import { nasty, reportOf, runOf } from "./examples.ts";
import { WriteError } from "./write-error.ts";
import { writeComparison } from "./write.ts";

const verdict = (id: string, kind: Verdict["kind"]): Verdict => ({
  id,
  kind,
  level: "MUST",
  text: `What ${id} says ${nasty}.`,
  source: "x",
  durationMs: 1,
  ...(kind === "pass" ? {} : { because: `because ${nasty}` }),
});

const many = Array.from({ length: 14 }, (_, at) => verdict(`frames.new-${at}`, "pass"));
const comparison = compare(
  reportOf(runOf([verdict("sse.one", "pass"), verdict("sse.two", "fail"), verdict("sse.three", "weak")])),
  reportOf(runOf([verdict("sse.one", "fail"), verdict("sse.two", "pass"), verdict("sse.three", "weak"), ...many])),
);

function printed(of = comparison): string {
  const lines: string[] = [];
  using _ = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  printComparison(of);
  return stripVTControlCharacters(lines.join("\n"));
}

test("printComparison() says what broke, with its reason, then what is fixed, then what is red as before", () => {
  const text = printed();
  expect(text).toMatch(
    /^broken {4}sse\.one \(MUST\) pass → fail .*\n +because a.*\nfixed {5}sse\.two \(MUST\) fail → pass .*\nnew {7}14: frames\.new-0 \(pass\), .* and 2 more\nstill red 1: sse\.three\n\n1 broken · 1 fixed · 14 new · 1 unchanged$/m,
  );
  // oxlint-disable-next-line no-control-regex -- nothing of the target's may steer the terminal
  expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/);
});

test("one diagnosis is told once, and its cause at each clause", () => {
  const diagnosis = "our own mistake: mend it";
  const red = ["sse.one", "sse.two"].map((id) => ({ ...verdict(id, "fail"), diagnosis }));
  const green = red.map(({ id }) => verdict(id, "pass"));
  const broken = compare(reportOf(runOf(green)), reportOf(runOf(red)));
  const lines = printed(broken).match(/diagnosis: .*/g);
  expect(lines).toEqual([
    `diagnosis: ${diagnosis} (cause our-own-mistake)`,
    "diagnosis: as above (cause our-own-mistake)",
  ]);
  expect(comparisonHtml(broken)).toContain("cause <code>our-own-mistake</code>");
});

test("comparisonHtml() has every clause under what became of it, escapes every text and asks the network for nothing", () => {
  const page = comparisonHtml(comparison);
  expect(page).toContain("<b>broken: held, and fails now</b>, 1</summary>");
  expect(page).toContain('<span class="kind fail">pass → fail</span> <code>sse.one</code>');
  expect(page).toContain('<p class="dim">before: because a');
  for (let at = 0; at < many.length; at++) expect(page).toContain(`<code>frames.new-${at}</code>`);
  expect(page).toContain("<b>still red</b>, 1</summary>");
  expect(page).not.toContain("alert(1)</script>");
  expect(page).not.toMatch(/\b(src|href|action)\s*=|url\(|@import|<(script|link|img|iframe)\b/i);
});

test("writeComparison() makes its folder, and names what cannot be written", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-comparison-"));
  try {
    writeComparison(join(folder, "a/b"), comparison);
    expect(readFileSync(join(folder, "a/b/comparison.html"), "utf8")).toBe(comparisonHtml(comparison).toWellFormed());
    writeFileSync(join(folder, "file"), "");
    expect(() => writeComparison(join(folder, "file"), comparison)).toThrow(WriteError);
    expect(existsSync(join(folder, "a/b/report.html"))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
