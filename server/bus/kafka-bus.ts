// The bus of many instances: Kafka. Following is reading each partition by our own offsets, from near its end, without
// any group: every instance hears every record. Work is one consumer group shared by all instances. Topics:
// <prefix>.messages (4 partitions, key = channel id) and <prefix>.events (1 partition: its offset order is the order of
// events on every instance). Source: "Fan-out across instances" of the Discodeit contract.

import { setTimeout as wait } from "node:timers/promises";
import { Admin, ProduceAcks, Producer, stringSerializers } from "@platformatic/kafka";
import type { Logger } from "pino";
import { limits } from "../../systems/discodeit/wire.ts";
import type { Bus, TopicRecords } from "./bus.ts";
import { KafkaFollower } from "./kafka-follower.ts";
import { KafkaWorker } from "./kafka-worker.ts";
import type { BusRecord, Publication, Topic } from "./records.ts";
import { Rounds } from "./rounds.ts";

export interface KafkaBusOptions {
  brokers: readonly string[];
  /** Topic prefix: one per system. */
  prefix: string;
  instance: string;
  /** After this a dead member of the group is missed. */
  sessionTimeoutMs: number;
  log: Logger;
  /** A record that cannot be read or handled; it is skipped. */
  onPoison: (topic: Topic, error: unknown) => void;
}

interface TopicShape {
  partitions: number;
  /** Messages are only delivered live, so little is kept; events must outlast 10,000 of them and every restart. */
  retentionMs: number;
  /** What of a partition a starting instance reads, at most. */
  backlog: { recordsMax: number; bytesMax: number; ageMsMax?: number };
}

const shapes: Record<Topic, TopicShape> = {
  // Only their ids are noted, to know a repeat: a relay that died repeats at most one batch of 500.
  messages: {
    partitions: 4,
    retentionMs: 60 * 60 * 1_000,
    backlog: { recordsMax: 2_000, bytesMax: 32 * 1024 * 1024, ageMsMax: 60 * 60 * 1_000 },
  },
  // Repeats do not count in the replay log: from twice as many records it is full after the start, as it was before.
  // However old they are: an instance that was not started anew has them, too.
  events: {
    partitions: 1,
    retentionMs: 24 * 60 * 60 * 1_000,
    backlog: { recordsMax: 2 * limits.eventsRetained, bytesMax: 128 * 1024 * 1024 },
  },
};
const attemptsMax = 10;
const attemptPauseMs = 1_000;
/** A broker that was not heard for this long is away. */
const silenceMsMax = 10_000;

/**
 * A publication that is not acknowledged by then is tried again. Less than the relay's transaction may idle
 * (outbox-relay.ts).
 */
const publishTimeoutMs = 2_000;

/** A client that resumes waits so long for an instance that is behind; then it is sent away. */
const catchUpWithinMs = 3_000;

/** Client settings: quick, because our own loops try again for ever. */
const clientOptions = ({ brokers, instance }: KafkaBusOptions) => ({
  clientId: `rollcall-${instance}`,
  bootstrapBrokers: [...brokers],
  connectTimeout: 2_000,
  requestTimeout: 5_000,
  timeout: 5_000,
  retries: 0,
});

/** Makes the topics and connects, in a bounded number of tries. @throws when Kafka does not answer. */
export async function openKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  await tryAtStart(options.log, () => createTopics(options));
  return new KafkaBus(options);
}

/** While an instance starts: a broker that does not answer at once may do so in a moment. Throws the last error. */
async function tryAtStart(log: Logger, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attemptsMax) throw error;
      log.warn(
        { attempt, reason: error instanceof Error ? error.message : String(error) },
        "Kafka does not answer, trying again",
      );
      await wait(attemptPauseMs);
    }
  }
}

async function createTopics(options: KafkaBusOptions): Promise<void> {
  const admin = new Admin(clientOptions(options));
  try {
    const existing = new Set(await admin.listTopics());
    for (const [topic, shape] of Object.entries(shapes)) {
      const name = `${options.prefix}.${topic}`;
      if (!existing.has(name)) await createTopic(admin, name, shape);
    }
  } finally {
    await admin.close();
  }
}

