import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { create } from "xmlbuilder2";
import { fanOutSummaryOf } from "../fan-out.ts";
import { chartOf, stepOf } from "./chart.ts";
import { loadHtmlOf } from "./html.ts";
import { asked, loadReportOf } from "./examples.ts";
import { loadJunitOf, writeLoadReport, type LoadReport } from "./report.ts";

test("the page says the verdict, each thing that had to hold, and how it went; nothing in it is markup of the target's", () => {
  const html = loadHtmlOf(loadReportOf(2));
  expect(html).toContain('<p class="verdict fail">fail: 2 lost</p>');
  expect(html).toMatch(/nothing is lost<\/td><td class="fail">broke<\/td><td>2 lost/);
  expect(html).toContain('nothing comes twice</td><td class="pass">held');
  expect(html).toContain('aria-label="Deliveries a second"');
  // No process was sampled.
  expect(html).not.toContain("memory</h3>");
  expect(html).not.toContain("<b>");
  expect(html).not.toContain("<script");
});

test("each thing that has to hold is a test case of junit.xml", () => {
  const suites = create(loadJunitOf(loadReportOf(1))).end({ format: "object" }) as unknown as {
    testsuites: { testsuite: Record<string, unknown> & { testcase: Record<string, unknown>[] } };
  };
  const { testsuite } = suites.testsuites;
  expect(testsuite).toMatchObject({ "@tests": "9", "@failures": "1", "@errors": "0" });
  expect(testsuite.testcase.filter((one) => "failure" in one)).toEqual([
    { "@classname": "discodeit-1.load.connections", "@name": "nothing is lost", failure: { "@message": "1 lost" } },
  ]);
});

test("a search has its rates in the page", () => {
  const detail = { deliveriesPerSecond: 40, deliveryMs: { p50: 1, p99: 2, max: 3 }, because: ["p99 300 ms"] };
  const steps = [
    { rate: 4, held: "held" as const, detail: { ...detail, because: [] } },
    { rate: 8, held: "broke" as const, detail },
  ];
  const found = { steps, knee: steps[0], confirmed: steps[0], isFound: true };
  const html = loadHtmlOf({ ...loadReportOf(0), summary: fanOutSummaryOf(found, { ...asked, scenario: "publish" }) });
  expect(html).toContain("The highest that held: 4 messages, 40 deliveries a second.");
  expect(html).toContain("broke: p99 300 ms");
});

test("the files are written whole", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "rollcall-test-"));
  try {
    writeLoadReport(folder, loadReportOf(0));
    const report = JSON.parse(readFileSync(path.join(folder, "load.json"), "utf8")) as LoadReport;
    expect(report).toMatchObject({ schema: 1, summary: { verdict: "pass" } });
    expect(report.samples.map(({ deliveries, connected }) => [deliveries, connected])).toEqual([
      [10, 10],
      [10, 10],
      [10, 10],
    ]);
    expect(readFileSync(path.join(folder, "load.html"), "utf8")).toContain("pass");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  [7, 2],
  [40, 10],
  [0.9, 0.5],
  [100, 50],
  [2_000, 500],
])("a scale up to %f has a line every %f", (highest, step) => {
  expect(stepOf(highest)).toBe(step);
});

test("a chart leaves out what there is none of, and is empty without values", () => {
  const chart = { title: "t", unit: "ms", seconds: [0, 1, 2] };
  const drawn = chartOf({ ...chart, series: [{ name: "a", values: [1, Number.NaN, 3] }] });
  expect(/points="([^"]*)"/.exec(drawn)?.[1]?.split(" ")).toHaveLength(2);
  expect(drawn).not.toContain("NaN");
  expect(chartOf({ ...chart, series: [{ name: "a", values: [Number.NaN, Number.NaN, Number.NaN] }] })).toBe("");
});
