import { expect, test, vi } from "vitest";
import type { EngineResult } from "../../load/engine.ts";
import type { CompactEar } from "../../drivers/codecs/compact-history.ts";
import { LatencyHistogram } from "../../load/latencies.ts";
import type { K6Result } from "./k6-run.ts";
import { printLoad, readSummary, summaryOf as engineSummaryOf, type LoadSummary } from "./summary.ts";

const plan = {
  scenario: "connections",
  backMs: 30_000,
  connections: 200,
  messages: 10,
  p99Ms: 500,
  url: "http://127.0.0.1:1",
  system: "discodeit-1",
};

/** Of sockets of which half listens to each of two rooms; five messages were said in each. */
interface Heard {
  /** What a socket heard: lane, from, to …; default: all of its room. */
  heardBy?: (socket: number) => number[] | undefined;
  /** How many were acknowledged in each room. */
  acknowledged?: number;
  more?: (socket: number) => Partial<CompactEar>;
  p99?: number;
}

/** What k6 hands back. */
function k6Result({ heardBy, acknowledged = 5, more, p99 = 20 }: Heard = {}): K6Result {
  const ears = Array.from({ length: 200 }, (_, ear): CompactEar => {
    const room = ear % 2;
    const heard = heardBy?.(ear) ?? [room, 0, 5];
    return { ear, room, readyAtMs: 1_000, endedAtMs: null, heard, ...more?.(ear) };
  });
  const instants = [0, 1, 2, 3, 4].map((second) => 2_000 + 1_000 * second);
  const lanes = [0, 1].map((room) => ({
    room,
    sentAtMs: instants,
    acknowledgedAtMs: instants.map((atMs, at) => (at < acknowledged ? atMs + 3 : null)),
  }));
  const times = { type: "trend", contains: "time", values: { med: 2, "p(95)": 10, "p(99)": p99, max: 30 } };
  return {
    metrics: { metrics: { rollcall_delivery_ms: times } },
    history: [...ears, { lanes }].map((line) => `${JSON.stringify(line)}\n`).join(""),
  };
}

test("readSummary() passes a run in which every delivery is accounted for", () => {
  expect(readSummary(k6Result(), plan)).toMatchObject({
    verdict: "pass",
    exitCode: 0,
    because: [],
    opened: 200,
    published: 10,
    expected: 1_000,
    delivered: 1_000,
    lost: 0,
    duplicate: 0,
    unknown: 0,
    deliveryMs: { p50: 2, p95: 10, p99: 20, max: 30 },
  });
});

test.each([
  ["lost", { heardBy: (ear: number) => (ear === 7 ? [1, 0, 2, 1, 3, 5] : undefined) }],
  ["duplicate", { heardBy: (ear: number) => (ear === 7 ? [1, 0, 5, 1, 2, 3] : undefined) }],
  ["reordered", { heardBy: (ear: number) => (ear === 7 ? [1, 0, 1, 1, 2, 5, 1, 1, 2] : undefined) }],
  ["foreign", { heardBy: (ear: number) => (ear === 7 ? [1, 0, 5, 0, 1, 2] : undefined) }],
  ["dropped", { more: (ear: number) => (ear === 7 ? { endedAtMs: 5_500 } : {}) }],
] as const)("readSummary() fails a run with one %s", (name, heard) => {
  expect(readSummary(k6Result(heard), plan)).toMatchObject({ verdict: "fail", exitCode: 1, because: [`1 ${name}`] });
});

test("readSummary() fails a run in which somebody was not let in, or that was too slow", () => {
  const refused = { heardBy: (ear: number) => (ear === 7 ? [] : undefined) };
  const shutOut = (ear: number): Partial<CompactEar> => (ear === 7 ? { readyAtMs: null, endedAtMs: 900 } : {});
  expect(readSummary(k6Result({ ...refused, more: shutOut }), plan)).toMatchObject({
    verdict: "fail",
    because: ["1 refused", "199 of 200 connections were subscribed"],
  });
  expect(readSummary(k6Result({ p99: 501 }), plan)).toMatchObject({
    verdict: "fail",
    because: ["p99 is 501 ms, the threshold 500 ms"],
  });
});

test("readSummary() takes sends of unknown fate once or never", () => {
  const heard = { acknowledged: 4, heardBy: (ear: number) => [ear % 2, 0, ear < 37 ? 5 : 4] };
  expect(readSummary(k6Result(heard), { ...plan, messages: 8 })).toMatchObject({
    verdict: "pass",
    unknown: 2,
    expected: 800,
    delivered: 800,
    lost: 0,
  });
});

test("readSummary() calls a run inconclusive that proves nothing", () => {
  expect(readSummary(k6Result({ acknowledged: 2 }), plan)).toMatchObject({ verdict: "inconclusive", exitCode: 2 });
});

test("readSummary() takes no part of a run for the whole, and refuses another shape", () => {
  expect(() => readSummary({ ...k6Result(), history: "" }, plan)).toThrow(
    "Cannot judge what k6 found: of 200 listeners and a speaker 0 and none handed back what they know",
  );
  expect(() => readSummary({ ...k6Result(), metrics: {} }, plan)).toThrow(/metrics/);
});

function printed(summary: LoadSummary): string {
  const lines: string[] = [];
  using _ = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  printLoad(summary);
  return lines.join("\n");
}

