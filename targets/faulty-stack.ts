// A stack with a fault in both of its instances, or in its proxy. The servers preload the loader of targets/faulty-loader.ts from the mounted
// clone; a patched nginx configuration is a copy that is mounted instead of deploy/nginx. For that the overlay deploy/published.yml passes
// three variables on.

import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { packageDir } from "../deploy/images.ts";
import { openStack, type Stack } from "./compose.ts";
import type { Fault } from "./faulty.ts";
import { applyPatches, type Patch } from "./patch.ts";

const nginxFolder = "deploy/nginx/";

/** Throws as openStack does. */
export async function openFaultyStack(fault: Pick<Fault, "patches" | "environment">): Promise<Stack> {
  const inServer = fault.patches.filter(({ file }) => !file.startsWith(nginxFolder));
  const nginx = patchedNginx(fault.patches.filter(({ file }) => file.startsWith(nginxFolder)));
  try {
    const stack = await openStack({
      environment: {
        ...(inServer.length > 0 && { ROLLCALL_NODE_OPTIONS: "--import /app/targets/faulty-loader.ts", ROLLCALL_FAULTS: JSON.stringify(inServer) }),
        ...(nginx !== undefined && { ROLLCALL_NGINX: nginx }),
        ...fault.environment,
      },
    });
    return {
      ...stack,
      async [Symbol.asyncDispose]() {
        await stack[Symbol.asyncDispose]();
        removeFolder(nginx);
      },
    };
  } catch (error) {
    removeFolder(nginx);
    throw error;
  }
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
