// Starts a backend of tests/own, as its makers would: a program of its own, that prints its address when it is ready.

import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { start } from "../../drivers/programs.ts";
import { closedEnvironment } from "../../targets/environment.ts";

export interface OwnBackend extends AsyncDisposable {
  url: string;
  /** Where its rollcall.config.ts is. */
  folder: string;
}

export const folderOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Ends with the block. `env`: OWN_MUTANT above all. */
export const startOwn = (
  name: string,
  command: readonly [string, ...string[]],
  env: Record<string, string> = {},
): Promise<OwnBackend> => startBackend(folderOf(name), command, env);

/** Ends with the block. Resolves when it printed its address. @throws Error when it ends before. */
export async function startBackend(
  folder: string,
  [command, ...args]: readonly [string, ...string[]],
  env: Record<string, string>,
): Promise<OwnBackend> {
  const child = start(command, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: closedEnvironment({ PORT: "0", ...env }),
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise<string>((resolve, reject) => {
    lines.on("line", (line) => {
      const [address] = /http:\/\/127\.0\.0\.1:\d+$/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.once("error", reject);
    lines.once("close", () => reject(new Error(`${folder} ended before it was ready`)));
  });
  return {
    url,
    folder,
    [Symbol.asyncDispose]: async () => {
      child.kill(); // a broker ends its own processes then
      await ended;
    },
  };
}
