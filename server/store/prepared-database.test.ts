import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openPreparedDatabase, preparedDatabaseFile, type Maker } from "./prepared-database.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "rollcall-prepared-"));
  vi.stubEnv("HOME", home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

interface Fake {
  isCopy: boolean;
  tables: string;
}

/** Says how it came to be; cannot be a copy of anything but what was dumped. */
const maker: Maker<Fake> = {
  open: async (kept) => {
    const text = await kept?.text();
    if (text !== undefined && text !== "all of them") throw new Error("Cannot read the archive");
    return { isCopy: text !== undefined, tables: text ?? "none" };
  },
  prepare: (database) => Promise.resolve(void (database.tables = "all of them")),
  dump: ({ tables }) => Promise.resolve(Buffer.from(tables)),
};
const isCopy = async (): Promise<boolean> => {
  const { isCopy: copied, tables } = await openPreparedDatabase(maker);
  expect(tables).toBe("all of them");
  return copied;
};

test("openPreparedDatabase() keeps the first one, and nothing else; the next ones are copies of it", async () => {
  const file = await preparedDatabaseFile();
  expect(file.startsWith(home)).toBe(true);
  expect(await isCopy()).toBe(false);
  expect(readdirSync(path.dirname(file))).toEqual([path.basename(file)]);
  expect([await isCopy(), await isCopy()]).toEqual([true, true]);
});

test("openPreparedDatabase() makes a new one of what is broken", async () => {
  await isCopy();
  const file = await preparedDatabaseFile();
  writeFileSync(file, "half of it");
  expect(await isCopy()).toBe(false);
  expect(readFileSync(file, "utf8")).toBe("all of them");
});

test("openPreparedDatabase() opens one where none can be kept", async () => {
  const file = await preparedDatabaseFile();
  mkdirSync(path.dirname(path.dirname(file)));
  writeFileSync(path.dirname(file), "no folder");
  expect([await isCopy(), await isCopy()]).toEqual([false, false]);
  expect(existsSync(file)).toBe(false);
});

test("openPreparedDatabase() keeps three versions, the newest, whatever else is there", async () => {
  const file = await preparedDatabaseFile();
  const folder = path.dirname(file);
  mkdirSync(folder, { recursive: true });
  const names = ["database-1.tar", "database-2.tar", "empty-database-3.tar", "database-4.txt"];
  for (const [at, name] of names.entries()) {
    writeFileSync(path.join(folder, name), "");
    utimesSync(path.join(folder, name), at, at);
  }
  await isCopy();
  expect(readdirSync(folder).toSorted()).toEqual(
    ["database-2.tar", "database-4.txt", "empty-database-3.tar", path.basename(file)].toSorted(),
  );
});
