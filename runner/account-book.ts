// Accounts on servers that cannot delete any: what a run signed up stays, so the next run takes the same people again.
// One file per system and target, with passwords of throw-away accounts: mode 0600.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { HarnessError } from "../drivers/errors.ts";
import type { Who } from "../systems/types.ts";

export class AccountBook {
  readonly path: string;
  readonly #noted: Who[];
  #takenCount = 0;

  /** @throws HarnessError when the book is there and cannot be read. */
  constructor(system: string, baseUrl: string, folder: string = join(homedir(), ".cache", "rollcall", "accounts")) {
    const { host } = new URL(baseUrl);
    this.path = join(folder, `${system}@${host.replaceAll(":", "_")}.json`);
    this.#noted = readBook(this.path);
  }

  /** How many people stay at the target. */
  get size(): number {
    return this.#noted.length;
  }

  /** Somebody of an earlier run, each once; undefined: all are taken. */
  take(): Who | undefined {
    return this.#noted[this.#takenCount++];
  }

  /** Notes somebody who was just signed up; this run does not take them again. */
  note({ username, email, password }: Who): void {
    this.#noted.unshift({ username, email, password });
    this.#takenCount++;
    this.#write();
  }

  /** The target does not know somebody any more. */
  drop({ username }: Pick<Who, "username">): void {
    const at = this.#noted.findIndex((other) => other.username === username);
    if (at < 0) return;
    this.#noted.splice(at, 1);
    if (at < this.#takenCount) this.#takenCount--;
    this.#write();
  }

  #write(): void {
    try {
      mkdirSync(join(this.path, ".."), { recursive: true, mode: 0o700 });
      writeFileSync(`${this.path}.new`, JSON.stringify(this.#noted), { mode: 0o600 });
      renameSync(`${this.path}.new`, this.path);
    } catch (error) {
      throw new HarnessError(
        `Cannot note who stays at the target: ${(error as Error).message}; next: set HOME to a folder that can be written`,
        { cause: error },
      );
    }
  }
}

function readBook(path: string): Who[] {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Who[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new HarnessError(`Cannot read the accounts of earlier runs: ${(error as Error).message} (${path})`, {
      cause: error,
    });
  }
}
