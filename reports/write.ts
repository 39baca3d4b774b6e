// The files of a run: report.json (the truth), junit.xml and report.html (rendered from it). Secrets were replaced; a
// last pass makes sure. Of two runs: comparison.html.

import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { badgeOf, ctrfOf, summaryMarkdown } from "./build-server.ts";
import type { Comparison } from "./compare.ts";
import { comparisonHtml } from "./compare-html.ts";
import { htmlOf } from "./html.ts";
import { junitOf } from "./junit.ts";
import { lockFolder } from "./lock.ts";
import type { Report } from "./report.ts";
import { WriteError } from "./write-error.ts";

/**
 * Makes `dir` before the run, which would be for nothing if it could not be written, and keeps other runs out of it.
 * Throws the system's error, or one that names the other run.
 */
export function prepareReport(dir: string): Disposable {
  makeFolder(resolve(dir));
  accessSync(dir, constants.W_OK);
  const lock = lockFolder(dir);
  // What a build server shows of an earlier run says nothing of this one, which may never come to its end.
  for (const name of Object.values(forBuildServer)) rmSync(join(dir, name), { force: true });
  return lock;
}

const forBuildServer = { summary: "summary.md", badge: "badge.svg", ctrf: "ctrf.json" } as const;

/** Not mkdirSync's `recursive`: below /proc, where nothing can be made, Node 24 tries without end. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && statSync(dirname(path), { throwIfNoEntry: false }) === undefined) {
      makeFolder(dirname(path));
      mkdirSync(path);
    } else if (code !== "EEXIST" || !statSync(path).isDirectory()) throw error;
  }
}

/**
 * Writes the three files into `dir`, which is made if need be. `redact` replaces what must not be written. Throws
 * WriteError that names the file where one could not be written; none is there in part.
 */
export function writeReport(dir: string, report: Report, redact: (text: string) => string): void {
  makeFolder(resolve(dir));
  const next = "Make room there, or name another folder: --report DIR";
  writeWhole(join(dir, "report.json"), redact(`${JSON.stringify(report, undefined, 2)}\n`), next);
  renderReport(dir, readReport(dir));
}

/** Renders junit.xml and report.html again. Throws as `writeReport` does. */
export function renderReport(dir: string, report: Report): void {
  const next = `Make room in ${dir}, then: npx rollcall report ${dir}`;
  writeWhole(join(dir, "junit.xml"), junitOf(report), next);
  writeWhole(join(dir, "report.html"), htmlOf(report), next);
}

/** Writes summary.md, badge.svg and ctrf.json for a build server. Throws as `writeReport` does. */
export function writeForBuildServer(dir: string, report: Report): void {
  const next = `Make room in ${dir}, then: npx rollcall report ${dir} --ci`;
  writeWhole(join(dir, forBuildServer.summary), summaryMarkdown(report), next);
  writeWhole(join(dir, forBuildServer.badge), badgeOf(report), next);
  writeWhole(join(dir, forBuildServer.ctrf), ctrfOf(report), next);
}

/** Writes comparison.html into `dir`, which is made if need be. Throws as `writeReport` does. */
export function writeComparison(dir: string, comparison: Comparison): void {
  const next = "Make room there, or name another folder: --report DIR";
  try {
    makeFolder(resolve(dir));
  } catch (error) {
    throw new WriteError(`Cannot write into ${dir}: ${(error as Error).message}`, next, error);
  }
  writeWhole(join(dir, "comparison.html"), comparisonHtml(comparison), next);
}

/** Beside it first: where the disk is full, no half of a file stays, and an older one stays whole. */
export function writeWhole(path: string, content: string, hint: string): void {
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, content);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new WriteError(`Cannot write ${path}: ${(error as Error).message}`, hint, error);
  }
}

const shape = z.looseObject({
  schema: z.literal(1),
  runs: z.array(z.looseObject({ verdicts: z.array(z.looseObject({ id: z.string(), kind: z.string() })) })),
  broken: z.array(z.looseObject({ because: z.string() })),
});

/** Reads a run's report.json. Throws an Error that names the file when there is none or it has another shape. */
export function readReport(dir: string): Report {
  const path = join(dir, "report.json");
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  if (!shape.safeParse(content).success) throw new Error(`Cannot read ${path}: it is no report of this version`);
  return content as Report;
}
