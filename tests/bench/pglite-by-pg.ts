// What does it bring to speak to PGlite by `pg` instead of by its own `query`? `node tests/bench/pglite-by-pg.ts`: the
// same statements on two databases in this process, in turns, so that what slows the machine slows both; told is the
// median of the rounds' ratios, and between what the middle half of them lies. The decision that rests on it:
// docs/decisions/pglite-by-pg.md.

import { performance } from "node:perf_hooks";
import { PGlite } from "@electric-sql/pglite";
import { openPGlite } from "../../server/store/pglite.ts";

const rounds = 21;
const perRound = 300;
const rowsCount = 1_000;

const schema = `
  CREATE SCHEMA bench; SET search_path = bench;
  CREATE TABLE authors (id integer PRIMARY KEY, name text NOT NULL);
  CREATE TABLE messages (id integer PRIMARY KEY, author_id integer NOT NULL REFERENCES authors, content text NOT NULL);
  INSERT INTO authors SELECT n, 'author ' || n FROM generate_series(1, ${rowsCount}) n;
  INSERT INTO messages SELECT n, n, 'message ' || n FROM generate_series(1, ${rowsCount}) n;
  ANALYZE`;
const join =
  "SELECT messages.id, content, name FROM messages JOIN authors ON authors.id = author_id WHERE messages.id = $1";

/** The mean of one call in a round, in milliseconds. */
async function timeOf(call: (at: number) => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  for (let at = 1; at <= perRound; at++) await call(at);
  return (performance.now() - startedMs) / perRound;
}

const sorted = (values: readonly number[]): number[] => values.toSorted((one, other) => one - other);
const medianOf = (values: readonly number[]): number => sorted(values)[Math.floor(values.length / 2)] ?? Number.NaN;
const quarterOf = (ratios: readonly number[], quarter: number): string =>
  ratios[Math.floor((ratios.length * quarter) / 4)]?.toFixed(1) ?? "?";

/** The first round warms both up and is not counted. */
async function compare(
  what: string,
  own: (at: number) => Promise<unknown>,
  byPg: (at: number) => Promise<unknown>,
): Promise<void> {
  const ownMs: number[] = [];
  const byPgMs: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const times = [await timeOf(own), await timeOf(byPg)] as const;
    if (round === 0) continue;
    ownMs.push(times[0]);
    byPgMs.push(times[1]);
  }
  const ratios = sorted(ownMs.map((ms, at) => ms / (byPgMs[at] ?? Number.NaN)));
  console.log(
    `${what}: ${medianOf(ratios).toFixed(1)} times as fast by pg (half of ${rounds} rounds of ${perRound} between ${quarterOf(ratios, 1)} and ${quarterOf(ratios, 3)}; here ${medianOf(ownMs).toFixed(3)} ms and ${medianOf(byPgMs).toFixed(3)} ms)`,
  );
}

const own = await PGlite.create();
await own.exec(schema);
const [store] = await openPGlite(["bench"]);
if (store === undefined) throw new Error("Cannot open the store: none for schema bench");
await store.query(schema);

await compare(
  "join by primary key",
  (at) => own.query(join, [at]),
  (at) => store.query(join, [at]),
);
await compare(
  "BEGIN and COMMIT",
  async () => {
    await own.query("BEGIN");
    await own.query("COMMIT");
  },
  () => store.transaction(() => Promise.resolve()),
);
await store.close();
await own.close();
