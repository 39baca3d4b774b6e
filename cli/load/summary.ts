// What k6 counted, as a verdict: every expected delivery is accounted for, and a run that the generator spoilt is
// inconclusive, not failed.

import colors from "picocolors";
import { z } from "zod";

export interface LoadSummary {
  url: string;
  system: string;
  connections: number;
  opened: number;
  refused: number;
  dropped: number;
  published: number;
  /** Sent without an answer: once or never are both right. */
  unknown: number;
  expected: number;
  delivered: number;
  lost: number;
  duplicate: number;
  reordered: number;
  foreign: number;
  deliveryMs: { p50: number; p95: number; p99: number; max: number };
  verdict: "pass" | "fail" | "inconclusive";
  because: string[];
  exitCode: 0 | 1 | 2;
}

const metric = z.looseObject({ values: z.record(z.string(), z.number()) });
const shape = z.looseObject({ metrics: z.record(z.string(), metric) });

/** Reads the data of k6's handleSummary. Counters that never counted are absent there: they are 0. */
export function readSummary(
  data: unknown,
  plan: { connections: number; holdSeconds: number; rampSeconds: number; p99Ms: number; url: string; system: string },
): LoadSummary {
  const { metrics } = shape.parse(data);
  const count = (name: string): number => metrics[`rollcall_${name}`]?.values["count"] ?? 0;
  const trend = metrics["rollcall_delivery_ms"]?.values ?? {};
  const counts = {
    ...deliveriesOf(count, Object.keys(metrics)),
    opened: count("opened"),
    refused: count("refused"),
    dropped: count("dropped"),
    published: count("published"),
    unknown: count("unknown"),
    duplicate: count("duplicate"),
    reordered: count("reordered"),
    foreign: count("foreign"),
  };
  const deliveryMs = {
    p50: trend["med"] ?? 0,
    p95: trend["p(95)"] ?? 0,
    p99: trend["p(99)"] ?? 0,
    max: trend["max"] ?? 0,
  };
  const failed = [
    ...(["refused", "dropped", "lost", "duplicate", "reordered", "foreign"] as const)
      .filter((name) => counts[name] > 0)
      .map((name) => `${counts[name]} ${name}`),
    ...(counts.opened < plan.connections
      ? [`${counts.opened} of ${plan.connections} connections were subscribed`]
      : []),
    ...(deliveryMs.p99 > plan.p99Ms ? [`p99 is ${Math.round(deliveryMs.p99)} ms, the threshold ${plan.p99Ms} ms`] : []),
  ];
  // Nothing published or nothing expected proves nothing, however green the thresholds are.
  const spoilt =
    counts.published < plan.holdSeconds * 0.9
      ? [`${counts.published} of ${plan.holdSeconds} messages were published and acknowledged`]
      : counts.expected === 0
        ? ["no delivery was expected"]
        : [];
  const verdict = failed.length > 0 ? "fail" : spoilt.length > 0 ? "inconclusive" : "pass";
  return {
    url: plan.url,
    system: plan.system,
    connections: plan.connections,
    ...counts,
    deliveryMs,
    verdict,
    because: [...failed, ...spoilt],
    exitCode: { pass: 0, fail: 1, inconclusive: 2 }[verdict] as 0 | 1 | 2,
  };
}

/** An acknowledged message is expected once on each socket that subscribed to its room. Others may come or not. */
function deliveriesOf(
  count: (name: string) => number,
  metrics: readonly string[],
): Record<"expected" | "delivered" | "lost", number> {
  const sum = { expected: 0, delivered: 0, lost: 0 };
  for (const metric of metrics) {
    const [, room, sequence] = /^rollcall_acknowledged_(\d+)_(\d+)$/.exec(metric) ?? [];
    if (room === undefined || count(`acknowledged_${room}_${sequence}`) === 0) continue;
    const [sockets, heard] = [count(`ready_${room}`), count(`heard_${room}_${sequence}`)];
    sum.expected += sockets;
    sum.delivered += heard;
    sum.lost += sockets - heard;
  }
  return sum;
}

export function printLoad(summary: LoadSummary): void {
  const { deliveryMs } = summary;
  const paint = { pass: colors.green, fail: colors.red, inconclusive: colors.magenta }[summary.verdict];
  console.log(`\n${colors.bold(summary.url)} (${summary.system})`);
  console.log(
    `${summary.opened} of ${summary.connections} connections subscribed, ${summary.refused} refused, ${summary.dropped} dropped`,
  );
  console.log(
    `${summary.published} messages published, ${summary.expected} deliveries expected: ${summary.delivered} delivered, ${summary.lost} lost, ${summary.duplicate} duplicate, ${summary.reordered} reordered, ${summary.foreign} foreign${summary.unknown === 0 ? "" : `; ${summary.unknown} sends of unknown fate`}`,
  );
  console.log(
    `delivery p50 ${deliveryMs.p50.toFixed(0)} ms · p95 ${deliveryMs.p95.toFixed(0)} ms · p99 ${deliveryMs.p99.toFixed(0)} ms · max ${deliveryMs.max.toFixed(0)} ms`,
  );
  console.log(`${paint(summary.verdict)}${summary.because.length === 0 ? "" : `: ${summary.because.join("; ")}`}`);
}
