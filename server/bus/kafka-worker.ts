// How is each record handled by one instance of all? A consumer group; offsets are committed after the work, so a crash
// repeats at most what was handled since the last commit, and handlers are idempotent. A dead member is missed after
// its session timeout.

import { setTimeout as wait } from "node:timers/promises";
import { Consumer, type ConsumerOptions, type Message, type MessagesStream } from "@platformatic/kafka";
import type { Logger } from "pino";
import { StoreUnavailableError } from "../store/store-errors.ts";
import { performWork } from "./work.ts";

type Client = Omit<ConsumerOptions<Buffer, Buffer, Buffer, Buffer>, "groupId">;

export interface WorkerOptions {
  client: Client;
  topic: string;
  group: string;
  /**
   * A name that this process keeps over a restart in its container: it takes its old place in the group at once, and a
   * restarted broker knows it.
   */
  member: string;
  sessionTimeoutMs: number;
  log: Logger;
  onValue: (value: string) => Promise<void>;
  /** A record that cannot be read or handled; it is skipped. */
  onPoison: (error: unknown) => void;
}

/** By its next heartbeat a member learns that another one is gone. */
const heartbeatEveryMs = 500;
const rebalanceWithinMs = 6_000;
const commitEveryMs = 250;
const retryPauseMs = 500;

export class KafkaWorker {
  readonly #options: WorkerOptions;
  #consumer: Consumer | undefined;
  #loop: Promise<void> | undefined;
  #closed = false;
  /** The last handled record of each partition that is not committed yet. */
  readonly #handled = new Map<number, Message>();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /**
   * Joins the group in the background, trying again for ever: a new broker has no coordinator for its first seconds.
   */
  start(): void {
    this.#loop = this.#work();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#commit();
    try {
      await this.#consumer?.close(true);
    } finally {
      await this.#loop;
    }
  }

  async #join(): Promise<MessagesStream<Buffer, Buffer, Buffer, Buffer>> {
    const { client, group, member, sessionTimeoutMs, topic } = this.#options;
    const consumer = new Consumer({ ...client, groupId: group, groupInstanceId: member });
    this.#consumer = consumer;
    // Out of the group for good, and so without partitions: the stream would stay silent for ever.
    let stream: MessagesStream<Buffer, Buffer, Buffer, Buffer> | undefined;
    let fault: Error | undefined;
    const leave = (error: Error): void => {
      fault = error;
      stream?.destroy(error);
    };
    consumer.on("error", leave);
    consumer.on("consumer:heartbeat:stalled", () => leave(new Error("The group does not answer heartbeats")));
    stream = await consumer.consume({
      topics: [topic],
      mode: "committed",
      fallbackMode: "earliest",
      autocommit: false,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatEveryMs,
      rebalanceTimeout: rebalanceWithinMs,
      maxWaitTime: 1_000,
      minBytes: 1,
      highWaterMark: 128,
    });
    if (fault !== undefined) stream.destroy(fault);
    return stream;
  }

  async #work(): Promise<void> {
    let failing = false;
    while (!this.#closed) {
      try {
        const stream = await this.#join();
        if (failing) this.#options.log.warn({ topic: this.#options.topic }, "works again");
        failing = false;
        await this.#consume(stream);
      } catch (error) {
        if (this.#closed) return;
        if (!failing) this.#options.log.warn({ topic: this.#options.topic, err: error }, "cannot work, trying again");
        failing = true;
      }
      this.#handled.clear();
      // It may be broken in any way; a new one takes its place.
      await this.#consumer?.close(true).catch(() => undefined);
      if (!this.#closed) await wait(retryPauseMs);
    }
  }

  async #consume(stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>): Promise<void> {
    const timer = setInterval(() => void this.#commit(), commitEveryMs);
    try {
      for await (const message of stream) {
        if (this.#closed) return;
        if (!(await this.#handle(message))) return;
        this.#handled.set(message.partition, message);
      }
    } finally {
      clearInterval(timer);
    }
  }

  /** False when this worker ends before the work is done: another one will do it. */
  async #handle(message: Message): Promise<boolean> {
    try {
      const value = message.value.toString("utf8");
      await performWork(
        () => this.#options.onValue(value),
        () => this.#closed,
      );
    } catch (error) {
      if (error instanceof StoreUnavailableError) return false;
      this.#options.onPoison(error);
    }
    return true;
  }

  async #commit(): Promise<void> {
    if (this.#handled.size === 0 || !this.#consumer) return;
    const offsets = [...this.#handled.values()].map(({ topic, partition, offset, leaderEpoch }) => ({
      topic,
      partition,
      offset: offset + 1n,
      leaderEpoch,
    }));
    this.#handled.clear();
    try {
      await this.#consumer.commit({ offsets });
    } catch (error) {
      // Not lost: the next commit covers it, or the work is repeated.
      this.#options.log.debug({ err: error }, "commit failed");
    }
  }
}
