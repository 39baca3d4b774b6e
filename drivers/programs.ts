// How is another program run? Always through here, and always with a deadline: `run` waits for its end beside other
// work, `runNow` holds the process meanwhile (before anything runs, or while it exits). What lives on, a server say, is
// begun by `start` or `startNode`, whose caller ends it. Units: ms.

// oxlint-disable-next-line no-restricted-imports -- the one place
import { execFile, fork, spawn, spawnSync } from "node:child_process";
import { cutAt } from "./quoted.ts";

// oxlint-disable-next-line no-restricted-imports -- the one place
export type { ChildProcess } from "node:child_process";

export interface ProgramOptions {
  deadlineMs: number;
  cwd?: string | undefined;
  /** The whole environment; default: ours. */
  env?: NodeJS.ProcessEnv;
  /** Ends the program. */
  signal?: AbortSignal;
}

const outputBytesMax = 256 * 1024 * 1024;
const linesShown = 12;

/** The end of what a program said, behind how it ended. */
function failureOf(command: string, args: readonly string[], how: string, output: string): string {
  const said = output.trim().split("\n").slice(-linesShown).join("\n");
  return `${cutAt([command, ...args].join(" "), 200)}: ${how}${said === "" ? "" : `\n${said}`}`;
}

/** A program that failed. The message has how it ended, and the end of its output. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
  readonly stdout: string;

  constructor(message: string, stdout: string, options: ErrorOptions) {
    super(message, options);
    this.stdout = stdout;
  }
}

/** @throws ProgramError when it fails, cannot start, takes too long, or is interrupted. */
export function run(
  command: string,
  args: readonly string[],
  { deadlineMs, ...options }: ProgramOptions,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { ...options, timeout: deadlineMs, maxBuffer: outputBytesMax },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ stdout, stderr });
        if (typeof error.code === "string")
          return reject(new ProgramError(`Cannot run ${command}: ${error.message}`, stdout, { cause: error }));
        const how = error.signal ? `${error.signal}, after at most ${deadlineMs / 1_000} s` : `exit code ${error.code}`;
        reject(new ProgramError(failureOf(command, args, how, stdout + stderr), stdout, { cause: error }));
      },
    );
    child.stdin?.end();
  });
}

export interface Ended {
  /** Whether it exited with 0. */
  ok: boolean;
  stdout: string;
  stderr: string;
  /** How it ended, and the end of what it said. */
  failure: string;
}

/** Never throws: a program that is not there has not ended well. Its output may go where ours goes, with `shown`. */
export function runNow(
  command: string,
  args: readonly string[],
  { deadlineMs, cwd, env, shown = false }: Omit<ProgramOptions, "signal"> & { shown?: boolean },
): Ended {
  const result = spawnSync(command, args, {
    encoding: "utf8",
    timeout: deadlineMs,
    cwd,
    env,
    stdio: ["ignore", shown ? "inherit" : "pipe", shown ? "inherit" : "pipe"],
  });
  const { status, signal, error } = result;
  // Not there: then there are no outputs either.
  const [stdout, stderr] = [result.stdout ?? "", result.stderr ?? ""];
  const how = error?.message ?? (signal === null ? `exit code ${status}` : `killed by ${signal}`);
  return { ok: status === 0, stdout, stderr, failure: failureOf(command, args, how, stdout + stderr) };
}

export { fork as startNode, spawn as start };
