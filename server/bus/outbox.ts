// The outbox: facts are written in the transaction that makes them true, and published after it committed, in order.
// Table (server/store/migrations): outbox(id bigint identity, topic text, key text, record text, created_at).

import type { Queryable } from "../store/store.ts";
import { recordKey, type BusRecord } from "./records.ts";

/** Adds a record to the transaction. Call `Outbox.kick` after the commit. */
export async function enqueue(tx: Queryable, record: BusRecord): Promise<void> {
  await tx.query("INSERT INTO outbox (topic, key, record) VALUES ($1, $2, $3)", [record.topic, recordKey(record), JSON.stringify(record)]);
}

export interface Outbox {
  /** Says that something was committed; returns at once. Publication follows in the background. */
  kick(): void;
}
