// Who publishes what was committed, and in which order? One relay per process drains the outbox table; over all
// instances an advisory lock lets one drain at a time, so that topic order = row order. A row is deleted in the
// transaction that saw it published: a relay that dies in between repeats its batch, and consumers drop repeated ids. A
// sweep takes over rows that a dead instance left behind. Source: "Fan-out across instances" of the Discodeit contract.

import { setTimeout as wait } from "node:timers/promises";
import type { Store } from "../store/store.ts";
import type { Bus } from "./bus.ts";
import type { Outbox } from "./outbox.ts";
import type { Topic } from "./records.ts";

const batchRows = 500;
/**
 * Of records, before the one that exceeds it. All of a batch may be of one partition, and Kafka refuses a batch of more
 * than 1 MiB.
 */
const batchBytes = 512 * 1024;
const sweepEveryMs = 2_000;
const retryDelayMsMin = 50;
const retryDelayMsMax = 400;
/**
 * A relay that stands still in its transaction (stopped, cut off) holds up all others: the database ends it after this.
 */
const idleMsMax = 2_500;

export class OutboxRelay implements Outbox {
  readonly #store: Store;
  readonly #bus: Bus;
  readonly #lockName: string;
  readonly #onFault: (error: unknown) => void;
  #sweep: NodeJS.Timeout | undefined;
  #kicked = false;
  #draining: Promise<void> | undefined;
  #closed = false;
  #failing = false;

  /** `onFault` hears the first failure of a series; the relay itself tries again for ever. */
  constructor(store: Store, bus: Bus, system: string, onFault: (error: unknown) => void) {
    this.#store = store;
    this.#bus = bus;
    this.#lockName = `rollcall.outbox.${system}`;
    this.#onFault = onFault;
  }

  /** From now on rows of dead instances are published, too. Before, the table may not be there yet. */
  startSweeping(): void {
    this.#sweep = setInterval(() => this.kick(), sweepEveryMs);
  }

  kick(): void {
    this.#kicked = true;
    if (!this.#closed) this.#draining ??= this.#drain();
  }

  /**
   * Publishes what is left, as long as that works and at most for `withinMs`, then stops. What stays is swept by
   * another instance.
   */
  async close(withinMs: number): Promise<void> {
    clearInterval(this.#sweep);
    this.kick();
    const enough = new AbortController();
    await Promise.race([this.#draining, wait(withinMs, undefined, { signal: enough.signal }).catch(() => undefined)]);
    enough.abort();
    this.#closed = true;
  }

  async #drain(): Promise<void> {
    let delayMs = retryDelayMsMin;
    while (this.#kicked && !this.#closed) {
      this.#kicked = false;
      try {
        // An instance that cannot reach the broker must not take the lock from those that can.
        if (this.#failing) await this.#bus.reach();
        if (await this.#drainBatch()) this.#kicked = true;
        this.#failing = false;
        delayMs = retryDelayMsMin;
      } catch (error) {
        if (!this.#failing) this.#onFault(error);
        this.#failing = true;
        this.#kicked = true;
        await wait(delayMs);
        delayMs = Math.min(delayMs * 2, retryDelayMsMax);
      }
    }
    this.#draining = undefined;
  }

  /** Returns whether there may be more. */
  #drainBatch(): Promise<boolean> {
    return this.#store.transaction(async (tx) => {
      await tx.query(
        "SELECT pg_advisory_xact_lock(hashtext($1))::text, set_config('idle_in_transaction_session_timeout', $2, true)",
        [this.#lockName, String(idleMsMax)],
      );
      // Taken and, should publishing fail, put back by the rollback. RETURNING keeps no order.
      const rows = await tx.query<{ id: string; topic: Topic; key: string; value: string }>(
        `DELETE FROM outbox WHERE id IN (
           SELECT id FROM (
             SELECT id, sum(octet_length(record)) OVER (ORDER BY id) - octet_length(record) AS bytes_before
             FROM (SELECT id, record FROM outbox ORDER BY id LIMIT $1) AS oldest
           ) AS measured WHERE bytes_before < $2
         ) RETURNING id::text AS id, topic, key, record AS value`,
        [batchRows, batchBytes],
      );
      if (rows.length === 0) return false;
      const inOrder = rows.toSorted((one, other) => Number(BigInt(one.id) - BigInt(other.id)));
      await this.#bus.publish(inOrder);
      return (
        rows.length === batchRows ||
        inOrder.reduce((bytes, { value }) => bytes + Buffer.byteLength(value), 0) >= batchBytes
      );
    });
  }
}
