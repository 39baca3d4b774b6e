// One process of a load run: its share of those who listen. It does what it is ordered to and ends when whoever started
// it is gone.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { Ears } from "../checkers/deliveries.ts";
import { nowMs } from "./clock.ts";
import { Crowd } from "./crowd.ts";
import { LatencyHistogram } from "./latencies.ts";
import type { Generator, Order, Word } from "./messages.ts";
import { roomsOfLanes } from "./plan.ts";

const countsEveryMs = 500;
const delayResolutionMs = 10;
/** Of the close frames: nobody waits longer for their answers. */
const closeWithinMs = 500;

/** Where nobody hears it any more, "disconnect" follows. */
const say = (word: Word): void => void process.send!(word, undefined, undefined, () => undefined);

const delay = monitorEventLoopDelay({ resolution: delayResolutionMs });
const latencies = new LatencyHistogram();
const recent = new LatencyHistogram();
const returns = new LatencyHistogram();
const replays = new LatencyHistogram();
let ears: Ears | undefined;
let crowd: Crowd | undefined;
let beganAtMs = 0;
let cpuBefore = process.cpuUsage();

function generator(): Generator {
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    loopDelayMsP99: Math.max(0, delay.percentile(99) / 1e6 - delayResolutionMs),
    cpu: (user + system) / 1_000 / (nowMs() - beganAtMs),
  };
}

/** What was heard, in all and since the last word. */
const both = {
  record(microseconds: number): void {
    latencies.record(microseconds);
    recent.record(microseconds);
  },
};

function sayCounts(): void {
  say({ type: "counts", counts: crowd!.counts, recent: recent.sparse });
  recent.reset();
}

function beginMeasuring(): void {
  beganAtMs = nowMs();
  cpuBefore = process.cpuUsage();
}

function end(): void {
  crowd?.close();
  setTimeout(() => process.exit(0), closeWithinMs);
}

process.on("message", (order: Order) => {
  if (order.type === "start") {
    const { plan, share } = order;
    ears = new Ears(roomsOfLanes(plan));
    crowd = new Crowd(plan, share, ears, { latencies: both, returns, replays });
    crowd.start();
    delay.enable();
    beginMeasuring();
    setInterval(sayCounts, countsEveryMs).unref();
    return;
  }
  if (order.type === "storm") return crowd!.storm(order.rampMs);
  if (order.type === "wake") return crowd!.wake();
  if (order.type === "end") return end();
  const { counts } = crowd!;
  say({
    type: "settled",
    counts,
    reasons: crowd!.reasons,
    account: ears!.settle(order.lanes),
    latencies: latencies.counts,
    returns: returns.counts,
    replays: replays.counts,
    generator: generator(),
  });
  latencies.reset();
  delay.reset();
  beginMeasuring();
});
// A terminal sends Ctrl-C to the whole group: whoever started us wants to know what was heard so far, and ends us then.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
say({ type: "ready" });
// Whoever started us is gone, or has all that it wants.
process.on("disconnect", () => process.exit(0));
