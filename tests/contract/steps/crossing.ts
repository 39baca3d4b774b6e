// Silent here, or everywhere? With one consumer group for several instances each kind of event may be heard on another
// one alone: that is for the clauses about fan-out to say.

import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import { TimeoutError } from "../../../drivers/errors.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { uploadDeadlineMs } from "./discodeit.ts";

/** Makes such an event once more. Resolves with how to know it. */
type Again = () => Promise<(event: SseEvent) => boolean>;

/** Waits for an event; when none comes, but on another instance one does, it is the fan-out that is wrong. */
export async function hearHere<T>(
  world: World,
  reader: Account,
  waitForIt: () => Promise<T>,
  again: Again,
): Promise<T> {
  try {
    return await waitForIt();
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    const isElsewhere = await isHeardElsewhere(world, reader, again);
    rely("cross with events", !isElsewhere, `${error.message}; it was heard on another instance`);
    throw error;
  }
}

async function isHeardElsewhere(world: World, reader: Account, again: Again): Promise<boolean> {
  const places = world.target.instances.map((_, at) => at).filter((at) => at !== world.baseline.eventsAt);
  if (places.length === 0) return false;
  const streams = places.map((instance) => world.openEvents(reader, { instance }));
  await world.settle();
  const isIt = await again();
  const heard = await Promise.all(
    streams.map((stream) =>
      stream.awaitEvent("the event elsewhere", isIt, uploadDeadlineMs).then(
        () => true,
        () => false,
      ),
    ),
  );
  return heard.includes(true);
}
