import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Queryable, Row, Store } from "../store/store.ts";
import type { Bus } from "./bus.ts";
import { OutboxRelay } from "./outbox-relay.ts";
import { enqueue } from "./outbox.ts";
import type { EventRecord, Publication } from "./records.ts";

/** An outbox table; a transaction that fails leaves it as it was. */
class FakeStore implements Store {
  rows: { id: string; value: string }[] = [];
  #last = 0;
  query<T extends Row>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    if (sql.startsWith("INSERT INTO outbox"))
      this.rows.push({ id: String((this.#last += 1)), value: (parameters[2] as string[])[0]! });
    if (sql.startsWith("DELETE")) {
      let bytes = 0;
      const taken = this.rows
        .slice(0, Number(parameters[0]))
        .filter((row) => (bytes += row.value.length) - row.value.length < Number(parameters[1]));
      this.rows = this.rows.slice(taken.length);
      // RETURNING keeps no order.
      return Promise.resolve(taken.toReversed() as unknown as T[]);
    }
    return Promise.resolve([]);
  }
  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const before = this.rows;
    try {
      return await work(this);
    } catch (error) {
      this.rows = before;
      throw error;
    }
  }
  ping = (): Promise<void> => Promise.resolve();
  close = (): Promise<void> => Promise.resolve();
}

const record = (n: number): EventRecord => ({
  topic: "events",
  id: `e${n}`,
  name: "n",
  data: "{}",
  receivers: "everyone",
  createdAtMs: 0,
});

function world(failures = 0, unreachable = 0) {
  const store = new FakeStore();
  const published: string[] = [];
  const faults: unknown[] = [];
  const batches: number[] = [];
  const publish = async (records: readonly Publication[]): Promise<void> => {
    await turn();
    batches.push(JSON.stringify(records).length);
    if (failures-- > 0) throw new Error("away");
    published.push(...records.map(({ value }) => (JSON.parse(value) as EventRecord).id));
  };
  const reach = async (): Promise<void> => {
    await turn();
    if (unreachable-- > 0) throw new Error("unreachable");
  };
  const relay = new OutboxRelay(store, { publish, reach } as unknown as Bus, "test", (error) => faults.push(error));
  return { store, relay, published, batches, faults };
}

test("OutboxRelay publishes large records in batches that Kafka takes", async () => {
  const { store, relay, published, batches } = world();
  for (let n = 0; n < 100; n += 1) await enqueue(store, { ...record(n), data: "x".repeat(20_000) });
  relay.kick();
  await relay.close(10_000);
  expect(published).toHaveLength(100);
  expect(batches.length).toBeGreaterThan(3);
  expect(Math.max(...batches)).toBeLessThan(1_000_000);
});

test("OutboxRelay.kick() publishes all rows in order, once, however often it is called", async () => {
  const { store, relay, published } = world();
  for (let n = 0; n < 1_200; n += 1) {
    await enqueue(store, record(n));
    relay.kick();
  }
  await relay.close(1_000);
  expect(published).toEqual(Array.from({ length: 1_200 }, (_, n) => `e${n}`));
  expect(store.rows).toEqual([]);
});

test("OutboxRelay tries again until the bus takes it, and reports one fault", async () => {
  const { store, relay, published, faults } = world(2);
  await enqueue(store, record(1));
  await enqueue(store, record(2));
  relay.kick();
  await relay.close(2_000);
  expect(published).toEqual(["e1", "e2"]);
  expect(faults.length).toBe(1);
});

test("OutboxRelay.close() gives up in time and leaves the rows", async () => {
  const { store, relay, published } = world(Infinity);
  await enqueue(store, record(1));
  await relay.close(30);
  expect(published).toEqual([]);
  expect(store.rows.length).toBe(1);
});

test("OutboxRelay takes no transaction, and so no lock, while its bus cannot be reached", async () => {
  const { store, relay, published } = world(1, 3);
  let transactions = 0;
  const begin = store.transaction.bind(store);
  store.transaction = <T>(work: (tx: Queryable) => Promise<T>): Promise<T> => {
    transactions += 1;
    return begin(work);
  };
  await enqueue(store, record(1));
  relay.kick();
  await relay.close(5_000);
  expect(published).toEqual(["e1"]);
  // The one that failed, the one that worked, and perhaps one that found nothing more.
  expect(transactions).toBeLessThanOrEqual(3);
});

test("OutboxRelay publishes rows of others from when it sweeps, and not before", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { store, relay, published } = world();
  await enqueue(store, record(1));
  vi.advanceTimersByTime(60_000);
  expect(store.rows.length).toBe(1);
  relay.startSweeping();
  vi.advanceTimersByTime(2_000);
  await expect.poll(() => published).toEqual(["e1"]);
  await relay.close(1_000);
});