test("summaryOf() of an interrupted run blames nobody for what had not happened by then", () => {
  const result = engineResult(150, 4_000, 0);
  const counts = { ...result.counts, subscribed: 120 };
  const summary = engineSummaryOf({ ...result, counts, published: 3, interrupted: true }, plan);
  expect(summary).toMatchObject({ verdict: "inconclusive", exitCode: 2 });
  expect(summary.because).toEqual([
    "interrupted",
    "120 of 200 connections were subscribed",
    "50 of 200 did not come back",
    "3 of 10 messages were published and acknowledged",
  ]);
  // What was lost by then was lost.
  const lost = { ...result.account, lost: 1 };
  expect(engineSummaryOf({ ...result, account: lost, interrupted: true }, plan)).toMatchObject({ verdict: "fail" });
});

test("printLoad() prints counts, times and the verdict", () => {
  const deaf = (ear: number): number[] | undefined => (ear < 6 ? [ear % 2, 1, 5] : undefined);
  const text = printed(readSummary(k6Result({ heardBy: deaf }), plan));
  expect(text).toContain("200 of 200 connections subscribed, 0 refused, 0 dropped");
  expect(text).toContain("6 lost");
  expect(text).toContain("p99 20 ms");
  expect(text).toMatch(/fail.*: 6 lost/);
});

/** Of the engine, where `returned` of 200 came back, the last one after so long. */
function engineResult(returned: number, lastMs: number, failures: number, publisherEnded?: string): EngineResult {
  const returns = new LatencyHistogram();
  for (let count = 0; count < returned; count++) returns.record(count === 0 ? lastMs * 1_000 : 1_000_000);
  const latencies = new LatencyHistogram();
  latencies.record(2_000);
  const counts = {
    opened: 400,
    subscribed: 200,
    refused: 0,
    dropped: 0,
    left: 200,
    returned,
    failures,
    heard: 1_000,
    slow: 0,
    slowCut: 0,
  };
  const account = { expected: 1_000, delivered: 1_000, lost: 0, duplicate: 0, reordered: 0, foreign: 0 };
  return {
    counts,
    published: publisherEnded === undefined ? 10 : 3,
    unknown: 0,
    account: { ...account, unowed: 7, missed: 50, findings: [], omitted: 0 },
    reasons: [["ECONNREFUSED", 3]] as [string, number][],
    publisherEnded,
    latencies,
    returns,
    replays: new LatencyHistogram(),
    generator: { loopDelayMsP99: 0, cpu: 0.1, sentLateMsMax: 0 },
    interrupted: false,
  };
}

const afterStorm = (returned: number, lastMs: number, publisherEnded?: string): LoadSummary =>
  engineSummaryOf(engineResult(returned, lastMs, 3, publisherEnded), { ...plan, scenario: "reconnect-storm" });

/** Of reads that took so long, and others that failed. */
function afterDay({ failures = 0, readMs = 20, readFailures = 0 } = {}): LoadSummary {
  const [logins, reads] = [new LatencyHistogram(), new LatencyHistogram()];
  logins.record(80_000);
  for (let count = 0; count < 10; count++) reads.record(readMs * 1_000);
  const because = readFailures === 0 ? undefined : "answered 500";
  const day = { logins, reads, failures: readFailures, because };
  return engineSummaryOf(engineResult(190, 4_000, failures), { ...plan, scenario: "mixed-day" }, day);
}

test("summaryOf() of a day wants each tab to be let in again and each read to be answered in time", () => {
  const passed = afterDay();
  // Ten tabs are closed at the end, and nobody missed what was said when they were.
  expect(passed).toMatchObject({ verdict: "pass", day: { closed: 200, opened: 190, logins: 1, reads: 10 } });
  expect(passed).not.toHaveProperty("missed");
  expect(passed).not.toHaveProperty("storm");
  expect(printed(passed)).toContain(
    "1 login, p50 80 ms · p99 80 ms; 200 tabs closed, 190 opened again; 10 reads of the history, p50 20 ms · p99 20 ms, 0 failed",
  );
  expect(afterDay({ failures: 1 }).because).toEqual(["1 attempt failed"]);
  expect(afterDay({ readFailures: 2 }).because).toEqual(["2 of 12 failed: answered 500"]);
  expect(afterDay({ readMs: 600 }).because).toEqual(["p99 of reading is 600 ms, the threshold 500 ms"]);
});

test("summaryOf() wants everybody back, in time; what was missed meanwhile is said and fails nothing", () => {
  expect(afterStorm(200, 4_000)).toMatchObject({
    scenario: "reconnect-storm",
    verdict: "pass",
    because: [],
    missed: 50,
    storm: { left: 200, returned: 200, failures: 3, backMs: { max: 4_000 } },
  });
  expect(afterStorm(199, 4_000)).toMatchObject({ verdict: "fail", because: ["1 of 200 did not come back"] });
  expect(afterStorm(200, 31_000)).toMatchObject({
    verdict: "fail",
    because: ["all were back after 31.0 s, the threshold 30.0 s"],
  });
});

test("printLoad() says who came back and why others did not, and no times where nobody did", () => {
  const text = printed(afterStorm(200, 4_000));
  expect(text).toContain("0 foreign; 50 missed by who was cut off; 7 more heard by who came or went");
  expect(text).toContain(
    "200 lost their connection: 200 came back, after p50 1.0 s · p99 1.0 s · max 4.0 s; 3 attempts failed",
  );
  expect(text).toContain("connections ended: 3 × ECONNREFUSED");
  const gone = printed(afterStorm(0, 0, "closed with 1006"));
  expect(gone).toContain("200 lost their connection: 0 came back; 3 attempts failed");
  expect(gone).toContain(
    "3 of 10 messages were published and acknowledged: the target ended the publisher's connection",
  );
});
