// A stack with a fault in both of its instances, or in its proxy. The servers preload the loader of
// targets/faulty-loader.ts from the mounted clone; a patched nginx configuration is a copy that is mounted instead of
// deploy/nginx. For that the overlay deploy/published.yml passes three variables on.

import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { packageDir } from "../deploy/images.ts";
import { run } from "../drivers/programs.ts";
import { openStack, type Stack } from "./compose/compose.ts";
import { crashIn } from "./crash.ts";
import type { Broken, Fault } from "./faulty.ts";
import { applyPatches, type Patch } from "./patch.ts";

const nginxFolder = "deploy/nginx/";
const commandDeadlineMs = 60_000;

/** Throws as openStack does. */
export async function openFaultyStack(fault: Pick<Fault, "patches" | "environment">): Promise<Stack & Broken> {
  const inServer = fault.patches.filter(({ file }) => !file.startsWith(nginxFolder));
  const nginx = patchedNginx(fault.patches.filter(({ file }) => file.startsWith(nginxFolder)));
  try {
    const stack = await openStack({
      environment: {
        ...(inServer.length > 0 && {
          ROLLCALL_NODE_OPTIONS: "--import /app/targets/faulty-loader.ts",
          ROLLCALL_FAULTS: JSON.stringify(inServer),
        }),
        ...(nginx !== undefined && { ROLLCALL_NGINX: nginx }),
        ...fault.environment,
      },
    });
    const close = async (): Promise<void> => {
      await stack[Symbol.asyncDispose]();
      removeFolder(nginx);
    };
    return {
      ...stack,
      async end() {
        const servers = [stack.containers["server-1"], stack.containers["server-2"]];
        try {
          return (await Promise.all(servers.map(crashOfContainer))).find((crash) => crash !== undefined);
        } finally {
          await close();
        }
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    removeFolder(nginx);
    throw error;
  }
}

async function crashOfContainer(container: string): Promise<string | undefined> {
  const options = { deadlineMs: commandDeadlineMs };
  const [{ stdout, stderr }, { stdout: status }] = await Promise.all([
    run("docker", ["logs", container], options),
    run("docker", ["inspect", "--format", "{{.State.Status}}", container], options),
  ]);
  for (const line of `${stdout}\n${stderr}`.split("\n")) {
    const crash = crashIn(line);
    if (crash !== undefined) return `${container}: ${crash}`;
  }
  return status.trim() === "running" ? undefined : `${container} is ${status.trim()}`;
}

/** A changed copy of the folder, or undefined when there is nothing to change. */
function patchedNginx(patches: readonly Patch[]): string | undefined {
  if (patches.length === 0) return undefined;
  const folder = mkdtempSync(path.join(os.tmpdir(), "rollcall-nginx-"));
  chmodSync(folder, 0o755); // Nginx runs as another user
  cpSync(path.join(packageDir, nginxFolder), folder, { recursive: true });
  for (const [file, mine] of Map.groupBy(patches, (item) => item.file)) {
    const copy = path.join(folder, file.slice(nginxFolder.length));
    writeFileSync(copy, applyPatches(readFileSync(copy, "utf8"), mine));
  }
  return folder;
}

function removeFolder(folder: string | undefined): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
