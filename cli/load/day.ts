// What people do on a working day beside listening and speaking: whoever opens a tab reads what was said before. Each read
// is due when its tab is, whatever became of those before.

import type { VisitsShape } from "../../load/visits.ts";
import { nowMs } from "../../load/clock.ts";
import { LatencyHistogram } from "../../load/latencies.ts";

/** Of the tabs of a large run, so many a second read. */
const readsPerSecondMax = 50;

export interface DayResult {
  logins: LatencyHistogram;
  /** From when each was due. */
  reads: LatencyHistogram;
  failures: number;
  /** Of the first that failed. */
  because: string | undefined;
}

export interface DayOptions extends VisitsShape {
  connections: number;
  logins: LatencyHistogram;
  /** Reads as somebody, by a number; undefined: the system has no history. */
  read: ((number: number) => Promise<void>) | undefined;
}

export interface Day extends AsyncDisposable {
  /** Waits for what is under way. */
  end(): Promise<DayResult>;
}

/** Begins now. */
export function beginDay({ connections, staysMs, awayMs, logins, read }: DayOptions): Day {
  const result: DayResult = { logins, reads: new LatencyHistogram(), failures: 0, because: undefined };
  const underWay = new Set<Promise<void>>();
  const everyMs = Math.max(1_000 / readsPerSecondMax, (staysMs + awayMs) / connections);
  let [count, dueMs] = [0, nowMs()];
  const readOnce = async (number: number, sinceMs: number): Promise<void> => {
    try {
      await read!(number);
      result.reads.record((nowMs() - sinceMs) * 1_000);
    } catch (error) {
      result.failures += 1;
      result.because ??= (error as Error).message;
    }
  };
  const timer = setInterval(() => {
    for (; dueMs <= nowMs(); dueMs += everyMs) {
      const reading = readOnce(count++, dueMs);
      underWay.add(reading);
      void reading.finally(() => underWay.delete(reading));
    }
  }, 10);
  if (read === undefined) clearInterval(timer);
  const end = async (): Promise<DayResult> => {
    clearInterval(timer);
    await Promise.all(underWay);
    return result;
  };
  return { end, [Symbol.asyncDispose]: async () => void (await end()) };
}
