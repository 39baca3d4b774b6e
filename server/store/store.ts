// What the domain asks of PostgreSQL. Two implementations: `pg` (DATABASE_URL) and PGlite (embedded, one session only).
// Terms: a store belongs to one system and resolves unqualified table names in that system's schema.

export type Row = Record<string, unknown>;

export interface Queryable {
  /**
   * Runs one statement with `$1`… parameters and returns its rows. Instants come back as text with microseconds, never
   * as Date.
   */
  query<T extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<T[]>;
}

export interface Store extends Queryable {
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. Inside it only `tx` may be
   * used: on PGlite the store itself would wait for the transaction that waits for it.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Resolves when the database answers; throws otherwise. For /readyz. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const nothingIsStored = (): Promise<never> => Promise.reject(new Error("this system stores nothing"));

/** Of systems that store nothing. */
export const noStore: Store = {
  query: nothingIsStored,
  transaction: nothingIsStored,
  ping: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
