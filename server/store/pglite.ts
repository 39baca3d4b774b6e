// A store without a server: PostgreSQL in the process (PGlite), in memory. It is one session, so all systems take
// turns: a statement or a whole transaction holds the session, and the schema is switched when the turn goes to another
// system. We speak to it by `pg` as to any PostgreSQL, over a stream that ends in this process: prepared statements
// make it some three times as fast as PGlite's own `query`, which parses and plans every time
// (tests/bench/pglite-by-pg.ts).

import { Duplex } from "node:stream";
import { PGlite } from "@electric-sql/pglite";
import { Client } from "pg";
import { Turns } from "../turns.ts";
import { migrate } from "./migrate.ts";
import { openPreparedDatabase } from "./prepared-database.ts";
import { migrationsOf, schemaOf, storingSystems } from "./schemas.ts";
import { columnTypes, run } from "./statements.ts";
import type { Queryable, Row, Store } from "./store.ts";

/** So often the database is asked whether it should be tidied up. */
const turnsBetweenLooks = 100;
/** It is, after so many bytes of changes: one segment of PostgreSQL's log. */
const logBytesMax = 16 * 1024 * 1024;

/** What `pg` takes for its socket: octets written are run at once, the answer is what can be read. */
class InProcessSocket extends Duplex {
  readonly #database: PGlite;
  readonly #turns = new Turns();

  constructor(database: PGlite) {
    super();
    this.#database = database;
  }

  connect(): this {
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  override _read(): void {} // pushed when there is an answer

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    void this.#run(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    void this.#run(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  async #run(message: Buffer, done: (error?: Error | null) => void): Promise<void> {
    try {
      // A statement here waits for nothing outside: callers that run one after the other would keep everybody else from
      // being heard.
      await this.#turns.next();
      // Not execProtocolRaw: it also parses each answer, and keeps the rows for as long as the database lives. What is
      // handed over here is memory of the database: a copy is what stays.
      await this.#database.execProtocolRawStream(message, {
        onRawData: (answer) => void this.push(Buffer.from(answer)),
      });
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  // What `pg` asks of a socket and a stream in this process has no use for.
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}
}

/** The one session, and whose turn it is. */
class Session {
  readonly #database: PGlite;
  readonly #client: Client;
  /** That are in use: others are there, too, and empty. */
  readonly #schemas: readonly string[];
  #schema: string | undefined;
  #lastTurn: Promise<unknown> = Promise.resolve();
  #turns = 0;
  /** How much had been written to the log of changes when all was last tidied up. */
  #tidiedAtBytes = 0;
  #closing: Promise<void> | undefined;

  constructor(database: PGlite, client: Client, schemas: readonly string[]) {
    this.#database = database;
    this.#client = client;
    this.#schemas = schemas;
  }

  /** Runs `work` alone, in this schema, after all that asked before. */
  turn<T>(schema: string, work: (tx: Queryable) => Promise<T>): Promise<T> {
    this.#turns += 1;
    // That the database broke, the next statement says to whoever asks.
    if (this.#turns % turnsBetweenLooks === 0) this.#tidyWhenDue().catch(() => undefined);
    return this.#take(async () => {
      // Set outside any transaction: a rollback would undo it behind our back.
      if (this.#schema !== schema) await run(this.#client, schema, `SET search_path = ${schema}`);
      this.#schema = schema;
      return work({ query: (sql, parameters) => run(this.#client, schema, sql, parameters) });
    });
  }

  /**
   * What workers of their own do in PostgreSQL, nobody does in the process: without this, rows that were deleted and
   * the log of all changes would stay in memory for good. One table after the other, and others' turns between them.
   */
  async #tidyWhenDue(): Promise<void> {
    const ask = <T extends Row>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> =>
      this.#take(() => run<T>(this.#client, "", sql, parameters));
    const [log] = await ask<{ bytes: number }>("SELECT (pg_current_wal_lsn() - '0/0')::bigint AS bytes");
    const bytes = Number(log?.bytes);
    if (bytes - this.#tidiedAtBytes < logBytesMax) return;
    this.#tidiedAtBytes = bytes;
    const tables = await ask<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = ANY($1)",
      [this.#schemas],
    );
    for (const { name } of tables) await ask(`VACUUM ${name}`);
    await ask("CHECKPOINT");
  }

  /** Runs `work` after all that asked before. */
  #take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastTurn.then(work);
    this.#lastTurn = result.catch(() => undefined);
    return result;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#lastTurn.then(() => this.#database.close()));
  }
}

class PGliteStore implements Store {
  readonly #session: Session;
  readonly #schema: string;

  constructor(session: Session, schema: string) {
    this.#session = session;
    this.#schema = schema;
  }

  query<T extends Row = Row>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return this.#session.turn(this.#schema, (tx) => tx.query<T>(sql, parameters));
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#session.turn(this.#schema, async (tx) => {
      await tx.query("BEGIN");
      try {
        const result = await work(tx);
        await tx.query("COMMIT");
        return result;
      } catch (error) {
        await tx.query("ROLLBACK");
        throw error;
      }
    });
  }

  async ping(): Promise<void> {
    await this.query("SELECT 1");
  }

  /** Ends the session for every schema: the stores of one PGlite are opened and closed together. */
  async close(): Promise<void> {
    await this.#session.close();
  }
}

/** Opens one database in memory (about 1 s, the first time 8 s; 500 MB) and a store on it for each schema. */
export async function openPGlite(schemas: readonly string[]): Promise<Store[]> {
  const { session } = await openPreparedDatabase({
    open: async (kept) => await connect(await PGlite.create(kept === undefined ? {} : { loadDataDir: kept }), schemas),
    prepare: async ({ session: everybodys }) => {
      for (const system of storingSystems) {
        const schema = schemaOf(system);
        await migrate(new PGliteStore(everybodys, schema), schema, migrationsOf(system)!);
      }
    },
    dump: async ({ database }) => {
      // What is written to the log alone would be read again at each start.
      await database.exec("CHECKPOINT");
      return await (await database.dumpDataDir("none")).bytes();
    },
  });
  return schemas.map((schema) => new PGliteStore(session, schema));
}

async function connect(database: PGlite, schemas: readonly string[]): Promise<{ database: PGlite; session: Session }> {
  const client = new Client({
    stream: () => new InProcessSocket(database),
    user: "postgres",
    database: "postgres",
    types: columnTypes(),
  });
  // The query that was under way hears of it, and every later one: an event that nobody hears would end the process.
  client.on("error", () => undefined);
  await client.connect();
  await client.query("SET timezone = 'UTC'; SET datestyle = 'ISO'");
  return { database, session: new Session(database, client, schemas) };
}
