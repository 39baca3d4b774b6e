// How does the doctor run another program? With a deadline, its output kept (the last part of it is reported when it
// fails), nothing left behind when the doctor is interrupted. Progress is one line per step on stderr, with the seconds
// since the start.

import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { run as runProgram, runNow } from "../../drivers/programs.ts";
import { askYes, canAsk } from "../ask.ts";

export const cacheDir = path.join(os.homedir(), ".cache", "rollcall");

/** Something that only a person can do: `next` is the command or the step to take. */
export class NextStep extends Error {
  readonly next: string;
  constructor(message: string, next: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "NextStep";
    this.next = next;
  }
}

interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Default 10 minutes: the longest step on a slow line. */
  deadlineMs?: number;
}

const interrupted = new AbortController();
const workFolders = new Set<string>();

/** Call once before anything is run: an interrupted doctor ends its programs and removes its half-made folders. */
export function cleanUpAtExit(): void {
  process.once("exit", () => {
    interrupted.abort();
    for (const folder of workFolders) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}

/** A fresh folder below the cache, removed when its scope ends. */
export async function openWorkFolder(name: string): Promise<{ path: string } & AsyncDisposable> {
  await mkdir(cacheDir, { recursive: true });
  const folder = await mkdtemp(path.join(cacheDir, `${name}-`));
  workFolders.add(folder);
  return {
    path: folder,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
      workFolders.delete(folder);
    },
  };
}

/**
 * Resolves with what the program wrote to stdout. Throws with the end of its output when it fails, cannot start or
 * takes too long.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { env, cwd, deadlineMs = 600_000 } = options;
  const { signal } = interrupted;
  return (await runProgram(command, args, { deadlineMs, cwd, env: { ...process.env, ...env }, signal })).stdout;
}

/** First line of what the program says, or undefined when it is not there or fails. */
export function firstLine(command: string, args: readonly string[]): string | undefined {
  const { ok, stdout } = runNow(command, args, { deadlineMs: 5_000 });
  return ok ? stdout.trim().split("\n")[0] : undefined;
}

const startedMs = performance.now();

export function say(step: string, text: string): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`[${seconds} s] ${step}: ${text}\n`);
}

export interface Consent {
  /** `--yes`: nothing is asked. */
  yes: boolean;
}

/** One question at a time, though steps run beside each other. */
let asking: Promise<unknown> = Promise.resolve();

/**
 * Runs a command that changes the system. Printed first; on a terminal it waits for a yes. Not root: throws NextStep
 * with the command, never sudo.
 */
export async function runAsRoot(
  step: string,
  consent: Consent,
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<void> {
  const line = [command, ...args].join(" ");
  if (process.getuid?.() !== 0) throw new NextStep(`Cannot install ${step}: not root`, `as root: ${line}`);
  await confirm(step, consent, line);
  await run(command, args, { env: { DEBIAN_FRONTEND: "noninteractive", ...env } });
}

export async function confirm(step: string, consent: Consent, line: string): Promise<void> {
  say(step, `+ ${line}`);
  if (consent.yes || !canAsk()) return;
  const answer = asking.then(() => askYes("Run this as root? [y/N] "));
  asking = answer;
  if (!(await answer)) throw new NextStep(`Cannot install ${step}: declined`, `run it yourself: ${line}`);
}
