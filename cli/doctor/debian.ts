// What is this machine's Debian, and where does it get its packages? The mirror is read from the machine's own sources
// at run time, so that no address stands in our files. Forms: deb822 (`URIs:`) and one-line (`deb [options] URI
// suite component…`).

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export type Distribution = "debian" | "ubuntu" | "other";

export function distribution(release: string = readOr("/etc/os-release", "")): Distribution {
  const id = /^ID="?(\w+)"?$/m.exec(release)?.[1];
  return id === "debian" || id === "ubuntu" ? id : "other";
}

/**
 * The first mirror of `main` in the text of a sources file that is not a security archive; undefined when there is
 * none.
 */
export function parseMirror(sources: string): string | undefined {
  for (const stanza of sources.split(/\n\s*\n/)) {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}:[ \\t]*(.+)$`, "im").exec(stanza)?.[1]?.trim();
    if (/^Enabled:[ \t]*no/im.test(stanza) || !/\bdeb\b/.test(field("Types") ?? "")) continue;
    const uri = field("URIs")?.split(/\s+/)[0];
    if (uri !== undefined && isMain(uri, field("Components") ?? "")) return uri;
  }
  for (const line of sources.split("\n")) {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+\S+\s+(.+)$/.exec(line);
    if (match?.[1] !== undefined && isMain(match[1], match[2] ?? "")) return match[1];
  }
  return undefined;
}

const isMain = (uri: string, components: string): boolean =>
  /^(https?|file):/.test(uri) && /\bmain\b/.test(components) && !/security/.test(uri) && /debian/.test(uri);

/** The machine's Debian mirror, or undefined on other systems. */
export function debianMirror(): string | undefined {
  if (distribution() !== "debian") return undefined;
  const folder = "/etc/apt/sources.list.d";
  const files = readdirSync(folder)
    .filter((name) => /\.(sources|list)$/.test(name))
    .map((name) => path.join(folder, name));
  for (const file of [...files, "/etc/apt/sources.list"]) {
    const mirror = parseMirror(readOr(file, ""));
    if (mirror !== undefined) return mirror;
  }
  return undefined;
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return otherwise;
    throw error;
  }
}
