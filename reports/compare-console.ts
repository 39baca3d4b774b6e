// What `rollcall report OLD NEW` prints: what broke first, what holds again, what is still red, and what else changed.

import colors from "picocolors";
import { causeIdOf } from "./cause-ids.ts";
import {
  stillRed,
  summaryOf,
  wayOf,
  type Change,
  type ComparedClause,
  type ComparedRun,
  type Comparison,
} from "./compare.ts";
import { plain } from "./console.ts";
import { cut } from "./cut.ts";

const paint: Record<Change, (text: string) => string> = {
  broken: colors.red,
  lost: colors.magenta,
  fixed: colors.green,
  new: colors.cyan,
  gone: colors.dim,
  otherwise: colors.yellow,
  unchanged: colors.dim,
};

const reasonMax = 200;
/** Of what is no news: clauses that only one of them judged are many when one of them is of a few. */
const idsShown = 12;

export function printComparison({ notes, runs, counts }: Comparison): void {
  for (const note of notes) console.log(colors.yellow(plain(note)));
  for (const run of runs) printRun(run);
  console.log(`\n${colors.bold(summaryOf(counts))}`);
}

function printRun({ system, target, notes, clauses }: ComparedRun): void {
  console.log(`\n${colors.bold(plain(target))} (${system})`);
  for (const note of notes) console.log(colors.yellow(`  ${plain(note)}`));
  const told = new Set<string>();
  for (const change of ["broken", "lost", "fixed", "otherwise"] as const)
    for (const clause of clauses.filter((one) => one.change === change)) printClause(clause, told);
  for (const change of ["new", "gone"] as const)
    printIds(
      change,
      clauses.filter((one) => one.change === change),
    );
  printIds("still red", stillRed(clauses));
}

/** `told`: the causes whose diagnosis is on the screen already. */
function printClause(clause: ComparedClause, told: Set<string>): void {
  const { change, id, level, text, because, diagnosis } = clause;
  console.log(`${paint[change](change.padEnd(9))} ${colors.bold(id)} (${level}) ${wayOf(clause)}  ${plain(text)}`);
  if (change === "fixed") return;
  if (because !== undefined) console.log(`          ${cut(plain(because), reasonMax)}`);
  if (diagnosis === undefined) return;
  const cause = causeIdOf(diagnosis);
  const words = told.has(cause) ? "as above" : plain(diagnosis);
  told.add(cause);
  console.log(`          ${colors.cyan("diagnosis:")} ${words} ${colors.dim(`(cause ${plain(cause)})`)}`);
}

function printIds(title: string, clauses: readonly ComparedClause[]): void {
  if (clauses.length === 0) return;
  const rest = clauses.length - idsShown;
  const ids = clauses
    .slice(0, idsShown)
    .map(({ id, from, to }) => (from === undefined ? `${id} (${to})` : id))
    .join(", ");
  console.log(`${colors.dim(title.padEnd(9))} ${clauses.length}: ${ids}${rest > 0 ? ` and ${rest} more` : ""}`);
}
