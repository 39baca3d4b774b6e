// What follows an answer later (lists behind a cache, uploads, what a broker carries) is looked at until it fits, and
// not once. Who looks judges what was seen last.

import { setTimeout as wait } from "node:timers/promises";
import { TimeoutError } from "../../../drivers/errors.ts";
import type { World } from "../../../runner/world.ts";

/** Between the first two looks; each pause is twice the one before, up to the last. */
const firstPauseMs = 25;
const lastPauseMs = 400;

async function looked<T>(look: () => Promise<T>, fits: (seen: T) => boolean, limitMs: number): Promise<T> {
  const startMs = performance.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, lastPauseMs)) {
    const seen = await look();
    if (fits(seen) || performance.now() - startMs > limitMs) return seen;
    await wait(pauseMs);
  }
}

/**
 * Looks until what is seen fits, or the deadline is over; what was seen last. A target that is slow in all things has
 * its own deadline, and what comes later still was late and not lost: see `World.unseen`.
 */
export async function lookUntil<T>(
  world: Pick<World, "deadlineMs" | "unseen">,
  look: () => Promise<T>,
  fits: (seen: T) => boolean,
  deadlineMs = 0,
): Promise<T> {
  const seen = await looked(look, fits, Math.max(world.deadlineMs, deadlineMs));
  const overMs = performance.now();
  world.unseen = fits(seen)
    ? undefined
    : async (limitMs) => (fits(await looked(look, fits, limitMs)) ? performance.now() - overMs : undefined);
  return seen;
}

/** Whether a field says this. What a DTO lacks, the clause about the DTO's fields says. */
export const says = (got: unknown, wanted: unknown): boolean => got === undefined || got === wanted;

/** For what may be awaited in vain: false then. */
export function untilTimeout(error: unknown): false {
  if (error instanceof TimeoutError) return false;
  throw error;
}
