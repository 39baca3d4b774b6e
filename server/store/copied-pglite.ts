// For tests: each new PGlite is a copy of one that was set up before. Setting it up takes 6 s of a processor, copying
// one; the copy is of an empty database, and of this version of PGlite alone.

import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";

const folder = new URL("../../.vitest/", import.meta.url);
const create = PGlite.create.bind(PGlite);

/** From now on in this process. */
export async function copyDatabases(): Promise<void> {
  const loadDataDir = new Blob([await emptyDatabase()]);
  Object.assign(PGlite, { create: () => create({ loadDataDir }) });
}

async function emptyDatabase(): Promise<Uint8Array<ArrayBuffer>> {
  const about = readFileSync(new URL("../../node_modules/@electric-sql/pglite/package.json", import.meta.url), "utf8");
  const file = new URL(`pglite-${(JSON.parse(about) as { version: string }).version}.tar`, folder);
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const database = await create();
  const bytes = await (await database.dumpDataDir("none")).bytes();
  await database.close();
  // Tests run beside each other: whoever reads it finds all of it.
  const own = new URL(`${randomUUID()}.tar`, folder);
  mkdirSync(folder, { recursive: true });
  writeFileSync(own, bytes);
  renameSync(own, file);
  return bytes;
}
