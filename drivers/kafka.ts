// A witness on the broker: hears every record of some topics from now on. kafkajs, because the server uses another library.

import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { HarnessError } from "./errors.ts";
import { Inbox } from "./inbox.ts";

interface TappedRecord {
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

/** Follows every topic whose name begins with `prefix`. Resolves once it hears. @throws HarnessError when the broker cannot be reached. */
export async function openKafkaTap(brokers: readonly string[], prefix: string): Promise<KafkaTap> {
  const kafka = new Kafka({ clientId: "rollcall-tap", brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 3 } });
  const inbox = new Inbox<TappedRecord>();
  const admin = kafka.admin();
  const groupId = `rollcall-tap-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId });
  try {
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length === 0) throw new HarnessError(`Cannot tap Kafka at ${brokers.join(",")}: no topic begins with ${JSON.stringify(prefix)}`);
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: false });
    const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ topic, partition, message }) => {
        inbox.push({ topic, partition, offset: message.offset, key: message.key?.toString(), value: message.value?.toString() ?? "" });
        return Promise.resolve();
      },
    });
    await joined;
    // "Latest" is resolved at the first fetch: pin it now, or what is published meanwhile would be missed.
    for (const topic of topics) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) consumer.seek({ topic, partition, offset: high });
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
