import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { KafkaFollower, type FollowerOptions } from "./kafka-follower.ts";

const nowMs = Date.now();
const batchRecords = 500;
/** More than there is. */
const bytesMax = 1024 * 1024 * 1024;

/**
 * A partition whose record at `offset` was made so many ms before the end of the partition; it is fetched batch by
 * batch.
 */
function partition(
  first: number,
  end: number,
  everyMs: number,
  bytesOf = (_offset: number): number => 5,
): NonNullable<FollowerOptions["consumer"]> {
  const offsetAt = (ms: number): number => Math.max(first, end - Math.floor((nowMs - ms) / everyMs));
  const listOffsets = ({ timestamp }: { timestamp: bigint }): Promise<Map<string, bigint[]>> => {
    const offset = timestamp === -1n ? end : timestamp === -2n ? first : offsetAt(Number(timestamp));
    return Promise.resolve(new Map([["t", [BigInt(timestamp >= 0n && offset >= end ? -1 : offset)]]]));
  };
  const fetch = ({ topics }: { topics: { partitions: { fetchOffset: bigint }[] }[] }): Promise<unknown> => {
    const at = Number(topics[0]!.partitions[0]!.fetchOffset);
    const firstOffset = at - (at % batchRecords);
    const records = Array.from({ length: Math.min(batchRecords, end - firstOffset) }, (_, offsetDelta) => ({
      offsetDelta,
      value: Buffer.from(String(firstOffset + offsetDelta).padStart(bytesOf(firstOffset + offsetDelta))),
    }));
    const batch = { firstOffset: BigInt(firstOffset), lastOffsetDelta: records.length - 1, attributes: 0, records };
    // Behind the end nothing comes for a while.
    if (at >= end) return new Promise((resolve) => setTimeout(resolve, 20, { responses: [] }));
    return Promise.resolve({ responses: [{ partitions: [{ records: [batch] }] }] });
  };
  const metadata = (): Promise<unknown> =>
    Promise.resolve({ topics: new Map([["t", { id: "t", partitions: [{ leader: 1 }] }]]) });
  const nothing = { on: () => undefined, clearMetadata: () => undefined, close: () => Promise.resolve() };
  return { ...nothing, listOffsets, fetch, metadata } as unknown as NonNullable<FollowerOptions["consumer"]>;
}

async function backlogOf(
  consumer: FollowerOptions["consumer"],
  backlog: FollowerOptions["backlog"],
): Promise<number[]> {
  const handed: number[] = [];
  const onValue = (value: string, live: boolean): Promise<void> => {
    // What was there is no news.
    handed.push(live ? NaN : Number(value));
    return Promise.resolve();
  };
  const client = { clientId: "test", bootstrapBrokers: ["127.0.0.1:1"] };
  const follower = new KafkaFollower({
    client,
    topic: "t",
    partition: 0,
    backlog,
    log: pino({ level: "silent" }),
    consumer: consumer!,
    onValue,
  });
  await follower.start();
  await follower.close();
  return handed;
}

const range = (first: number, end: number): number[] =>
  Array.from({ length: end - first }, (_, index) => first + index);

test("KafkaFollower.start() hands over the end of what is there, however much that is", async () => {
  expect(await backlogOf(partition(0, 50_000, 1), { recordsMax: 2_000, bytesMax })).toEqual(range(48_000, 50_000));
});

test("KafkaFollower.start() hands over no record that is older than asked for", async () => {
  vi.useFakeTimers({ now: nowMs, toFake: ["Date"] });
  expect(
    await backlogOf(partition(0, 50_000, 1_000), { recordsMax: 20_000, bytesMax, ageMsMax: 100_500 }),
  ).toHaveLength(100);
  expect(await backlogOf(partition(0, 50_000, 60_000), { recordsMax: 20_000, bytesMax, ageMsMax: 30_000 })).toEqual([]);
  vi.useRealTimers();
});

test("KafkaFollower.start() hands over all of a short partition, and nothing of an empty one", async () => {
  expect(await backlogOf(partition(700, 900, 1), { recordsMax: 20_000, bytesMax })).toEqual(range(700, 900));
  expect(await backlogOf(partition(900, 900, 1), { recordsMax: 20_000, bytesMax, ageMsMax: 60_000 })).toEqual([]);
});

test("KafkaFollower.start() hands over no more bytes than asked for, the newest", async () => {
  const backlog = { recordsMax: 20_000, bytesMax: 5_000_000 };
  const of = async (end: number, bytesOf: (offset: number) => number): Promise<number[]> =>
    await backlogOf(partition(0, end, 1, bytesOf), backlog);
  expect(await of(50_000, () => 1_000)).toEqual(range(45_000, 50_000));
  expect(await of(50_000, () => 10)).toEqual(range(30_000, 50_000));
  expect(await of(3, () => 5_000_001)).toEqual([]);
  // Large ones behind small ones, and small ones behind large ones.
  const large = (at: number): number => (at >= 49_900 && at < 49_990 ? 60_000 : 5);
  expect(await of(50_000, large)).toEqual(range(49_907, 50_000));
});

test("KafkaFollower.start() fetches little more of what is too much than it hands over", async () => {
  const consumer = partition(0, 50_000, 1, () => 1_000);
  let fetched = 0;
  const { fetch } = consumer;
  consumer.fetch = (request: never) => {
    fetched += 1;
    return fetch(request);
  };
  await backlogOf(consumer, { recordsMax: 20_000, bytesMax: 5_000_000 });
  // 5,000 records are 10 batches to read; a window of 256 lies in one of these or in two.
  expect(fetched).toBeLessThan(10 + 2 * 21);
});
