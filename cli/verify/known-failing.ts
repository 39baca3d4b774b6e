// The list of clauses that may fail, with a reason each: how `--known-failing` reads it and `--write-known-failing`
// writes it. Whoever takes over a server with many failures writes the list once and then takes entries off it.

import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { KnownFailure, Verdict } from "../../checkers/verdict.ts";
import { isClauseId, type ClauseId } from "../../contract/catalogue.ts";
import { UsageError } from "./usage-error.ts";

export type KnownFailures = ReadonlyMap<ClauseId, KnownFailure>;

/** Reasons are sentences, not transcripts. */
const reasonCharsMax = 200;

const shape = z.record(z.string(), z.object({ reason: z.string().min(1), link: z.string().optional() }));

/** Throws UsageError that names the flag, the file and what is wrong in it. */
export function readKnownFailures(path: string, flag = "--known-failing"): Map<ClauseId, KnownFailure> {
  let list: unknown;
  try {
    list = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const what = error instanceof SyntaxError ? `${path} is no JSON` : `cannot read ${path}`;
    throw new UsageError(`${flag}: ${what}: ${(error as Error).message}`);
  }
  if (typeof list !== "object" || list === null || Array.isArray(list))
    throw new UsageError(`${flag}: ${path} takes an object: {"clause.id": {"reason": …}}`);
  const known = new Map<ClauseId, KnownFailure>();
  for (const [id, entry] of Object.entries(list)) {
    if (!isClauseId(id)) throw new UsageError(`${flag}: no clause is called ${JSON.stringify(id)}`);
    const parsed = shape.safeParse({ [id]: entry });
    if (!parsed.success) throw new UsageError(`${flag}: ${id} needs a reason`);
    const { reason, link } = parsed.data[id]!;
    known.set(id, { reason, ...(link === undefined ? {} : { link }) });
  }
  return known;
}

/** The list that a file holds already; none when there is no such file. Throws UsageError. */
export function readListToWrite(path: string): Map<ClauseId, KnownFailure> {
  try {
    readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw new UsageError(`--write-known-failing: cannot read ${path}: ${(error as Error).message}`);
  }
  return readKnownFailures(path, "--write-known-failing");
}

export interface NewList {
  list: Map<ClauseId, KnownFailure>;
  added: ClauseId[];
  /** Listed before, and not judged to hold in this run: their reasons stay. */
  kept: ClauseId[];
  /** Listed before, and they hold now. */
  dropped: ClauseId[];
}

/**
 * The next list: what fails in this run, reasons that somebody wrote before the run's. `verdicts` are those of all
 * targets; `known` is what the run excused. With `strict`, what is weak is listed too, for it makes the run fail.
 */
export function nextList(
  verdicts: readonly Verdict[],
  known: KnownFailures,
  old: KnownFailures,
  strict: boolean,
): NewList {
  const list = new Map<ClauseId, KnownFailure>();
  const added: ClauseId[] = [];
  // What was excused and fails the run nevertheless holds: `judge` of checkers/verdict.ts calls its entry stale.
  const holds = ({ id, kind }: Verdict): boolean => kind === "pass" || (kind === "fail" && known.has(id as ClauseId));
  const isFailure = (verdict: Verdict): boolean =>
    verdict.kind === "expected" ||
    (!holds(verdict) && (verdict.kind === "fail" || (strict && verdict.kind === "weak")));
  const failing = new Map(verdicts.filter(isFailure).map((verdict) => [verdict.id, verdict]));
  const holding = new Set(verdicts.filter(holds).map(({ id }) => id));
  for (const [id, failure] of old) if (failing.has(id) || !holding.has(id)) list.set(id, failure);
  for (const [id, verdict] of failing) {
    if (!isClauseId(id) || list.has(id)) continue;
    const excused = known.get(id);
    list.set(id, excused ?? { reason: reasonOf(verdict) });
    added.push(id);
  }
  const kept = [...old.keys()].filter((id) => list.has(id));
  return { list, added, kept, dropped: [...old.keys()].filter((id) => !list.has(id)) };
}

function reasonOf({ because = "", diagnosis }: Verdict): string {
  const text = (diagnosis ?? because)
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, reasonCharsMax);
  return text === "" ? "it fails" : text.toWellFormed();
}

/** Writes the list and returns what to print about it. */
export function writeKnownFailures(path: string, { list, added, kept, dropped }: NewList): string {
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(list), undefined, 2)}\n`);
  const ids = (title: string, of: readonly string[]): string[] =>
    of.length === 0 ? [] : [`${title} ${of.length} (${of.join(", ")})`];
  const what = [
    ...ids("added", added),
    ...(kept.length === 0 ? [] : [`kept the reasons of ${kept.length}`]),
    ...ids("dropped, they hold now:", dropped),
  ];
  return `known failing: ${path} lists ${list.size}; ${what.length === 0 ? "nothing fails" : what.join("; ")}`;
}
