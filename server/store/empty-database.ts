// The embedded database begins as a copy of an empty one: to set PostgreSQL up takes 6 s of a processor, to copy what
// was set up takes one. The empty one is made at the first start and kept below the user's cache folder, for this
// version of PGlite.

import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import type { PGlite } from "@electric-sql/pglite";

type Create<Database> = (options?: { loadDataDir: Blob }) => Promise<Database>;

/** `…/node_modules/@electric-sql/pglite/dist/index.cjs` lies one below what says its version. */
const about = path.join(createRequire(import.meta.url).resolve("@electric-sql/pglite"), "../../package.json");

/** Where the empty database is kept: about 40 MB. */
export async function emptyDatabaseFile(): Promise<string> {
  const { version } = JSON.parse(await readFile(about, "utf8")) as { version: string };
  return path.join(os.homedir(), ".cache", "rollcall", `empty-database-${version}.tar`);
}

/** A new database in memory. Where the empty one cannot be kept each start takes longer, and that is all. */
export async function openEmptyDatabase<Database extends Pick<PGlite, "dumpDataDir">>(
  create: Create<Database>,
): Promise<Database> {
  const file = await emptyDatabaseFile();
  const kept = await readFile(file).catch(absent);
  if (kept !== undefined)
    try {
      return await create({ loadDataDir: new Blob([kept]) });
    } catch {
      // Whatever is the matter with it, a new one takes its place.
      await rm(file, { force: true });
    }
  const database = await create();
  await keep(await (await database.dumpDataDir("none")).bytes(), file).catch(absent);
  return database;
}

/** Whoever starts beside us reads all of it or nothing. */
async function keep(bytes: Uint8Array, file: string): Promise<void> {
  const own = `${file}.${randomUUID()}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(own, bytes, { mode: 0o600 });
    await rename(own, file);
  } catch (error) {
    await rm(own, { force: true }).catch(absent);
    throw error;
  }
}

/** The file system's refusal means that there is no file; any other error is ours. */
function absent(error: unknown): undefined {
  if (error instanceof Error && "syscall" in error) return undefined;
  throw error;
}
