// A store without a server: PostgreSQL in the process (PGlite), in memory. It is one session, so all systems take turns: a statement or a
// whole transaction holds the session, and the schema is switched when the turn goes to another system.

import { PGlite } from "@electric-sql/pglite";
import { columnParsers } from "./column-types.ts";
import type { Queryable, Row, Store } from "./store.ts";
import { storeError } from "./store-errors.ts";

/** The one session, and whose turn it is. */
class Session {
  readonly #database: PGlite;
  #schema: string | undefined;
  #lastTurn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(database: PGlite) {
    this.#database = database;
  }

  /** Runs `work` alone, in this schema, after all that asked before. */
  turn<T>(schema: string, work: (tx: Queryable) => Promise<T>): Promise<T> {
    const result = this.#lastTurn.then(async () => {
      // Set outside any transaction: a rollback would undo it behind our back.
      if (this.#schema !== schema) await this.run(`SET search_path = ${schema}`);
      this.#schema = schema;
      return work({ query: (sql, parameters) => this.run(sql, parameters) });
    });
    this.#lastTurn = result.catch(() => undefined);
    return result;
  }

  async run<T extends Row>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    try {
      return (await this.#database.query<T>(sql, [...parameters])).rows;
    } catch (error) {
      throw storeError(error);
    }
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

/** Opens one database in memory (about 3 s, 500 MB) and a store on it for each schema. */
export async function openPGlite(schemas: readonly string[]): Promise<Store[]> {
  const database = await PGlite.create({ parsers: { ...columnParsers } });
  const session = new Session(database);
  await session.run("SET timezone = 'UTC'");
  await session.run("SET datestyle = 'ISO'");
  return schemas.map((schema) => new PGliteStore(session, schema));
}
