// How does an instance go away in parts, when any part may fail or hang? Step after step, each with its share of the
// time, whatever the one before it did: with Kafka away, the stores still have to be closed.

import { setTimeout as wait } from "node:timers/promises";

export interface DrainStep {
  name: string;
  /** The next step begins after this, at the latest. */
  withinMs: number;
  run: () => Promise<unknown> | void;
}

/** Resolves after the last step; never rejects. `onFault` hears what failed. */
export async function drainInSteps(steps: readonly DrainStep[], onFault: (error: unknown) => void): Promise<void> {
  for (const { name, withinMs, run } of steps) {
    try {
      await within(withinMs, run);
    } catch (error) {
      onFault(new Error(`Cannot finish while draining: ${name}`, { cause: error }));
    }
  }
}

/** A step that fails after its time is not heard any more, and does no harm. */
async function within(ms: number, run: DrainStep["run"]): Promise<void> {
  const enough = new AbortController();
  const late = wait(ms, undefined, { signal: enough.signal });
  late.catch(() => undefined);
  try {
    await Promise.race([run(), late]);
  } finally {
    enough.abort();
  }
}
