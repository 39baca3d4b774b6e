// How does the chat page (web/) become files that a server can give away? Vite builds it, once for each state of its
// sources, into web/dist, which git ignores and the package contains. Whoever needs the page calls `buildPage`: `serve`,
// the stack, `npm pack` and the tests of the page. One builds and the others wait; nobody sees half a page, because the
// new folder takes the old one's place by a rename. Nothing else needs the page: a server without it starts at once and
// says that it is not built.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { HarnessError } from "../drivers/errors.ts";
import { run } from "../drivers/programs.ts";
import { packageDir } from "./images.ts";

const buildWithinMs = 300_000;
const lookAgainMs = 100;
/** A builder writes its number into its folder right after it made it. */
const namelessMs = 5_000;

/** How the built files are made in a folder. */
type Builder = (sources: string, into: string) => Promise<void>;

export interface PageOptions {
  /** Of package.json. */
  root?: string;
  build?: Builder;
  /** Told when there is something to build. */
  onStep?: (text: string) => void;
}

/** Resolves when web/dist is the page as its sources are. Throws HarnessError when it cannot be built. */
export async function buildPage({ root = packageDir, build = byVite, onStep }: PageOptions = {}): Promise<void> {
  const web = path.join(root, "web");
  // In the package there are no sources: what it contains is the page.
  if (!existsSync(path.join(web, "main.tsx"))) return;
  const key = await keyOf(root);
  const [dist, room] = [path.join(web, "dist"), path.join(web, ".building")];
  const isBuilt = async (): Promise<boolean> => (await textOf(path.join(dist, ".key"))) === key;
  const giveUpAtMs = Date.now() + buildWithinMs;
  while (!(await isBuilt())) {
    if (Date.now() > giveUpAtMs)
      throw new HarnessError(`Cannot build the page: ${room} is there for ${buildWithinMs / 1_000} s; next: remove it`);
    if (!(await enter(room))) {
      await wait(lookAgainMs);
      continue;
    }
    try {
      // Who was here before us may have built it.
      if (await isBuilt()) return;
      onStep?.("building the chat page");
      const made = path.join(room, "page");
      await build(web, made);
      await writeFile(path.join(made, ".key"), key);
      if (existsSync(dist)) await rename(dist, path.join(room, "old"));
      await rename(made, dist);
    } finally {
      await rm(room, { recursive: true, force: true });
    }
  }
}

async function byVite(web: string, into: string): Promise<void> {
  try {
    const vite = path.join(path.dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin/vite.js");
    const options = ["build", web, "--outDir", into, "--logLevel", "warn"];
    // Vitest sets it to "test", and Vite would take it over.
    const env = { ...process.env, NODE_ENV: "production" };
    await run(process.execPath, [vite, ...options], { deadlineMs: buildWithinMs, env });
  } catch (error) {
    throw new HarnessError(`Cannot build the page: ${(error as Error).message}; next: npm ci`, { cause: error });
  }
}

/** Of ours: the definitions of systems, and what they and the panel need to talk. */
const sourceFolders = ["web", "systems", "drivers"];
const noSources = /^web\/(dist|unbuilt|\.building)\/|\.test\./;

/** A hash of all that the page may be made of: its sources, definitions, and the versions of the libraries. */
async function keyOf(root: string): Promise<string> {
  const hash = createHash("sha256");
  const lists = sourceFolders.map((folder) =>
    readdir(path.join(root, folder), { recursive: true, withFileTypes: true }),
  );
  const sources = (await Promise.all(lists))
    .flat()
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !noSources.test(path.relative(root, file).replaceAll(path.sep, "/")));
  for (const file of [...sources.toSorted(), path.join(root, "package-lock.json")])
    hash.update(`${path.relative(root, file)}\0${await textOf(file)}\0`);
  return hash.digest("hex");
}

/** Whether the folder is ours now: it was not there, or its builder is gone. */
async function enter(room: string): Promise<boolean> {
  try {
    await mkdir(room);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (await isAbandoned(room)) await rm(room, { recursive: true, force: true });
    return false;
  }
  await writeFile(path.join(room, "pid"), String(process.pid));
  return true;
}

async function isAbandoned(room: string): Promise<boolean> {
  const pid = Number(await textOf(path.join(room, "pid")));
  if (pid === 0) {
    const made = await stat(room).catch(() => undefined);
    return made !== undefined && Date.now() - made.mtimeMs > namelessMs;
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

const textOf = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
