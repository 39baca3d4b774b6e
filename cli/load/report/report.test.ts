import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { create } from "xmlbuilder2";
import { LatencyHistogram } from "../../../load/latencies.ts";
import { noCounts } from "../../../load/crowd.ts";
import { fanOutSummaryOf } from "../fan-out.ts";
import { summaryOf, type LoadSummary } from "../summary.ts";
import { chartOf, stepOf } from "./chart.ts";
import { loadHtmlOf } from "./html.ts";
import { loadJunitOf, writeLoadReport, type LoadReport } from "./report.ts";
import { Samples } from "./samples.ts";

const asked = {
  scenario: "connections",
  backMs: 1_000,
  connections: 10,
  messages: 5,
  p99Ms: 200,
  url: "http://127.0.0.1:1/?<b>&",
  system: "discodeit-1",
};

function summary(lost: number): LoadSummary {
  const latencies = new LatencyHistogram();
  latencies.record(3_000);
  const account = { expected: 50, delivered: 50 - lost, lost, duplicate: 0, reordered: 0, foreign: 0 };
  const result = {
    counts: { ...noCounts(), opened: 10, subscribed: 10, heard: 50 },
    published: 5,
    unknown: 0,
    account: { ...account, unowed: 0, missed: 0, findings: [], omitted: 0 },
    reasons: [["answered 503 <script>", 2]] as [string, number][],
    publisherEnded: undefined,
    latencies,
    returns: new LatencyHistogram(),
    replays: new LatencyHistogram(),
    generator: { loopDelayMsP99: 0, cpu: 0, sentLateMsMax: 0 },
    interrupted: false,
  };
  return summaryOf(result, asked);
}

const reportOf = (lost: number): LoadReport => {
  const samples = new Samples();
  for (const second of [1, 2, 3])
    samples.add({
      ...noCounts(),
      atMs: second * 1_000,
      subscribed: 10,
      published: second,
      heard: second * 10,
      deliveryMs: { p50: 1, p99: 3, max: 3 },
    });
  return {
    schema: 1,
    rollcall: "0.0.0",
    createdAt: "2026-01-01T00:00:00.000Z",
    question: "does it?",
    p99Ms: 200,
    durationMs: 3_000,
    summary: summary(lost),
    samples: samples.all,
  };
};

test("the page says the verdict, each thing that had to hold, and how it went; nothing in it is markup of the target's", () => {
  const html = loadHtmlOf(reportOf(2));
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
  const suites = create(loadJunitOf(reportOf(1))).end({ format: "object" }) as unknown as {
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
  const html = loadHtmlOf({ ...reportOf(0), summary: fanOutSummaryOf(found, { ...asked, scenario: "publish" }) });
  expect(html).toContain("The highest that held: 4 messages, 40 deliveries a second.");
  expect(html).toContain("broke: p99 300 ms");
});

test("the files are written whole", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "rollcall-test-"));
  try {
    writeLoadReport(folder, reportOf(0));
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
