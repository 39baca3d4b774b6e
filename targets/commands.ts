// Outages of a target that is not ours: commands of its config file, run by a shell. Each has a process group of its
// own: Ctrl-C in the terminal is for us to hear, so that what was begun is undone, and a command that hangs is ended
// with all that it started.

import { once } from "node:events";
import { HarnessError } from "../drivers/errors.ts";
import { start } from "../drivers/programs.ts";
import type { Outage } from "./outages.ts";

const commandDeadlineMs = 60_000;
const outputCharacters = 300;

/** `signal` ends a `begin` that is under way, never an `end`. */
export function outageByCommands(commands: { begin: string; end: string }, signal: AbortSignal): Outage {
  return {
    begin: () => shell(commands.begin, AbortSignal.any([signal, AbortSignal.timeout(commandDeadlineMs)])),
    end: () => shell(commands.end, AbortSignal.timeout(commandDeadlineMs)),
  };
}

/** Throws HarnessError that names the command and how it ended, with the last of what it said. */
async function shell(command: string, signal: AbortSignal): Promise<void> {
  const child = start("sh", ["-c", command], { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-outputCharacters)));
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  signal.addEventListener("abort", kill, { once: true });
  try {
    // Not "close": what the command left in the background may hold its output open.
    const [code, killedBy] = (await once(child, "exit")) as [number | null, string | null];
    if (code === 0) return;
    const how = signal.aborted
      ? "was ended: it took too long, or the run was interrupted"
      : killedBy === null
        ? `ended with ${code}`
        : `was killed by ${killedBy}`;
    throw new HarnessError(`the command \`${command}\` ${how}${output.trim() === "" ? "" : `: ${output.trim()}`}`);
  } finally {
    signal.removeEventListener("abort", kill);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}
