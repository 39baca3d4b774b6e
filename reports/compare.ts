// Two reports, clause by clause: what was mended between them, what broke, what cannot be told any more. Terms: fixed –
// holds now, and did not · broken – held, and fails now · lost – held, and nothing can be said now · new, gone – only
// one of them judged it · otherwise – another verdict, while it holds in neither or was not asked of both. Pure.

import { isBroken, type Verdict, type VerdictKind } from "../checkers/verdict.ts";
import type { Report, RunReport } from "./report.ts";

export const changes = ["broken", "lost", "fixed", "new", "gone", "otherwise", "unchanged"] as const;
export type Change = (typeof changes)[number];

export interface ComparedClause {
  id: string;
  change: Change;
  level: Verdict["level"];
  text: string;
  /** Absent: not in that report. */
  from?: VerdictKind;
  to?: VerdictKind;
  /** Why it is no pass: now, or else before. */
  because?: string;
  diagnosis?: string;
}

export interface ComparedRun {
  system: string;
  target: string;
  /** In what the two runs differ, beside their verdicts. */
  notes: readonly string[];
  clauses: readonly ComparedClause[];
}

export interface Comparison {
  /** Version of this shape. */
  schema: 1;
  old: { createdAt: string; rollcall: string };
  new: { createdAt: string; rollcall: string };
  notes: readonly string[];
  runs: readonly ComparedRun[];
  counts: Readonly<Record<Change, number>>;
  /** 0 nothing that held broke · 1 something did, or cannot be told any more · 2 they have no clause in common. */
  exitCode: 0 | 1 | 2;
}

export function compare(old: Report, now: Report): Comparison {
  const { pairs, alone } = paired(old.runs, now.runs);
  const runs = pairs.map(([before, after]) => compareRuns(before, after));
  const wentDown = now.broken.filter(({ system }) => old.runs.some(({ target }) => target.system === system));
  const clauses = runs.flatMap((run) => run.clauses);
  const counts = Object.fromEntries(
    changes.map((change) => [change, clauses.filter((clause) => clause.change === change).length]),
  ) as Record<Change, number>;
  const broke = counts.broken + counts.lost + wentDown.length > 0;
  const inCommon = clauses.some(({ from, to }) => from !== undefined && to !== undefined);
  return {
    schema: 1,
    old: { createdAt: old.createdAt, rollcall: old.rollcall },
    new: { createdAt: now.createdAt, rollcall: now.rollcall },
    notes: [
      ...(old.rollcall === now.rollcall
        ? []
        : [`the old one is of rollcall ${old.rollcall}, the new one of ${now.rollcall}`]),
      ...alone,
      ...old.broken.map(({ target, because }) => `in the old one ${target} was not verified: ${because}`),
      ...now.broken.map(({ target, because }) => `in the new one ${target} was not verified: ${because}`),
    ],
    runs,
    counts,
    exitCode: broke ? 1 : inCommon ? 0 : 2,
  };
}

/** Runs of the same system; and what is left, where that is one of each. */
function paired(
  old: readonly RunReport[],
  now: readonly RunReport[],
): { pairs: [RunReport, RunReport][]; alone: string[] } {
  const left = [...now];
  const alone: RunReport[] = [];
  const pairs: [RunReport, RunReport][] = [];
  for (const run of old) {
    const at = left.findIndex(({ target }) => target.system === run.target.system);
    if (at < 0) alone.push(run);
    else pairs.push([run, left.splice(at, 1)[0]!]);
  }
  if (pairs.length === 0 && alone.length === 1 && left.length === 1)
    return { pairs: [[alone[0]!, left[0]!]], alone: [] };
  const only = (which: string, { target }: RunReport): string =>
    `${target.system} is in the ${which} one alone: nothing is compared with it`;
  return { pairs, alone: [...alone.map((run) => only("old", run)), ...left.map((run) => only("new", run))] };
}

