// A report's folder belongs to one run at a time: of two that write there at once, neither report would be whole.
// Terms: lock – a file in the folder that names the process; what a killed run left is taken over.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const shape = z.object({ pid: z.int().positive(), host: z.string() });

/** Takes the folder, which must be there, until it is disposed. Throws an Error that names the process that has it. */
export function lockFolder(dir: string): Disposable {
  const path = join(dir, ".rollcall.lock");
  if (!takes(path)) {
    const pid = ownerOf(path);
    if (pid !== undefined)
      throw new Error(
        `another run (process ${pid}) is under way that writes there; next: name another folder, or delete ${path} if there is no such run`,
      );
    rmSync(path, { force: true });
    if (!takes(path)) throw new Error(`another run has just begun to write there; next: name another folder`);
  }
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

/** Makes the file, unless there is one. */
function takes(path: string): boolean {
  try {
    writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Which other process has it; undefined: none, as far as one can know. */
function ownerOf(path: string): number | undefined {
  try {
    const { pid, host } = shape.parse(JSON.parse(readFileSync(path, "utf8")));
    // Of another machine's processes nothing is known. In a container the one before may have had the same number.
    return host === hostname() && pid !== process.pid && isRunning(pid) ? pid : undefined;
  } catch {
    return undefined; // there is none, or it was written in part
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // somebody else's
  }
}
