// Packages that not every use needs: optional peers of the published package, and development dependencies of the
// clone. They are imported only where they are used; where one is missing, the way to get it is one line.

import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { HarnessError } from "./drivers/errors.ts";

/** `load` imports it. Throws HarnessError that says how to install it when it is not there. */
export async function importPeer<T>(name: string, what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw isMissing(name, error) ? missing([name], what) : error;
  }
}

/** For who must know it before anything begins; names all that are missing. Throws as `importPeer`. */
export function checkPeers(names: readonly string[], what: string): void {
  const absent = names.filter((name) => !isInstalled(name));
  if (absent.length > 0) throw missing(absent, what);
}

export function isInstalled(name: string): boolean {
  try {
    return findPackageJSON(name, import.meta.url) !== undefined;
  } catch {
    return false;
  }
}

const missing = (names: readonly string[], what: string): HarnessError => {
  const [packages, are] = names.length === 1 ? ["package", "it is"] : ["packages", "they are"];
  const wanted = names.map((name) => `${name}@${rangeOf(name)}`).join(" ");
  return new HarnessError(
    `Cannot load the ${packages} ${names.join(", ")}, which ${what}: ${are} not installed; next: npm i -D ${wanted}`,
  );
};

/** The package itself, not something that it wants in its turn. */
const isMissing = (name: string, error: unknown): boolean =>
  error instanceof Error &&
  (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND" &&
  error.message.includes(`'${name}'`);

function rangeOf(name: string): string {
  const about = findPackageJSON(import.meta.url);
  const { peerDependencies } = JSON.parse(readFileSync(about!, "utf8")) as { peerDependencies: Record<string, string> };
  return peerDependencies[name] ?? "latest";
}
