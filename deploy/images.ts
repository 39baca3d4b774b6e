// Which images does the stack run? The compose file names official ones (`${NAME_IMAGE:-official}`); where no registry
// answers,
// `rollcall doctor --fix` builds others of the same role and writes their names into images.env, which is then handed
// to Compose.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { runNow } from "../drivers/programs.ts";

/** The folder of package.json, in the clone and (one level deeper, below dist/) in the installed package. */
export const packageDir = findPackageDir(import.meta.dirname);
const composeFile = path.join(packageDir, "deploy/compose.yml");
export const imagesEnvFile = path.join(os.homedir(), ".cache", "rollcall", "images.env");

export const imageVariables = ["POSTGRES_IMAGE", "REDIS_IMAGE", "KAFKA_IMAGE", "NGINX_IMAGE", "SERVER_IMAGE"] as const;
export type ImageVariable = (typeof imageVariables)[number];
export type ImageNames = Record<ImageVariable, string>;

/** Folder below deploy/images/ of each image that we can build ourselves. */
export const imageRecipes: Record<ImageVariable, string> = {
  POSTGRES_IMAGE: "postgres",
  REDIS_IMAGE: "redis",
  KAFKA_IMAGE: "kafka",
  NGINX_IMAGE: "nginx",
  SERVER_IMAGE: "server",
};

function findPackageDir(start: string): string {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, "package.json"))) return folder;
    if (folder === path.dirname(folder)) throw new Error(`Cannot find package.json above ${start}`);
  }
}

export function officialImages(compose: string = readFileSync(composeFile, "utf8")): ImageNames {
  const name = (variable: ImageVariable): string => {
    const found = new RegExp(`\\$\\{${variable}:-([^}]+)\\}`).exec(compose)?.[1];
    if (found === undefined) throw new Error(`Cannot find a default for ${variable}: ${composeFile}`);
    return found;
  };
  return Object.fromEntries(imageVariables.map((variable) => [variable, name(variable)])) as ImageNames;
}

/** `NAME=value` lines; empty lines and those that begin with # are left out. */
export function parseEnv(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => /^\s*[A-Za-z_]\w*=/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 1).trim()]),
  );
}

/**
 * Names of the images that `doctor --fix` builds. The tag is the recipe's hash, so a changed recipe is a missing image.
 */
export function builtImages(): ImageNames {
  const tag = recipeHash();
  return Object.fromEntries(
    imageVariables.map((variable) => [variable, `rollcall-${imageRecipes[variable]}:${tag}`]),
  ) as ImageNames;
}

/** The packages of the shared base (Debian trixie). */
export const basePackages = [
  "ca-certificates",
  "postgresql-17",
  "redis-server",
  "nginx",
  "openjdk-21-jre-headless",
] as const;

export const baseImage = (): string =>
  `rollcall-base:${createHash("sha256").update(basePackages.join(" ")).digest("hex").slice(0, 12)}`;

function recipeHash(): string {
  const folder = path.join(packageDir, "deploy/images");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const hash = createHash("sha256").update(baseImage());
  for (const file of files.map((entry) => path.join(entry.parentPath, entry.name)).toSorted()) {
    hash.update(path.relative(folder, file)).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}

/**
 * The images in use: what images.env says, official ones otherwise. A variable of the environment comes before both.
 */
export function imagesInUse(): { names: ImageNames; built: boolean } {
  const chosen = existsSync(imagesEnvFile) ? parseEnv(readFileSync(imagesEnvFile, "utf8")) : {};
  const built = Object.keys(chosen).length > 0;
  const names = built ? builtImages() : officialImages();
  for (const variable of imageVariables) names[variable] = process.env[variable] ?? names[variable];
  return { names, built };
}

/** Those of these images that the engine does not have. Call it only when an engine answers. */
export function missingImages(names: readonly string[] = Object.values(imagesInUse().names)): string[] {
  return [...new Set(names)].filter((name) => !runNow("docker", ["image", "inspect", name], { deadlineMs: 10_000 }).ok);
}
