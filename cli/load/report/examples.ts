// A literal run for the tests of the load report: ten connections, five messages, some of them lost.

import { LatencyHistogram } from "../../../load/latencies.ts";
import { noCounts } from "../../../load/crowd.ts";
import { summaryOf, type LoadSummary } from "../summary.ts";
import type { LoadReport } from "./report.ts";
import { Samples } from "./samples.ts";

export const asked = {
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

export const loadReportOf = (lost: number): LoadReport => {
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
