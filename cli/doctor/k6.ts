// k6, the load engine: taken from the PATH, else from our cache. `doctor --fix` builds it by Go through the machine's
// module proxy (about a minute); where there is no Go it says how to get k6. All that the build leaves is one binary
// below ~/.cache/rollcall/bin.

import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { onPath } from "./engine.ts";
import { cacheDir, firstLine, NextStep, openWorkFolder, run, say } from "./run.ts";

const version = "v2.2.0";
const cachedFile = path.join(cacheDir, "bin", "k6");
const main = `package main

import "go.k6.io/k6/v2/cmd"

func main() { cmd.Execute() }
`;

/** The k6 to run, or undefined when there is none. */
export const k6File = (): string | undefined => onPath("k6") ?? (existsSync(cachedFile) ? cachedFile : undefined);

export function k6Version(): string | undefined {
  const file = k6File();
  return file === undefined ? undefined : firstLine(file, ["version"]);
}

export async function installK6(): Promise<void> {
  if (onPath("go") === undefined)
    throw new NextStep(
      "Cannot build k6: Go is not installed",
      "install k6 v2 by your package manager, or Go 1.25 or later and run this again",
    );
  say("k6", `building ${version} by Go (about a minute)`);
  await mkdir(path.dirname(cachedFile), { recursive: true });
  await using folder = await openWorkFolder("k6");
  const env = {
    CGO_ENABLED: "0",
    GOPATH: path.join(folder.path, "go"),
    GOCACHE: path.join(folder.path, "cache"),
    // Read-only module folders could not be removed afterwards.
    GOFLAGS: `${process.env["GOFLAGS"] ?? ""} -modcacherw -buildvcs=false`.trim(),
  };
  const where = { cwd: folder.path, env };
  await writeFile(path.join(folder.path, "main.go"), main);
  await run("go", ["mod", "init", "rollcall/k6"], where);
  await run("go", ["get", `go.k6.io/k6/v2@${version}`], where);
  await run("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", "k6", "."], where);
  await rename(path.join(folder.path, "k6"), cachedFile);
  say("k6", `${k6Version() ?? "?"} is in ${cachedFile}`);
}
