// How often is a piece of group work tried? Its handler is idempotent. While the store is away, for as long as that
// lasts: work that is skipped would be lost. A failure of another kind lies in the record itself, or passes at once:
// after few tries the record counts as poison and is skipped, since it must not hold up what comes after it.

import { setTimeout as wait } from "node:timers/promises";
import { StoreUnavailableError } from "../store/store-errors.ts";

const attemptsMax = 3;
const pauseMsMin = 50;
const pauseMsMax = 1_000;

/**
 * Throws the last error when the record is poison, or the store is away when `over` says that nobody waits any more.
 */
export async function performWork(work: () => Promise<void>, over: () => boolean): Promise<void> {
  let pauseMs = pauseMsMin;
  for (let failures = 0; ;) {
    try {
      return await work();
    } catch (error) {
      if (over()) throw error;
      if (!(error instanceof StoreUnavailableError) && ++failures === attemptsMax) throw error;
      await wait(pauseMs);
      pauseMs = Math.min(pauseMs * 2, pauseMsMax);
    }
  }
}
