// `rollcall report --matrix`: what several targets do about each clause, side by side, as a page. Markdown.

import { reasonOf, type KnownFailure, type Verdict, type VerdictKind } from "../checkers/verdict.ts";
import type { Report } from "./report.ts";

/** One target's verdicts, under a short name that no other column has. */
export interface Column {
  name: string;
  verdicts: readonly Verdict[];
}

/**
 * `name` for a report's only run; with its system, where there are several. Targets that broke have no column. A clause
 * that is `known` to fail has its listed reason alone, the same in each run.
 */
export const columnsOf = (
  name: string,
  { runs }: Report,
  known: ReadonlyMap<string, KnownFailure> = new Map(),
): Column[] =>
  runs.map(({ target, verdicts }) => ({
    name: runs.length === 1 ? name : `${name} ${target.system}`,
    verdicts: verdicts.map((verdict) => withReason(verdict, known.get(verdict.id))),
  }));

const withReason = (verdict: Verdict, known: KnownFailure | undefined): Verdict =>
  verdict.kind === "expected" && known !== undefined ? { ...verdict, because: reasonOf(known) } : verdict;

const notJudged: readonly VerdictKind[] = ["unsupported", "not scored"];
const words: Partial<Record<VerdictKind, string>> = { fail: "**fail**" };
/** A reason is a sentence here; the report has all of it. */
const reasonCharsMax = 400;

const escaped = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, " ")
    .replaceAll("|", String.raw`\|`)
    .replaceAll("<", "&lt;");

const cellOf = (verdict: Verdict | undefined): string =>
  verdict === undefined || notJudged.includes(verdict.kind) ? "–" : (words[verdict.kind] ?? verdict.kind);

const countOf = ({ verdicts }: Column, kind: VerdictKind): number =>
  verdicts.filter((verdict) => verdict.kind === kind).length;

/**
 * Clauses × columns; below it what broke a clause, column by column. Clauses that nobody was judged by are left out.
 */
export function matrixMarkdown(columns: readonly Column[]): string {
  const judged = columns.flatMap(({ verdicts }) => verdicts.filter(({ kind }) => !notJudged.includes(kind)));
  const texts = new Map(judged.map(({ id, text }) => [id, text]));
  const of = columns.map(({ verdicts }) => new Map(verdicts.map((verdict) => [verdict.id, verdict])));
  const counts = (["pass", "expected", "weak", "fail", "untested"] as const).map(
    (kind) => `| ${words[kind] ?? kind} | ${columns.map((column) => countOf(column, kind)).join(" | ")} |`,
  );
  const head = (first: string): string[] => [
    `| ${first} | ${columns.map(({ name }) => escaped(name)).join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
  ];
  const rows = [...texts].map(
    ([id, text]) => `| \`${id}\` ${escaped(text)} | ${of.map((verdicts) => cellOf(verdicts.get(id))).join(" | ")} |`,
  );
  const reasons = columns.flatMap(({ name, verdicts }) => {
    const broken = verdicts.filter(({ kind }) => ["fail", "weak", "expected"].includes(kind));
    if (broken.length === 0) return [];
    const lines = broken.map(({ id, because = "" }) => `- \`${id}\`: ${escaped(because).slice(0, reasonCharsMax)}`);
    return ["", `## ${escaped(name)}`, "", ...lines];
  });
  return `${[...head("verdicts"), ...counts, "", ...head("clause"), ...rows, ...reasons].join("\n")}\n`;
}
