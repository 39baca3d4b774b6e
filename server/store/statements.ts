// How is a statement run on a session of `pg`? With parameters it is prepared once per session and schema under a name
// of its own, so that PostgreSQL parses and plans it once; without, it goes as it is (it may then hold several
// statements, as migrations do).

import { TypeOverrides } from "pg";
import { columnParsers } from "./column-types.ts";
import type { Row } from "./store.ts";
import { storeError } from "./store-errors.ts";
import { isStorable, UnstorableTextError, unstorableText } from "./text.ts";

interface Runner {
  query(statement: { text: string; values?: unknown[]; name?: string }): Promise<{ rows: Row[] }>;
}

/** Ours are some eighty; a bound, lest a statement that is built anew each time fill the sessions. */
const namesMax = 500;
const names = new Map<string, string>();

function nameOf(schema: string, sql: string): string | undefined {
  const key = `${schema} ${sql}`;
  let name = names.get(key);
  if (name === undefined && names.size < namesMax) names.set(key, (name = `s${names.size}`));
  return name;
}

/**
 * Runs one statement and returns its rows. Throws UnstorableTextError, StoreUnavailableError, or the database's answer.
 */
export async function run<T extends Row>(
  runner: Runner,
  schema: string,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<T[]> {
  // Here, since every text that reaches the database comes through here: no field, header or path can be forgotten.
  if (!parameters.every(isStorable)) throw new UnstorableTextError(`Cannot store the text: it ${unstorableText}`);
  const name = parameters.length === 0 ? undefined : nameOf(schema, sql);
  try {
    return (
      await runner.query({
        text: sql,
        ...(parameters.length === 0 ? {} : { values: [...parameters] }),
        ...(name === undefined ? {} : { name }),
      })
    ).rows as T[];
  } catch (error) {
    throw storeError(error);
  }
}

/** The column types of this store, for a session's options. */
export function columnTypes(): TypeOverrides {
  const types = new TypeOverrides();
  for (const [oid, parse] of Object.entries(columnParsers)) types.setTypeParser(Number(oid), parse);
  return types;
}
