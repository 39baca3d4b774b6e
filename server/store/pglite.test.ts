import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lendStores } from "./lent-pglite.ts";
import type { Store } from "./store.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

let store: Store;
beforeAll(async () => {
  store = (await lendStores(["sse"])).get("sse")!;
  await store.query("CREATE SCHEMA sse");
}, 60_000);
afterAll(() => store.close());

function usedHeapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test("PGliteStore keeps nothing of the rows that it gave", async () => {
  const read = async (): Promise<void> => {
    for (let count = 0; count < 20; count += 1) await store.query("SELECT repeat('x', $1) AS text", [1_000_000]);
  };
  await read();
  const before = usedHeapBytes();
  await read();
  expect(usedHeapBytes() - before).toBeLessThan(10_000_000);
}, 60_000);

test("PGliteStore lets other work go on between the statements of one caller", async () => {
  let rounds = 0;
  let done = false;
  const count = (): void => {
    rounds += 1;
    if (!done) setImmediate(count);
  };
  const until = performance.now() + 200;
  setImmediate(count);
  while (performance.now() < until) await store.query("SELECT $1::int AS number", [1]);
  done = true;
  expect(rounds).toBeGreaterThan(5);
}, 60_000);

test("PGliteStore does not grow with what was deleted", async () => {
  await store.query("CREATE TABLE pages (text TEXT)");
  const sizes = async (): Promise<{ log: number; table: number }> => {
    const [row] = await store.query<{ log: number; table: number }>(
      `SELECT (SELECT count(*) FROM pg_ls_waldir())::int AS log,
         (pg_total_relation_size('pages') / 1048576)::int AS table`,
    );
    return row!;
  };
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 100; count += 1)
      await store.query("INSERT INTO pages VALUES ($1)", [randomBytes(150_000).toString("base64")]);
    await store.query("DELETE FROM pages");
  }
  // Each round is 20 MiB in the table, and as much in the log, whose segments have 16.
  const { log, table } = await sizes();
  expect(table).toBeLessThan(45);
  expect(log).toBeLessThan(5);
}, 60_000);
