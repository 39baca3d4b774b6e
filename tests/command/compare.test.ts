// Reports that are there already: two of one server, before and after somebody worked on it, are compared; a cause in one
// is explained.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Verdict } from "../../checkers/verdict.ts";
import type { Comparison } from "../../reports/compare.ts";
import { reportOf, runOf } from "../../reports/examples.ts";
import { openFolder, rollcall } from "./rollcall.ts";

const verdict = (id: string, kind: Verdict["kind"]): Verdict => ({
  id,
  kind,
  level: "MUST",
  text: "It holds.",
  source: "x",
  durationMs: 1,
});

function writtenIn(folder: string, name: string, ...verdicts: Verdict[]): string {
  const dir = join(folder, name);
  mkdirSync(dir);
  writeFileSync(join(dir, "report.json"), JSON.stringify(reportOf(runOf(verdicts))));
  return dir;
}

test("two reports are compared on the console, as JSON and as a page, and stay as they are", async () => {
  using folder = openFolder();
  const old = writtenIn(folder.path, "old", verdict("sse.one", "fail"), verdict("sse.two", "pass"));
  const mended = writtenIn(folder.path, "mended", verdict("sse.one", "pass"), verdict("sse.two", "pass"));
  const page = join(folder.path, "page");
  const better = await rollcall(["report", old, join(mended, "report.json"), "--report", page]);
  expect(better).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^fixed {5}sse\.one \(MUST\) fail → pass .*\n\n0 broken · 1 fixed · 1 unchanged$/m,
    ) as string,
  });
  expect(better.stdout).toContain(`comparison: ${join(page, "comparison.html")}`);
  expect(readFileSync(join(page, "comparison.html"), "utf8")).toContain("<code>sse.one</code>");
  const worse = await rollcall(["report", mended, old, "--json"]);
  expect(worse).toMatchObject({ code: 1, stderr: "" });
  expect((JSON.parse(worse.stdout) as Comparison).counts).toMatchObject({ broken: 1, fixed: 0, unchanged: 1 });
  for (const dir of [old, mended]) expect(existsSync(join(dir, "report.html"))).toBe(false);
  const other = writtenIn(folder.path, "other", verdict("frames.crlf", "pass"));
  expect(await rollcall(["report", old, other])).toMatchObject({ code: 2 });
});

test("a cause of a definition of one's own is explained from the report that has it", async () => {
  using folder = openFolder();
  const red = { ...verdict("subscribe.exactly-once", "fail"), diagnosis: "our relay repeats: restart it" };
  const dir = writtenIn(folder.path, "red", red);
  expect(await rollcall(["explain", "our-relay-repeats"])).toMatchObject({ code: 3 });
  const { code, stdout } = await rollcall(["explain", "our-relay-repeats", "--from", dir]);
  expect(stdout).toMatch(/our relay repeats\n[^]*restart it\n[^]*subscribe\.exactly-once {2}Each subscription/);
  expect(code).toBe(0);
});

test.each([
  [["a", "b", "c"], "one report is rendered, two are compared; more go with --matrix"],
  [["a", "--json"], "--json is about a comparison: name two reports, the older one first"],
  [["a", "b", "--matrix", "--report", "x"], "--report is about a comparison"],
])("report %j is a usage error", async (args, message) => {
  expect(await rollcall(["report", ...args])).toMatchObject({
    code: 3,
    stdout: "",
    stderr: expect.stringContaining(message) as string,
  });
});
