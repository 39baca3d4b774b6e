// What follows an answer later (lists behind a cache, uploads, what a broker carries) is looked at until it fits, and
// not once. Who looks judges what was seen last.

import { setTimeout as wait } from "node:timers/promises";
import { TimeoutError } from "../../../drivers/errors.ts";
import type { World } from "../../../runner/world.ts";

/** Between the first two looks; each pause is twice the one before, up to the last. */
const firstPauseMs = 25;
const lastPauseMs = 400;

/** Looks until what is seen fits, or the deadline is over; what was seen last. */
export async function lookUntil<T>(
  world: World,
  look: () => Promise<T>,
  fits: (seen: T) => boolean,
  deadlineMs: number = world.deadlineMs,
): Promise<T> {
  const startMs = performance.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, lastPauseMs)) {
    const seen = await look();
    if (fits(seen) || performance.now() - startMs > deadlineMs) return seen;
    await wait(pauseMs);
  }
}

/** Whether a field says this. What a DTO lacks, the clause about the DTO's fields says. */
export const says = (got: unknown, wanted: unknown): boolean => got === undefined || got === wanted;

/** For what may be awaited in vain: false then. */
export function untilTimeout(error: unknown): false {
  if (error instanceof TimeoutError) return false;
  throw error;
}
