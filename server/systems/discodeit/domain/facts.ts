// How does a fact become an event? It is enqueued in the transaction that makes it true, with its receivers fixed, and
// published after the commit.

import type { EventKind } from "../../../../systems/discodeit/wire.ts";
import { newEvent } from "../../../bus/new-records.ts";
import { enqueue } from "../../../bus/outbox.ts";
import type { EventRecord } from "../../../bus/records.ts";
import type { Queryable } from "../../../store/store.ts";
import type { SystemContext } from "../../system.ts";
import type { Payloads } from "./payloads.ts";

export { commit } from "../../../bus/outbox.ts";

/** What background work and transactions need; a Core has it. */
export type EventSource = Pick<SystemContext, "store" | "outbox" | "onFault"> & { payloads: Payloads };

/** `channelId`: the private channel that one must be in, now and at replay, to read the event. */
export function eventRecord(
  core: EventSource,
  kind: EventKind,
  data: unknown,
  receivers: EventRecord["receivers"],
  channelId?: string,
): EventRecord {
  return newEvent(core.payloads.eventName(kind), data, receivers, channelId);
}

export async function tell(
  tx: Queryable,
  core: EventSource,
  ...event: [EventKind, unknown, EventRecord["receivers"], string?]
): Promise<void> {
  await enqueue(tx, eventRecord(core, ...event));
}
