// The bus of one process, without a broker (embedded): nothing is retained, so there is no backlog and everything is
// live. A published record is delivered later, never inside `publish`: the relay publishes in a transaction, and on the
// embedded database a consumer that asked the store then would wait for that transaction for ever.

import type { Bus, TopicRecords } from "./bus.ts";
import type { BusRecord, Publication, Topic } from "./records.ts";
import { performWork } from "./work.ts";

type Consumer = (record: BusRecord) => void | Promise<void>;

export class MemoryBus implements Bus {
  readonly #queues = new Map<Topic, MemoryQueue[]>();
  readonly #onPoison: (topic: Topic, error: unknown) => void;
  #closed = false;

  constructor(onPoison: (topic: Topic, error: unknown) => void) {
    this.#onPoison = onPoison;
  }

  publish(records: readonly Publication[]): Promise<void> {
    if (this.#closed) return Promise.reject(new Error("Cannot publish: the bus is closed"));
    for (const { topic, value } of records) {
      const record = JSON.parse(value) as BusRecord;
      for (const queue of this.#queues.get(topic) ?? []) queue.push(record);
    }
    return Promise.resolve();
  }

  follow<T extends Topic>(
    topic: T,
    onRecord: (record: TopicRecords[T], live: boolean) => void | Promise<void>,
  ): Promise<void> {
    return this.#consume(topic, (record) => onRecord(record as TopicRecords[T], true));
  }

  async caughtUp(topic: Topic): Promise<void> {
    await Promise.all((this.#queues.get(topic) ?? []).map((queue) => queue.idle()));
  }

  work<T extends Topic>(topic: T, _group: string, handler: (record: TopicRecords[T]) => Promise<void>): Promise<void> {
    return this.#consume(topic, (record) =>
      performWork(
        () => handler(record as TopicRecords[T]),
        () => this.#closed,
      ),
    );
  }

  reach(): Promise<void> {
    return Promise.resolve();
  }

  trouble(): undefined {
    return undefined;
  }

  /** Resolves when what was published has been handled. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#queues.values()].flat().map((queue) => queue.idle()));
  }

  #consume(topic: Topic, consumer: Consumer): Promise<void> {
    const queues = this.#queues.get(topic) ?? [];
    this.#queues.set(topic, queues);
    queues.push(new MemoryQueue(consumer, (error) => this.#onPoison(topic, error)));
    return Promise.resolve();
  }
}

/** Hands records to one consumer, one after the other. */
class MemoryQueue {
  readonly #consumer: Consumer;
  readonly #onPoison: (error: unknown) => void;
  #waiting: BusRecord[] = [];
  #pumping: Promise<void> | undefined;

  constructor(consumer: Consumer, onPoison: (error: unknown) => void) {
    this.#consumer = consumer;
    this.#onPoison = onPoison;
  }

  push(record: BusRecord): void {
    this.#waiting.push(record);
    this.#pumping ??= this.#pump();
  }

  async idle(): Promise<void> {
    await this.#pumping;
  }

  async #pump(): Promise<void> {
    while (this.#waiting.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.#waiting;
      this.#waiting = [];
      for (const record of batch) await this.#hand(record);
    }
    this.#pumping = undefined;
  }

  async #hand(record: BusRecord): Promise<void> {
    try {
      const done = this.#consumer(record);
      if (done) await done;
    } catch (error) {
      this.#onPoison(error);
    }
  }
}
