// How does a schema come to its tables? Plain SQL files, in the order of their names, each once. Several instances may
// start at once: an advisory lock lets one migrate, the others then find nothing to do. A statement ends with a
// semicolon at the end of a line.

import { readdir, readFile } from "node:fs/promises";
import type { Store } from "./store.ts";

/** In the order in which they are applied. */
export async function migrationFiles(folder: URL): Promise<{ name: string; sql: string }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).toSorted();
  return await Promise.all(names.map(async (name) => ({ name, sql: await readFile(new URL(name, folder), "utf8") })));
}

/**
 * Brings the store's schema up to date, all or nothing, by the SQL files of a folder. Returns the names of the files
 * that were applied.
 */
export async function migrate(store: Store, schema: string, folder: URL): Promise<string[]> {
  const files = await migrationFiles(folder);
  return store.transaction(async (tx) => {
    // Ends with the transaction; the next waiter's statements see all that was committed before.
    await tx.query("SELECT pg_advisory_xact_lock(hashtext($1))", [`rollcall migrate ${schema}`]);
    await tx.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await tx.query(
      "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const applied = new Set((await tx.query<{ name: string }>("SELECT name FROM migrations")).map((row) => row.name));
    const missing = files.filter((file) => !applied.has(file.name));
    for (const { name, sql } of missing) {
      for (const statement of statementsOf(sql)) await tx.query(statement);
      await tx.query("INSERT INTO migrations (name) VALUES ($1)", [name]);
    }
    return missing.map((file) => file.name);
  });
}

/** The statements of a file, without comment lines. */
export function statementsOf(sql: string): string[] {
  const code = sql.replaceAll(/^\s*--.*$/gm, "");
  return code
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}
