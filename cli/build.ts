// What goes into the package: the program as JavaScript, because Node strips no types below node_modules, and the files
// that it reads beside itself. Run by `npm pack`. Only the root has a package.json: code finds the package by it.

import { cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPage } from "../deploy/page.ts";
import { runNow } from "../drivers/programs.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const dist = join(root, "dist");
/** Read by the compiled code by its own place. */
const assets = [
  "server/systems/discodeit/migrations",
  "server/systems/study-room/migrations",
  "server/systems/redis-chat/migrations",
  "server/systems/gateway-chat/migrations",
  "contract/sets",
];

rmSync(dist, { recursive: true, force: true });
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
// The program, and the types of what `import … from "rollcall"` gives.
for (const project of ["tsconfig.build.json", "tsconfig.types.json"]) {
  if (runNow(process.execPath, [compiler, "-p", project], { cwd: root, shown: true, deadlineMs: 600_000 }).ok) continue;
  console.error("Cannot build the package: the compiler found errors; next: npx tsc --noEmit");
  process.exit(1);
}
for (const folder of assets) cpSync(join(root, folder), join(dist, folder), { recursive: true });
await buildPage({ onStep: console.log });