function compareRuns(old: RunReport, now: RunReport): ComparedRun {
  const before = new Map(old.verdicts.map((verdict) => [verdict.id, verdict]));
  const after = new Set(now.verdicts.map(({ id }) => id));
  return {
    system: now.target.system,
    target: now.target.name,
    notes: notesOf(old, now),
    clauses: [
      ...now.verdicts.map((verdict) => compareClause(before.get(verdict.id), verdict)),
      ...old.verdicts.filter(({ id }) => !after.has(id)).map((verdict) => compareClause(verdict, undefined)),
    ],
  };
}

function compareClause(old: Verdict | undefined, now: Verdict | undefined): ComparedClause {
  const { id, level, text } = (now ?? old)!;
  const said = now?.because === undefined ? old : now;
  return {
    id,
    change: changeOf(old, now),
    level,
    text,
    ...(old === undefined ? {} : { from: old.kind }),
    ...(now === undefined ? {} : { to: now.kind }),
    ...(said?.because === undefined ? {} : { because: said.because }),
    ...(said?.diagnosis === undefined ? {} : { diagnosis: said.diagnosis }),
  };
}

/** It was asked for, and nothing can be said. */
const isUnknown = ({ kind }: Verdict): boolean => ["untested", "inconclusive", "broken"].includes(kind);

function changeOf(old: Verdict | undefined, now: Verdict | undefined): Change {
  if (old === undefined) return "new";
  if (now === undefined) return "gone";
  if (old.kind === now.kind) return "unchanged";
  if (now.kind === "pass") return isBroken(old) || isUnknown(old) ? "fixed" : "otherwise";
  if (old.kind !== "pass") return "otherwise";
  if (isBroken(now)) return "broken";
  return isUnknown(now) ? "lost" : "otherwise";
}

const listed = (values: readonly string[]): string => values.join(", ");

/** What makes two runs differ that are of one server. */
function notesOf(old: RunReport, now: RunReport): string[] {
  const differ = (what: string, before: unknown, after: unknown): string[] =>
    before === after ? [] : [`${what}: ${String(before)} before, ${String(after)} now`];
  const placesOf = ({ target }: RunReport): string => listed(target.addresses ?? target.instances);
  const without = (some: RunReport, others: RunReport): string[] =>
    some.target.capabilities.filter((name) => !others.target.capabilities.includes(name));
  const [lacking, added] = [without(old, now), without(now, old)];
  return [
    ...differ("another system", old.target.system, now.target.system),
    ...(old.target.system === now.target.system
      ? []
      : ["levels belong to a system: only clauses that both have are compared"]),
    // Each start of the embedded server is on ports of its own.
    ...(old.target.name === now.target.name && old.target.name.startsWith("embedded ")
      ? []
      : differ("another target", placesOf(old), placesOf(now))),
    ...differ("clauses in the set", old.manifest.clausesInSet, now.manifest.clausesInSet),
    ...differ("clauses selected", old.manifest.clausesSelected, now.manifest.clausesSelected),
    ...(lacking.length === 0 ? [] : [`without ${listed(lacking)} now: what needs it is unsupported`]),
    ...(added.length === 0 ? [] : [`with ${listed(added)} now`]),
    ...(now.manifest.interrupted ? ["the new run was interrupted"] : []),
    ...(old.manifest.interrupted ? ["the old run was interrupted"] : []),
    ...(now.canary.honest ? [] : [`refusals of the new run are not to be trusted: ${now.canary.because ?? ""}`]),
  ];
}

/** "1 broken · 3 fixed · …": whether anything broke or was fixed, in any case. */
export const summaryOf = (counts: Comparison["counts"]): string =>
  changes
    .filter((change) => counts[change] > 0 || change === "broken" || change === "fixed")
    .map((change) => `${counts[change]} ${change}`)
    .join(" · ");

/** Red before, and red now. */
export const stillRed = (clauses: readonly ComparedClause[]): ComparedClause[] =>
  clauses.filter(({ change, to }) => change === "unchanged" && (to === "fail" || to === "weak"));

/** "pass → fail" */
export const wayOf = ({ from, to }: ComparedClause): string => `${from ?? "–"} → ${to ?? "–"}`;
