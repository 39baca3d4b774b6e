// What is an event stream like, of a target that has nothing else? Measured by events that the run causes; where nobody
// can cause one, the stream is watched for a while, and what came is all that clauses can be judged by.

import { performance } from "node:perf_hooks";
import { within } from "../drivers/deadline.ts";
import type { SseItem } from "../drivers/codecs/sse.ts";
import { TimeoutError } from "../drivers/errors.ts";
import type { Timed } from "../drivers/inbox.ts";
import type { EventStream } from "../drivers/sse.ts";
import type { Account } from "./account-pool.ts";
import type { World } from "./world.ts";
import { counted } from "./text.ts";

const probesCount = 10;
const watchMs = 10_000;

/** What came on a stream that was only watched. */
export interface Watched {
  seconds: number;
  items: readonly Timed<SseItem>[];
  bytes: Buffer;
}

/** How long events took, in ms, fastest first; and whether they came in the order in which they were made. */
export async function measureEvents(
  world: World,
  stream: EventStream,
  [maker, other]: readonly [Account, Account],
): Promise<{ latencies: number[]; inOrder: boolean }> {
  const keys: string[] = [];
  const latencies: number[] = [];
  for (let index = 0; index < probesCount; index++) {
    const startMs = performance.now();
    const { id } = await world.causeEvent(maker, other);
    keys.push(id);
    const event = await world.awaitEvent(stream, world.probeKind, id);
    latencies.push(Math.max(0, event.atMs - startMs));
  }
  const came = stream.events.flatMap((event) => keys.filter((key) => world.tellsOf(event, world.probeKind, key)));
  const inOrder = [...new Set(came)].join() === keys.join();
  return { latencies: latencies.toSorted((one, two) => one - two), inOrder };
}

/** Watches a stream; nothing that comes is missed while others are proved, because they are judged by this. */
export async function watch(world: World, account: Account): Promise<Watched> {
  const stream = world.openEvents(account, { keepsBytes: true });
  const startMs = performance.now();
  await within(watchMs, stream.head, () => {
    throw new TimeoutError(`Cannot watch the event stream: no head came within ${watchMs / 1_000} s`);
  });
  await within(watchMs, stream.closed, () => undefined);
  return {
    seconds: Math.round((performance.now() - startMs) / 1_000),
    items: [...stream.inbox.items],
    bytes: stream.bytes,
  };
}

/** For people. */
export function tellWatched({ seconds, items }: Watched): string {
  const count = (kind: SseItem["kind"]): number => items.filter((item) => item.kind === kind).length;
  return `watched for ${counted(seconds, "second")}, as nobody can make an event come: ${counted(count("event"), "event")} and ${counted(count("comment"), "comment")} came`;
}
