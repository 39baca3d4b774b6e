#!/usr/bin/env node
// The launcher: plain JavaScript that an old Node can read. It runs the command under Node 22.18 or later: this one if it
// is new enough, else the one that npm installed beside us (in the clone, or by hand), else it says how to get one (exit
// 4).
"use strict";

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
// Node strips no types below node_modules: the installed package runs its compiled half.
const installed = here.split(/[\\/]/).includes("node_modules");
const main = installed ? join(here, "..", "dist", "cli", "main.js") : join(here, "main.ts");

function findNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("node/package.json"));
    for (const name of ["bin/node", "bin/node.exe"]) if (existsSync(join(folder, name))) return join(folder, name);
  } catch {
    // the package is not there
  }
  return undefined;
}

const node = findNode();
if (node === undefined) {
  console.error(
    `rollcall needs Node 22.18 or later and found ${process.version}; next: npx -p node@24 -p rollcall rollcall …, or npm install node@24 beside it, or https://nodejs.org`,
  );
  process.exit(4);
}
// A warning that no user can do anything about: types are stripped.
const quiet = ["--disable-warning=ExperimentalWarning"];
// A target may flood us: garbage is collected before it is more than we may take. The flags of server/heap.ts.
const heap = ["--max-semi-space-size=8", "--heap-growing-percent=50"];
const child = spawn(node, [...quiet, ...heap, main, ...process.argv.slice(2)], { stdio: "inherit" });
// A supervisor signals only us. A terminal sends Ctrl-C to the whole group: then the command hears it twice, and takes
// it for one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  // Before the command could catch it.
  if (signal === "SIGINT" || signal === "SIGTERM" || signal === "SIGHUP") {
    console.error("interrupted");
    process.exit(130);
  }
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
});
