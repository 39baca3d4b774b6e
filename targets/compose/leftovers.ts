// What belongs to a stack, and how is it removed? Everything a stack consists of carries the label `rollcall.stack=run`
// and its owner's process id; a stack is left over when it has no owner or the owner is gone. Synchronous, since it
// must also work while the process exits.

import { existsSync, readFileSync } from "node:fs";
import { missingImages } from "../../deploy/images.ts";
import { HarnessError } from "../../drivers/errors.ts";
import { runNow } from "../../drivers/programs.ts";
import { engineTrouble } from "./engine.ts";

const stackLabel = "rollcall.stack=run";
const projectLabel = "com.docker.compose.project";
const commandDeadlineMs = 60_000;

export interface FoundStack {
  project: string;
  /** The process that cleans it up; undefined: it was left running on purpose. */
  ownerPid?: number;
  ownerAlive: boolean;
  /** The working folder of whoever brought it up. */
  folder: string;
  /** Name → what the engine says of it, such as "Up 3 minutes (healthy)". */
  containers: Record<string, string>;
}

/** The first thing that a stack needs and this machine lacks, and what to do about it; undefined when all is there. */
export function missingForStack(): { what: string; next: string } | undefined {
  const trouble = engineTrouble();
  if (trouble !== undefined) return trouble;
  const next = "npx rollcall doctor --fix";
  if (!runNow("docker", ["compose", "version"], { deadlineMs: 10_000 }).ok)
    return { what: "the Compose plugin is not there", next };
  const images = missingImages();
  return images.length === 0 ? undefined : { what: `images are missing: ${images.join(", ")}`, next };
}

/** Every stack that this engine knows, of any run. Throws HarnessError when the engine does not answer. */
export function findStacks(): FoundStack[] {
  const trouble = engineTrouble();
  if (trouble !== undefined) throw new HarnessError(`Cannot look for stacks: ${trouble.what}; next: ${trouble.next}`);
  const stacks = new Map<string, FoundStack>();
  for (const [list, name] of [
    [["ps", "-a"], "{{.Names}}\t{{.Status}}"],
    [["network", "ls"], "\t"],
    [["volume", "ls"], "\t"],
  ] as const) {
    const format = `{{.Label "${projectLabel}"}}\t{{.Label "rollcall.owner"}}\t{{.Label "rollcall.folder"}}\t${name}`;
    for (const line of docker([...list, "--filter", `label=${stackLabel}`, "--format", format])
      .split("\n")
      .filter(Boolean)) {
      const [project = "", owner = "", folder = "", container = "", status = ""] = line.split("\t");
      const stack = stacks.get(project) ?? {
        project,
        ...(owner !== "" && { ownerPid: Number(owner) }),
        ownerAlive: owner !== "" && isAlive(Number(owner)),
        folder,
        containers: {},
      };
      if (container !== "") stack.containers[container] = status;
      stacks.set(project, stack);
    }
  }
  return [...stacks.values()];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, and somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Removes containers, networks and volumes of one project. Nothing there is fine; what could not be removed is thrown.
 */
export function removeStackSync(project: string): void {
  const filter = ["--filter", `label=${projectLabel}=${project}`, "--filter", `label=${stackLabel}`];
  const ids = (list: readonly string[]): string[] =>
    docker([...list, ...filter])
      .split("\n")
      .filter(Boolean);
  const containers = ids(["ps", "-aq"]);
  if (containers.length > 0) docker(["rm", "-f", "-v", ...containers]);
  const networks = ids(["network", "ls", "-q"]);
  if (networks.length > 0) docker(["network", "rm", ...networks]);
  const volumes = ids(["volume", "ls", "-q"]);
  if (volumes.length > 0) docker(["volume", "rm", "-f", ...volumes]);
}

function docker(args: readonly string[]): string {
  const { ok, stdout, failure } = runNow("docker", args, { deadlineMs: commandDeadlineMs });
  if (!ok) throw new Error(failure);
  return stdout;
}

const childrenGoneDeadlineMs = 5_000;

/**
 * Ends the programs that this process started and waits until they are gone. Where there is no /proc there is nothing
 * it can do.
 */
export function killChildrenSync(): void {
  const file = `/proc/self/task/${process.pid}/children`;
  if (!existsSync(file)) return;
  const pids = readFileSync(file, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number)
    .filter((pid) => isCompose(pid));
  for (const pid of pids) process.kill(pid, "SIGTERM");
  const endMs = performance.now() + childrenGoneDeadlineMs;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (pids.some(isRunning) && performance.now() < endMs) Atomics.wait(pause, 0, 0, 50);
}

const readProcess = (pid: number, name: string): string => {
  const file = `/proc/${pid}/${name}`;
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};
const isCompose = (pid: number): boolean =>
  /^(docker|docker-compose)\0/.test(readProcess(pid, "cmdline")) ||
  /\/docker(-compose)?\0/.test(readProcess(pid, "cmdline"));
/** A zombie has ended: only nobody has asked for its exit code yet. */
const isRunning = (pid: number): boolean => /^State:\s+[^ZX]/m.test(readProcess(pid, "status"));
