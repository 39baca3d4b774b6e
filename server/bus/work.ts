// How often is a piece of group work tried? Its handler is idempotent, so a failure (the store away for a moment) is tried again, with
// growing pauses, before the record counts as poison and is skipped: it must not hold up what comes after it for ever.

import { setTimeout as wait } from "node:timers/promises";

const attemptsMax = 12;
const pauseMsMin = 50;
const pauseMsMax = 5_000;

/** @throws the last error when every attempt failed (after about half a minute). */
export async function performWork(work: () => Promise<void>): Promise<void> {
  let pauseMs = pauseMsMin;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attemptsMax) throw error;
      await wait(pauseMs);
      pauseMs = Math.min(pauseMs * 2, pauseMsMax);
    }
  }
}
