// A witness on the broker: hears every record of some topics from now on. kafkajs, because the server uses another
// library.

import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { importPeer } from "../peers.ts";
import { within } from "./deadline.ts";
import { HarnessError } from "./errors.ts";
import { Inbox } from "./inbox.ts";

/** Loaded only where there is a Kafka. */
const kafkajs = async () => {
  const loaded = await importPeer("kafkajs", "--kafka needs", () => import("kafkajs"));
  calmQueues();
  return loaded;
};

interface RequestQueue {
  pending: readonly unknown[];
  throttledUntil: number;
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
  isCalm?: true;
}

/**
 * kafkajs 2.2 sets a timer to look after waiting requests where none waits, too: for a time that is over, of which Node
 * warns, and then once a millisecond for ever. A queue in which nothing waits is not looked after; what comes later is
 * sent when it comes.
 */
function calmQueues(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require("kafkajs/src/network/requestQueue/index.js") as { prototype: RequestQueue };
  if (prototype.isCalm === true) return;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.isCalm = true;
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}

export interface TappedRecord {
  topic: string;
  partition: number;
  offset: string;
  key: string | undefined;
  value: string;
}

export interface KafkaTap extends AsyncDisposable {
  readonly inbox: Inbox<TappedRecord>;
  readonly topics: readonly string[];
}

/** Puts records of one key on a topic, one after the other. Throws as kafkajs does. */
export async function produce(
  brokers: readonly string[],
  topic: string,
  key: string,
  values: readonly string[],
): Promise<void> {
  const { Kafka, logLevel } = await kafkajs();
  const kafka = new Kafka({
    clientId: "rollcall-producer",
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 3 },
  });
  const producer = kafka.producer();
  try {
    await producer.connect();
    for (const value of values) await producer.send({ topic, messages: [{ key, value }] });
  } finally {
    await producer.disconnect();
  }
}

/**
 * Why the broker cannot be worked with right now: it does not answer, or a partition of the topic has no leader.
 * Undefined: it can.
 */
export async function troubleOfKafka(brokers: readonly string[], topic: string): Promise<string | undefined> {
  const { Kafka, logLevel } = await kafkajs();
  const kafka = new Kafka({
    clientId: "rollcall-asker",
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.fetchTopicOffsets(topic);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await admin.disconnect();
  }
}

const readDeadlineMs = 30_000;

/**
 * Everything that is on these topics now, each partition in offset order. @throws HarnessError when the broker cannot
 * be reached.
 */
export async function readTopics(brokers: readonly string[], topics: readonly string[]): Promise<TappedRecord[]> {
  const { Kafka, logLevel } = await kafkajs();
  const kafka = new Kafka({
    clientId: "rollcall-reader",
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 3 },
  });
  const admin = kafka.admin();
  const groupId = `rollcall-reader-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId });
  const records: TappedRecord[] = [];
  try {
    await admin.connect();
    const ends = new Map<string, bigint>();
    for (const topic of topics)
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic))
        if (BigInt(high) > BigInt(low)) ends.set(`${topic} ${partition}`, BigInt(high) - 1n);
    if (ends.size === 0) return records;
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    const { promise: whole, resolve } = Promise.withResolvers<void>();
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ topic, partition, message }) => {
        const end = ends.get(`${topic} ${partition}`);
        if (end !== undefined)
          records.push({
            topic,
            partition,
            offset: message.offset,
            key: message.key?.toString(),
            value: message.value?.toString() ?? "",
          });
        if (end !== undefined && BigInt(message.offset) >= end) ends.delete(`${topic} ${partition}`);
        if (ends.size === 0) resolve();
        return Promise.resolve();
      },
    });
    await within(readDeadlineMs, whole, () => {
      throw new Error(`not read to the end within ${readDeadlineMs} ms`);
    });
    return records;
  } catch (error) {
    throw new HarnessError(`Cannot read Kafka at ${brokers.join(",")}: ${(error as Error).message}`, { cause: error });
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => {}); // an empty group expires by itself
    await admin.disconnect();
  }
}

/** Whether a record is a new one: what was read before a seek may come again behind it. */
export function onlyNew(): (record: Pick<TappedRecord, "topic" | "partition" | "offset">) => boolean {
  const newest = new Map<string, bigint>();
  return ({ topic, partition, offset }) => {
    const name = `${topic} ${partition}`;
    if (BigInt(offset) <= (newest.get(name) ?? -1n)) return false;
    newest.set(name, BigInt(offset));
    return true;
  };
}

/**
 * Follows every topic whose name begins with `prefix`. Resolves once it hears. @throws HarnessError when the broker
 * cannot be reached.
 */
export async function openKafkaTap(brokers: readonly string[], prefix: string): Promise<KafkaTap> {
  const { Kafka, logLevel } = await kafkajs();
  const kafka = new Kafka({
    clientId: "rollcall-tap",
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 3 },
  });
  const inbox = new Inbox<TappedRecord>();
  const admin = kafka.admin();
  const groupId = `rollcall-tap-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId });
  try {
    await admin.connect();
    const there = (await admin.listTopics()).filter((topic) => !topic.startsWith("__"));
    const topics = there.filter((topic) => topic.startsWith(prefix));
    if (topics.length === 0)
      throw new HarnessError(
        `Cannot tap Kafka at ${brokers.join(",")}: no topic begins with ${JSON.stringify(prefix)}; there are ${there.toSorted().join(", ") || "none"}; next: --topic-prefix`,
      );
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: false });
    const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
    const isNew = onlyNew();
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ topic, partition, message }) => {
        const { offset, key, value } = message;
        if (isNew({ topic, partition, offset }))
          inbox.push({ topic, partition, offset, key: key?.toString(), value: value?.toString() ?? "" });
        return Promise.resolve();
      },
    });
    await joined;
    // "Latest" is resolved at the first fetch: pin it now, or what is published meanwhile would be missed.
    for (const topic of topics) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic))
        consumer.seek({ topic, partition, offset: high });
    }
    return {
      inbox,
      topics,
      [Symbol.asyncDispose]: async () => {
        await consumer.disconnect();
        await admin.deleteGroups([groupId]).catch(() => {}); // an empty group expires by itself
        await admin.disconnect();
      },
    };
  } catch (error) {
    await Promise.allSettled([consumer.disconnect(), admin.disconnect()]);
    if (error instanceof HarnessError) throw error;
    throw new HarnessError(`Cannot tap Kafka at ${brokers.join(",")}: ${(error as Error).message}`, { cause: error });
  }
}
