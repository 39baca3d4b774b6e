// The command as users run it: a process with its own home folder, whose exit code and output are what a test may look
// at.

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { compileCacheFolder } from "../../drivers/compile-cache.ts";
import { preparedDatabaseFile } from "../../server/store/prepared-database.ts";
import { closedEnvironment } from "../../targets/environment.ts";

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first match in what was said on stderr; rejects when the command ends without it. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

/** A folder that is gone at the end of the block. */
export function openFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "rollcall-command-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Where the notes of these runs are kept: not in the home of whoever runs the tests. */
export const home = mkdtempSync(join(tmpdir(), "rollcall-home-"));
const preparedDatabase = await preparedDatabaseFile();
mkdirSync(compileCacheFolder, { recursive: true });
// But for what makes a start quicker.
for (const kept of [preparedDatabase, compileCacheFolder].filter((path) => existsSync(path))) {
  const link = join(home, relative(homedir(), kept));
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(kept, link);
}
afterAll(() => rmSync(home, { recursive: true, force: true }));

const programs = {
  main: fileURLToPath(new URL("../../cli/main.ts", import.meta.url)),
  launcher: fileURLToPath(new URL("../../cli/rollcall.js", import.meta.url)),
};

export function startRollcall(
  args: readonly string[],
  options: { program?: keyof typeof programs; env?: Record<string, string>; detached?: boolean; cwd?: string } = {},
): Running {
  const { program = "main", env = {}, detached = false, cwd } = options;
  const child = spawn(process.execPath, [programs[program], ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached,
    ...(cwd === undefined ? {} : { cwd }),
    env: closedEnvironment({ HOME: home, NO_COLOR: "1", ...env }),
  });
  const said = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, ...said })));
  const says = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(said.stderr);
        if (match === null) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
      ended
        .then(({ code }) => reject(new Error(`it ended with ${code} without saying ${pattern}: ${said.stderr}`)))
        .catch(reject);
      look();
    });
  return { child, ended, says };
}

export const rollcall = (args: readonly string[], options?: Parameters<typeof startRollcall>[1]): Promise<Ended> =>
  startRollcall(args, options).ended;
