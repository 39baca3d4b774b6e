// How does an instance hear every record of a partition, in order, once? By asking the broker from its own offset on,
// for ever: no group, no committed offset. Broker away: it asks again, from where it stopped, so nothing is missed.
// Terms: backlog = the end of what lay before the end offset captured at start; it is handed over as not live.

import { setTimeout as wait } from "node:timers/promises";
import { Consumer, type ConsumerOptions } from "@platformatic/kafka";
import type { Logger } from "pino";

type FetchResponse = Awaited<ReturnType<Consumer["fetch"]>>;
type Client = Omit<ConsumerOptions<Buffer, Buffer, Buffer, Buffer>, "groupId">;

export interface FollowerOptions {
  client: Client;
  topic: string;
  partition: number;
  /**
   * How much of what is there already is handed over: no more records than these, none that is older (if a bound is
   * given).
   */
  backlog: { recordsMax: number; ageMsMax?: number };
  log: Logger;
  /** For tests; absent: a client of its own. */
  consumer?: Pick<Consumer, "on" | "listOffsets" | "metadata" | "clearMetadata" | "fetch" | "close">;
  onValue: (value: string, live: boolean) => Promise<void>;
}

/**
 * The broker answers at once when there is something; otherwise after this, which is also how we know that it lives.
 */
const fetchWaitMs = 2_000;
const fetchBytesMax = 4 * 1024 * 1024;
const askEveryMs = 20;
const retryPauseMs = 250;
const earliest = -2n;
const latest = -1n;
/** Bit of a batch's attributes: transaction markers, not data. */
const isControl = 0b100000;

export class KafkaFollower {
  readonly #options: FollowerOptions;
  readonly #consumer: NonNullable<FollowerOptions["consumer"]>;
  #offset = 0n;
  #liveFrom = 0n;
  #closed = false;
  #loop: Promise<void> | undefined;
  #onLive: () => void = () => undefined;
  heardAtMs = performance.now();

  constructor(options: FollowerOptions) {
    this.#options = options;
    // The name is needed by the client; nobody joins this group.
    this.#consumer =
      options.consumer ??
      new Consumer({ ...options.client, groupId: `${options.topic}.follower`, maxWaitTime: fetchWaitMs, minBytes: 1 });
    // What fails is told to whoever asked; an event that nobody hears would end the process.
    this.#consumer.on("error", () => undefined);
  }

  /** Resolves when the backlog was handed over. @throws when the broker does not answer now. */
  async start(): Promise<void> {
    this.#liveFrom = await this.#listOffset(latest);
    this.#offset = await this.#backlogStart();
    const live = new Promise<void>((resolve) => (this.#onLive = resolve));
    this.#loop = this.#follow();
    await live;
  }

  /** Retention bounds by age alone, and late: a broker deletes whole segments, never the one that it writes to. */
  async #backlogStart(): Promise<bigint> {
    const { recordsMax, ageMsMax } = this.#options.backlog;
    const starts = [await this.#listOffset(earliest), this.#liveFrom - BigInt(recordsMax)];
    if (ageMsMax !== undefined) {
      const young = await this.#listOffset(BigInt(Date.now() - ageMsMax));
      // -1: no record is as young as that.
      starts.push(young < 0n ? this.#liveFrom : young);
    }
    return starts.reduce((last, offset) => (offset > last ? offset : last));
  }

  get topic(): string {
    return this.#options.topic;
  }

  /**
   * Resolves when all that is in the partition now was handed over. Throws when the broker does not answer, or after
   * `withinMs`.
   */
  async awaitEnd(withinMs: number): Promise<void> {
    const untilMs = performance.now() + withinMs;
    const end = await this.#listOffset(latest);
    while (this.#offset < end) {
      if (this.#closed || performance.now() > untilMs)
        throw new Error(`Cannot catch up with ${this.topic}: at ${this.#offset} of ${end}`);
      await wait(askEveryMs);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    try {
      await this.#consumer.close(true);
    } finally {
      await this.#loop;
    }
  }

  async #follow(): Promise<void> {
    let failing = false;
    while (!this.#closed) {
      if (this.#offset >= this.#liveFrom) this.#onLive();
      try {
        if (failing) await this.#checkOffset();
        await this.#fetch();
        if (failing) this.#log("follows again");
        failing = false;
      } catch (error) {
        if (this.#closed) return;
        if (!failing) this.#log("cannot follow, trying again", error);
        failing = true;
        this.#consumer.clearMetadata();
        await wait(retryPauseMs);
      }
    }
  }

  async #fetch(): Promise<void> {
    const { topic, partition } = this.#options;
    const metadata = await this.#consumer.metadata({ topics: [topic] });
    const found = metadata.topics.get(topic);
    const leader = found?.partitions[partition]?.leader;
    if (!found || leader === undefined) throw new Error(`No leader for ${topic}/${partition}`);
    const request = {
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: this.#offset,
      lastFetchedEpoch: -1,
      partitionMaxBytes: fetchBytesMax,
    };
    const response = await this.#consumer.fetch({
      node: leader,
      topics: [{ topicId: found.id, partitions: [request] }],
      maxWaitTime: fetchWaitMs,
      minBytes: 1,
      maxBytes: fetchBytesMax,
    });
    this.heardAtMs = performance.now();
    await this.#hand(response);
  }

  async #hand(response: FetchResponse): Promise<void> {
    for (const { partitions } of response.responses) {
      for (const { records: batches } of partitions) {
        for (const batch of batches ?? []) {
          for (const record of batch.records) {
            const offset = batch.firstOffset + BigInt(record.offsetDelta);
            // A batch is sent whole even if we asked for its middle.
            if (offset < this.#offset || (batch.attributes & isControl) !== 0) continue;
            await this.#options.onValue(record.value?.toString("utf8") ?? "", offset >= this.#liveFrom);
            this.#offset = offset + 1n;
          }
          const next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
          if (next > this.#offset) this.#offset = next;
        }
      }
    }
  }

  /** After trouble: retention may have passed our place, or the topic may have been made anew. */
  async #checkOffset(): Promise<void> {
    const start = await this.#listOffset(earliest);
    const end = await this.#listOffset(latest);
    if (this.#offset >= start && this.#offset <= end) return;
    this.#log(`offset ${this.#offset} is gone, going on at ${start}`);
    this.#offset = start;
  }

  async #listOffset(timestamp: bigint): Promise<bigint> {
    const { topic, partition } = this.#options;
    const offsets = await this.#consumer.listOffsets({
      topics: [topic],
      partitions: { [topic]: [partition] },
      timestamp,
    });
    const offset = offsets.get(topic)?.[partition];
    if (offset === undefined) throw new Error(`No offset for ${topic}/${partition}`);
    return offset;
  }

  #log(message: string, error?: unknown): void {
    const { log, topic, partition } = this.#options;
    log.warn({ topic, partition, ...(error === undefined ? {} : { err: error }) }, message);
  }
}
