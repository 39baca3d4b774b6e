// What the outbox and the realtime layer ask of a bus. Implementations: memory (embedded), kafka. Terms: follow =
// broadcast, every instance hears every record; work = shared group, one instance of all handles each record.

import type { EventRecord, MessageRecord, Publication, Topic } from "./records.ts";

export interface TopicRecords {
  messages: MessageRecord;
  events: EventRecord;
}

export interface Bus {
  /**
   * Resolves when the broker acknowledged all of them, in the order given. Throws when it did not; then any prefix may
   * have arrived.
   */
  publish(records: readonly Publication[]): Promise<void>;
  /**
   * Hears every record of a topic in offset order, from near its end, each awaited before the next.
   * `live` is false for what was on the topic when following began. Resolves once that backlog was read.
   */
  follow<T extends Topic>(
    topic: T,
    onRecord: (record: TopicRecords[T], live: boolean) => void | Promise<void>,
  ): Promise<void>;
  /**
   * Resolves when everything that was on the topic at the time of asking was handed to its followers here. Throws when
   * that takes long or the broker does not answer: then nobody knows how far behind this instance is.
   */
  caughtUp(topic: Topic): Promise<void>;
  /**
   * Handles each record once over all instances (at least once after a crash: handlers are idempotent by record id).
   */
  work<T extends Topic>(topic: T, group: string, handler: (record: TopicRecords[T]) => Promise<void>): Promise<void>;
  /** Asks the broker for a sign of life. Throws when there is none within a second or two. */
  reach(): Promise<void>;
  /** Why the bus cannot be relied on right now, or undefined. For /readyz. */
  trouble(): string | undefined;
  close(): Promise<void>;
}
