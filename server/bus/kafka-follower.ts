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
   * How much of what is there already is handed over: the newest, no more records than these, and of these no more
   * bytes, none that is older (if a bound is given).
   */
  backlog: { recordsMax: number; bytesMax: number; ageMsMax?: number };
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
/** So many records are weighed at a time: what of them is too much was fetched for nothing. */
const weighedRecords = 256n;
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
    const { recordsMax, bytesMax, ageMsMax } = this.#options.backlog;
    const starts = [await this.#listOffset(earliest), this.#liveFrom - BigInt(recordsMax)];
    if (ageMsMax !== undefined) {
      const young = await this.#listOffset(BigInt(Date.now() - ageMsMax));
      // -1: no record is as young as that.
      starts.push(young < 0n ? this.#liveFrom : young);
    }
    const start = starts.reduce((last, offset) => (offset > last ? offset : last));
    return await this.#startWithin(bytesMax, start);
  }

  /**
   * From where on there are no more bytes than these, `first` at the earliest. A broker does not say how large its
   * records are: they are weighed from the end on, and kept by nobody.
   */
  async #startWithin(bytesMax: number, first: bigint): Promise<bigint> {
    let leftBytes = bytesMax;
    for (let end = this.#liveFrom; end > first;) {
      const start = end - weighedRecords > first ? end - weighedRecords : first;
      for (const { offset, bytes } of (await this.#weigh(start, end)).toReversed()) {
        leftBytes -= bytes;
        if (leftBytes < 0) return offset + 1n;
      }
      end = start;
    }
    return first;
  }

  async #weigh(start: bigint, end: bigint): Promise<{ offset: bigint; bytes: number }[]> {
    const weights: { offset: bigint; bytes: number }[] = [];
    for (let at = start; at < end;) {
      const { records, next } = readResponse(await this.#fetchFrom(at), at);
      for (const { offset, value } of records) if (offset < end) weights.push({ offset, bytes: value?.length ?? 0 });
      // Deleted meanwhile: nothing is there to weigh.
      if (next === at) break;
      at = next;
    }
    return weights;
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
    const response = await this.#fetchFrom(this.#offset);
    this.heardAtMs = performance.now();
    const { records, next } = readResponse(response, this.#offset);
    for (const { offset, value } of records) {
      await this.#options.onValue(value?.toString("utf8") ?? "", offset >= this.#liveFrom);
      this.#offset = offset + 1n;
    }
    this.#offset = next;
  }

  async #fetchFrom(fetchOffset: bigint): Promise<FetchResponse> {
    const { topic, partition } = this.#options;
    const metadata = await this.#consumer.metadata({ topics: [topic] });
    const found = metadata.topics.get(topic);
    const leader = found?.partitions[partition]?.leader;
    if (!found || leader === undefined) throw new Error(`No leader for ${topic}/${partition}`);
    const request = {
      partition,
      currentLeaderEpoch: -1,
      fetchOffset,
      lastFetchedEpoch: -1,
      partitionMaxBytes: fetchBytesMax,
    };
    return await this.#consumer.fetch({
      node: leader,
      topics: [{ topicId: found.id, partitions: [request] }],
      maxWaitTime: fetchWaitMs,
      minBytes: 1,
      maxBytes: fetchBytesMax,
    });
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

interface Fetched {
  records: { offset: bigint; value: Buffer | null | undefined }[];
  /** From where to go on. */
  next: bigint;
}

/** What a response has from this offset on. */
function readResponse({ responses }: FetchResponse, from: bigint): Fetched {
  const fetched: Fetched = { records: [], next: from };
  for (const batch of responses.flatMap(({ partitions }) => partitions).flatMap(({ records }) => records ?? [])) {
    for (const { offsetDelta, value } of batch.records) {
      const offset = batch.firstOffset + BigInt(offsetDelta);
      // A batch is sent whole even if we asked for its middle.
      if (offset < from || (batch.attributes & isControl) !== 0) continue;
      fetched.records.push({ offset, value });
    }
    const next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    if (next > fetched.next) fetched.next = next;
  }
  return fetched;
}
