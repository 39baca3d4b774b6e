// A faulty server starts with a copy of a database that was set up once for all of them: setting up PGlite takes 5 s of
// a processor, copying half a second.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";

/** The path of the copy; made at first use, removed when this process exits. */
export const databaseTemplate = (): Promise<string> => (made ??= make());

let made: Promise<string> | undefined;

async function make(): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "rollcall-database-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const database = await PGlite.create();
  const dump = await database.dumpDataDir("none");
  await database.close();
  const file = path.join(folder, "database.tar");
  writeFileSync(file, await dump.bytes());
  return file;
}
