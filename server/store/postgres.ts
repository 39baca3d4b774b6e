// A store on PostgreSQL by `pg`: a small pool whose sessions see one schema, speak UTC, and never wait without end.

import { Pool, type PoolClient } from "pg";
import { columnTypes, run } from "./statements.ts";
import type { Queryable, Row, Store } from "./store.ts";
import { storeError } from "./store-errors.ts";

const connectionsMax = 8;
/** Also the longest wait for a free connection; afterwards the caller answers 503. */
const connectTimeoutMs = 5_000;
/** The server's own limit; the client's is larger, so that it only speaks when the server is gone. */
const statementTimeoutMs = 10_000;
/**
 * No transaction waits for anything but the database (the outbox relay sets its own limit): an instance that stands
 * still keeps its locks no longer.
 */
const idleInTransactionMs = 4_000;
const queryTimeoutMs = 12_000;

export class PostgresStore implements Store {
  readonly #pool: Pool;
  readonly #schema: string;

  constructor(databaseUrl: string, schema: string) {
    this.#schema = schema;
    this.#pool = new Pool({
      connectionString: databaseUrl,
      max: connectionsMax,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: 60_000,
      statement_timeout: statementTimeoutMs,
      query_timeout: queryTimeoutMs,
      idle_in_transaction_session_timeout: idleInTransactionMs,
      keepAlive: true,
      application_name: `rollcall ${schema}`,
      options: `-c search_path=${schema} -c timezone=UTC -c datestyle=ISO`,
      types: columnTypes(),
    });
    // A connection that dies while idle has left the pool already; whoever asks next gets a new one, or the error.
    this.#pool.on("error", () => undefined);
    // One that dies inside a transaction, between two statements, would otherwise end the process; its next statement
    // fails and says so.
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  query<T extends Row = Row>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return run<T>(this.#pool, this.#schema, sql, parameters);
  }

  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let dead = false;
    try {
      await run(client, this.#schema, "BEGIN");
      const result = await work({ query: (sql, parameters) => run(client, this.#schema, sql, parameters) });
      await run(client, this.#schema, "COMMIT");
      return result;
    } catch (error) {
      dead = !(await rolledBack(client));
      throw error;
    } finally {
      client.release(dead);
    }
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw storeError(error);
    }
  }

  async ping(): Promise<void> {
    await this.query("SELECT 1");
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** False when the session is no longer good for anything; the pool then throws it away. */
async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query("ROLLBACK");
    return true;
  } catch {
    return false;
  }
}
