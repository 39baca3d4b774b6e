// report.html, load.html and the page of two reports compared, in a real Chromium: readable in both themes by everybody
// (axe, WCAG AA), small, and without a network.

import { writeFileSync } from "node:fs";
import path from "node:path";
import axe from "axe-core";
import { chromium, type Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { loadReportOf } from "../../cli/load/report/examples.ts";
import { loadHtmlOf } from "../../cli/load/report/html.ts";
import type { Verdict } from "../../checkers/verdict.ts";
import { findChromium } from "../../drivers/chromium.ts";
import { compare } from "../../reports/compare.ts";
import { comparisonHtml } from "../../reports/compare-html.ts";
import { reportOf, runOf, verdictsOfEachKind } from "../../reports/examples.ts";
import { htmlOf } from "../../reports/html.ts";
import { openFolder } from "./rollcall.ts";

const executablePath = findChromium();
if (executablePath === undefined) throw new Error("no Chromium; next: npx rollcall doctor");
const browser = await chromium.launch({ executablePath, args: ["--disable-gpu"], timeout: 60_000 });
const folder = openFolder();
afterAll(async () => {
  await browser.close();
  folder[Symbol.dispose]();
});

const named = (round: number) => (verdict: Verdict) => ({ ...verdict, id: `${verdict.id}-${round}` });
const clauses = Array.from({ length: 30 }, (_, round) => verdictsOfEachKind.map(named(round))).flat();
const pages = {
  "a report of 300 clauses": htmlOf(reportOf(runOf(clauses))),
  "a load report": loadHtmlOf(loadReportOf(2)),
  "two reports compared": comparisonHtml(
    compare(
      reportOf(runOf(clauses)),
      reportOf(runOf(clauses.map((verdict, at) => ({ ...verdict, kind: clauses.at(at - 1)!.kind })))),
    ),
  ),
};

test.each(Object.entries(pages))(
  "%s has nothing that axe finds, in either theme, and asks for nothing",
  async (name, html) => {
    expect(Buffer.byteLength(html)).toBeLessThan(2_000_000);
    const file = path.join(folder.path, `${name}.html`);
    writeFileSync(file, html);
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ colorScheme });
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.goto(`file://${encodeURI(file)}`);
      // All of it is looked at, not only what is unfolded at first.
      await page.evaluate(() => {
        for (const folded of document.querySelectorAll("details")) folded.open = true;
      });
      expect(await violationsIn(page)).toEqual([]);
      expect(asked).toEqual([page.url()]);
      await page.close();
    }
  },
);

async function violationsIn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } };
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}, ${nodes.length} times: ${nodes[0]!.html}`);
  });
}

interface AxeResults {
  violations: { id: string; nodes: { html: string }[] }[];
}
