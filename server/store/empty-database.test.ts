import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { emptyDatabaseFile, openEmptyDatabase } from "./empty-database.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "rollcall-empty-"));
  vi.stubEnv("HOME", home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

/** Says how it came to be; cannot be a copy of anything but "empty". */
async function create(options?: { loadDataDir: Blob }) {
  const copied = await options?.loadDataDir.text();
  if (copied !== undefined && copied !== "empty") throw new Error("Cannot read the archive");
  return { isCopy: copied !== undefined, dumpDataDir: () => Promise.resolve(new File(["empty"], "dump.tar")) };
}
const isCopy = async (): Promise<boolean> => (await openEmptyDatabase(create)).isCopy;

test("openEmptyDatabase() keeps the first one, and nothing else; the next ones are copies of it", async () => {
  const file = await emptyDatabaseFile();
  expect(file.startsWith(home)).toBe(true);
  expect(await isCopy()).toBe(false);
  expect(readdirSync(path.dirname(file))).toEqual([path.basename(file)]);
  expect([await isCopy(), await isCopy()]).toEqual([true, true]);
});

test("openEmptyDatabase() makes a new one of what is broken", async () => {
  await isCopy();
  const file = await emptyDatabaseFile();
  writeFileSync(file, "half of it");
  expect(await isCopy()).toBe(false);
  expect(readFileSync(file, "utf8")).toBe("empty");
});

test("openEmptyDatabase() opens one where none can be kept", async () => {
  const file = await emptyDatabaseFile();
  mkdirSync(path.dirname(path.dirname(file)));
  writeFileSync(path.dirname(file), "no folder");
  expect([await isCopy(), await isCopy()]).toEqual([false, false]);
  expect(existsSync(file)).toBe(false);
});
