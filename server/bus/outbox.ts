// The outbox: facts are written in the transaction that makes them true, and published after it committed, in order.
// Table (migrations of a system): outbox(id bigint identity, topic text, key text, record text, created_at).

import type { Queryable, Store } from "../store/store.ts";
import { publicationOf, type BusRecord } from "./records.ts";

/** Adds a record to the transaction, which `commit` runs. */
export const enqueue = (tx: Queryable, record: BusRecord): Promise<void> => enqueueAll(tx, [record]);

/** Adds records to the transaction, in this order, by one statement. */
export async function enqueueAll(tx: Queryable, records: readonly BusRecord[]): Promise<void> {
  const publications = records.map(publicationOf);
  await tx.query("INSERT INTO outbox (topic, key, record) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])", [
    publications.map(({ topic }) => topic),
    publications.map(({ key }) => key),
    publications.map(({ value }) => value),
  ]);
}

export interface Outbox {
  /** Says that something was committed; returns at once. Publication follows in the background. */
  kick(): void;
}

/** Runs a transaction whose records are published after its commit. */
export async function commit<T>(
  { store, outbox }: { store: Pick<Store, "transaction">; outbox: Outbox },
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const result = await store.transaction(work);
  outbox.kick();
  return result;
}
