import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { once } from "node:events";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { start } from "../drivers/programs.ts";
import { contentSecurityPolicy } from "../server/page.ts";
import { packageDir } from "./images.ts";
import { buildPage } from "./page.ts";

async function sourcesOfAPage(): Promise<AsyncDisposable & { root: string; built: () => string }> {
  const folder = await mkdtempDisposable(path.join(os.tmpdir(), "rollcall-page-"));
  mkdirSync(path.join(folder.path, "web"));
  for (const name of ["systems/one", "drivers"]) mkdirSync(path.join(folder.path, name), { recursive: true });
  writeFileSync(path.join(folder.path, "systems/one/definition.ts"), "one");
  writeFileSync(path.join(folder.path, "web/main.tsx"), "one");
  const built = (): string => readFileSync(path.join(folder.path, "web/dist/index.html"), "utf8");
  return { root: folder.path, built, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** Stands for Vite: counts, and copies one file. */
function countingBuilder() {
  const builder = {
    count: 0,
    build: async (web: string, into: string): Promise<void> => {
      builder.count += 1;
      mkdirSync(into);
      await writeFile(path.join(into, "index.html"), readFileSync(path.join(web, "main.tsx")));
    },
  };
  return builder;
}

test("buildPage() builds once for all that ask at the same time, and again when a source has changed", async () => {
  await using page = await sourcesOfAPage();
  const builder = countingBuilder();
  const ask = (): Promise<void> => buildPage({ root: page.root, build: builder.build });
  await Promise.all([ask(), ask(), ask()]);
  await ask();
  expect([builder.count, page.built()]).toEqual([1, "one"]);
  writeFileSync(path.join(page.root, "web/main.tsx"), "two");
  await Promise.all([ask(), ask()]);
  expect([builder.count, page.built()]).toEqual([2, "two"]);
  expect(existsSync(path.join(page.root, "web/.building"))).toBe(false);
  // The panel is made of the definitions, too.
  writeFileSync(path.join(page.root, "systems/one/definition.ts"), "two");
  await Promise.all([ask(), ask()]);
  expect(builder.count).toBe(3);
});

test("buildPage() takes the place of a builder that was killed", async () => {
  await using page = await sourcesOfAPage();
  const gone = start(process.execPath, ["--version"]);
  await once(gone, "exit");
  mkdirSync(path.join(page.root, "web/.building/page"), { recursive: true });
  writeFileSync(path.join(page.root, "web/.building/pid"), String(gone.pid));
  await buildPage({ root: page.root, build: countingBuilder().build });
  expect(page.built()).toBe("one");
});

test("a build that fails leaves the old page, and the next one starts afresh", async () => {
  await using page = await sourcesOfAPage();
  const { build } = countingBuilder();
  await buildPage({ root: page.root, build });
  writeFileSync(path.join(page.root, "web/main.tsx"), "two");
  const failing = buildPage({ root: page.root, build: () => Promise.reject(new Error("no")) });
  await expect(failing).rejects.toThrow("no");
  expect(page.built()).toBe("one");
  await buildPage({ root: page.root, build });
  expect(page.built()).toBe("two");
});

test("buildPage() leaves an installed package as it is", async () => {
  await using page = await sourcesOfAPage();
  rmSync(path.join(page.root, "web/main.tsx"));
  cpSync(path.join(packageDir, "web/unbuilt"), path.join(page.root, "web/dist"), { recursive: true });
  await buildPage({ root: page.root, build: () => Promise.reject(new Error("built")) });
});

test("Nginx gives the page with the policy that the server gives it with", () => {
  const locations = readFileSync(path.join(packageDir, "deploy/nginx/locations.conf"), "utf8");
  expect(locations.split(contentSecurityPolicy)).toHaveLength(3);
});