async function createTopic(admin: Admin, name: string, { partitions, retentionMs }: TopicShape): Promise<void> {
  try {
    const configs = [{ name: "retention.ms", value: String(retentionMs) }];
    await admin.createTopics({ topics: [name], partitions, replicas: -1, configs });
  } catch (error) {
    // Another instance may have made it in the same moment.
    if (!(await admin.listTopics()).includes(name)) throw error;
  }
}

class KafkaBus implements Bus {
  readonly #options: KafkaBusOptions;
  readonly #producer: Producer<string, string, string, string>;
  readonly #followers: KafkaFollower[] = [];
  readonly #catchingUp = new Map<Topic, Rounds>();
  readonly #workers: KafkaWorker[] = [];

  constructor(options: KafkaBusOptions) {
    this.#options = options;
    this.#producer = new Producer({
      ...clientOptions(options),
      requestTimeout: publishTimeoutMs,
      timeout: publishTimeoutMs,
      acks: ProduceAcks.ALL,
      serializers: stringSerializers,
    });
  }

  async publish(records: readonly Publication[]): Promise<void> {
    const { prefix } = this.#options;
    const messages = records.map(({ topic, key, value }) => ({ topic: `${prefix}.${topic}`, key, value }));
    await this.#producer.send({ messages });
  }

  async follow<T extends Topic>(
    topic: T,
    onRecord: (record: TopicRecords[T], live: boolean) => void | Promise<void>,
  ): Promise<void> {
    const { prefix, log, onPoison } = this.#options;
    const followers = Array.from({ length: shapes[topic].partitions }, (_, partition) => {
      const onValue = async (value: string, live: boolean): Promise<void> => {
        try {
          await onRecord(parseRecord(value, topic), live);
        } catch (error) {
          onPoison(topic, error);
        }
      };
      const { backlog } = shapes[topic];
      return new KafkaFollower({
        client: clientOptions(this.#options),
        topic: `${prefix}.${topic}`,
        partition,
        backlog,
        log,
        onValue,
      });
    });
    this.#followers.push(...followers);
    await Promise.all(followers.map((follower) => tryAtStart(log, () => follower.start())));
  }

  caughtUp(topic: Topic): Promise<void> {
    const name = `${this.#options.prefix}.${topic}`;
    const followers = this.#followers.filter((follower) => follower.topic === name);
    let rounds = this.#catchingUp.get(topic);
    if (!rounds)
      this.#catchingUp.set(
        topic,
        (rounds = new Rounds(() => Promise.all(followers.map((follower) => follower.awaitEnd(catchUpWithinMs))))),
      );
    return rounds.next();
  }

  work<T extends Topic>(topic: T, group: string, handler: (record: TopicRecords[T]) => Promise<void>): Promise<void> {
    const { prefix, instance, sessionTimeoutMs, log, onPoison } = this.#options;
    const worker = new KafkaWorker({
      client: clientOptions(this.#options),
      topic: `${prefix}.${topic}`,
      group: `${prefix}.${group}`,
      member: `${instance}.${process.pid}`,
      sessionTimeoutMs,
      log,
      onValue: (value) => handler(parseRecord(value, topic)),
      onPoison: (error) => onPoison(topic, error),
    });
    this.#workers.push(worker);
    worker.start();
    return Promise.resolve();
  }

  async reach(): Promise<void> {
    await this.#producer.metadata({
      topics: Object.keys(shapes).map((topic) => `${this.#options.prefix}.${topic}`),
      forceUpdate: true,
    });
  }

  trouble(): string | undefined {
    const heardAtMs = Math.min(...this.#followers.map((follower) => follower.heardAtMs));
    const silentMs = performance.now() - heardAtMs;
    return silentMs > silenceMsMax ? `Kafka: not heard for ${Math.round(silentMs / 1_000)} s` : undefined;
  }

  async close(): Promise<void> {
    const ended = await Promise.allSettled([...this.#workers, ...this.#followers].map((part) => part.close()));
    await this.#producer.close();
    const failure = ended.find((end) => end.status === "rejected");
    if (failure) throw failure.reason;
  }
}

/** @throws when it is not a record of this topic. */
function parseRecord<T extends Topic>(value: string, topic: T): TopicRecords[T] {
  const record = JSON.parse(value) as Partial<BusRecord> | null;
  if (record?.topic !== topic || typeof record.id !== "string") throw new Error(`Not a record of ${topic}`);
  return record as TopicRecords[T];
}
