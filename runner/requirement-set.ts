// Which clauses of a system are scored? The requirement set: a file of ids that only `rollcall clauses --freeze`
// rewrites, so that an upgrade of Rollcall makes no target worse overnight. A clause that came later is not scored.
// Form: "set 3", then a line per clause, its level before its id.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { clausesOf, levelOf, type ClauseId } from "../contract/catalogue.ts";

export interface RequirementSet {
  version: number;
  ids: ReadonlySet<string>;
}

const fileOf = (system: string): URL => new URL(`../contract/sets/${system}.txt`, import.meta.url);

const linesOf = (system: string): string[] => clausesOf(system).map((id) => `${levelOf(id, system).padEnd(6)} ${id}`);

/** Of a system that was never frozen, all clauses of today. */
export function readSet(system: string): RequirementSet {
  if (!existsSync(fileOf(system))) return { version: 0, ids: new Set(clausesOf(system)) };
  const [head = "", ...lines] = readFileSync(fileOf(system), "utf8").trimEnd().split("\n");
  return {
    version: Number(head.split(" ")[1]),
    ids: new Set(lines.map((line) => line.slice(line.indexOf(" ")).trim())),
  };
}

/** Clauses that came after the set was frozen. */
export const laterThanSet = (system: string, { ids }: RequirementSet): ClauseId[] =>
  clausesOf(system).filter((id) => !ids.has(id));

/** Makes the clauses of today the set; one that differs has the next number. Returns its number. */
export function freeze(system: string): number {
  const lines = linesOf(system).join("\n");
  const old = existsSync(fileOf(system)) ? readFileSync(fileOf(system), "utf8") : "set 0\n";
  const [head = "", ...rest] = old.trimEnd().split("\n");
  const version = Number(head.split(" ")[1]);
  if (rest.join("\n") === lines) return version;
  writeFileSync(fileOf(system), `set ${version + 1}\n${lines}\n`);
  return version + 1;
}
