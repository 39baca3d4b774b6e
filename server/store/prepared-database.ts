// The embedded database begins as a copy of one in which everybody's tables are, and nothing else: to set PostgreSQL up
// takes 6 s of a processor, the tables take two more, the copy less than two. That one is made at the first start and
// kept below the user's cache folder, for this version of PGlite and these tables.

import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { migrationFiles } from "./migrate.ts";
import { migrationsOf, storingSystems } from "./schemas.ts";

/** How a database is opened, as a copy or new; how a new one gets its tables; and all that is in it. */
export interface Maker<Database> {
  open: (kept?: Blob) => Promise<Database>;
  prepare: (database: Database) => Promise<void>;
  dump: (database: Database) => Promise<Uint8Array>;
}

/** `…/node_modules/@electric-sql/pglite/dist/index.cjs` lies one below what says its version. */
const about = path.join(createRequire(import.meta.url).resolve("@electric-sql/pglite"), "../../package.json");
const folder = (): string => path.join(os.homedir(), ".cache", "rollcall");
const nameOf = (key: string): string => `database-${key}.tar`;
/** Whoever works on several versions in turn has one for each. */
const keptMax = 3;

/** Where the prepared database is kept: about 45 MB. */
export async function preparedDatabaseFile(): Promise<string> {
  const { version } = JSON.parse(await readFile(about, "utf8")) as { version: string };
  const hash = createHash("sha256");
  for (const system of storingSystems)
    for (const { name, sql } of await migrationFiles(migrationsOf(system)!))
      hash.update(`${system}\0${name}\0${sql}\0`);
  return path.join(folder(), nameOf(`${version}-${hash.digest("hex").slice(0, 12)}`));
}

/** A new database in memory. Where the prepared one cannot be kept each start takes longer, and that is all. */
export async function openPreparedDatabase<Database>({ open, prepare, dump }: Maker<Database>): Promise<Database> {
  const file = await preparedDatabaseFile();
  const kept = await readFile(file).catch(absent);
  if (kept !== undefined)
    try {
      return await open(new Blob([kept]));
    } catch {
      // Whatever is the matter with it, a new one takes its place.
      await rm(file, { force: true });
    }
  const database = await open();
  await prepare(database);
  await keep(await dump(database), file).catch(absent);
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
  await removeOld();
}

/** Those of earlier versions, too, which had another name. */
async function removeOld(): Promise<void> {
  const names = (await readdir(folder())).filter((name) => /^(empty-)?database-[\w.-]+\.tar$/.test(name));
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder(), name);
      return { file, mtimeMs: (await stat(file).catch(absent))?.mtimeMs ?? 0 };
    }),
  );
  const old = files.toSorted((one, other) => other.mtimeMs - one.mtimeMs).slice(keptMax);
  for (const { file } of old) await rm(file, { force: true });
}

/** The file system's refusal means that there is no file; any other error is ours. */
function absent(error: unknown): undefined {
  if (error instanceof Error && "syscall" in error) return undefined;
  throw error;
}
