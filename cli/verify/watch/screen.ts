// The one screen of `--watch`: what is fixed, what is new, what is next.

import colors from "picocolors";
import { countsOf, type VerdictKind } from "../../../checkers/verdict.ts";
import { causesOf } from "../../../reports/causes.ts";
import { plain, printCause } from "../../../reports/console.ts";
import type { RunReport } from "../../../reports/report.ts";
import type { Round, Rounds } from "./rounds.ts";

export interface Screen {
  rounds: Rounds;
  /** Why the last round ran, and how long it took. */
  because: string;
  tookMs: number;
  /** Of the last round; a string: why nothing could be verified. */
  came: (Round & { run: RunReport }) | string;
}

const idsShown = 8;

function idsOf(ids: readonly string[]): string {
  const rest = ids.length - idsShown;
  return `${ids.slice(0, idsShown).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

const clear = "\u001B[2J\u001B[3J\u001B[H";

export function printScreen({ rounds, because, tookMs, came }: Screen): void {
  if (process.stdout.isTTY) process.stdout.write(clear);
  const head = `round ${rounds.count}, ${plain(because)} · ${(tookMs / 1_000).toFixed(1)} s`;
  if (typeof came === "string") {
    console.log(`${colors.bold(head)}\n${colors.magenta("nothing verified")}  ${plain(came)}`);
  } else {
    const { fixed, broke, run } = came;
    console.log(`${colors.bold(`${plain(run.target.name)} (${run.target.system})`)} · ${head}`);
    if (fixed.length > 0) console.log(`${colors.green("fixed")}  ${idsOf(fixed)}`);
    if (broke.length > 0) console.log(`${colors.red("new")}    ${idsOf(broke)}`);
    printNext(rounds, run, fixed.length > 0);
  }
  console.log(`${countsLine(rounds)}\n${keysLine(rounds)}`);
}

function printNext(rounds: Rounds, run: RunReport, isMended: boolean): void {
  const { verdicts, red } = rounds;
  // The next round begins at once.
  if (isMended && rounds.isOnlyUntested) {
    console.log(`${colors.bold("next")}   ${red.length} that rested on it, and were untested`);
    return;
  }
  const [worst] = causesOf(red);
  if (worst === undefined) {
    console.log(colors.green(`all ${verdicts.length} that were asked hold, or are not scored`));
    return;
  }
  console.log(colors.bold("next"));
  printCause(worst, run);
}

function countsLine({ verdicts }: Rounds): string {
  const counts = Object.entries(countsOf(verdicts)) as [VerdictKind, number][];
  return counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

function keysLine({ all, red }: Rounds): string {
  const [worst] = causesOf(red);
  return colors.dim(
    [
      `a all (${all.length})`,
      ...(worst === undefined ? [] : [`f failed (${red.length})`, `o one (${worst.head.id})`]),
      "q quit",
    ].join(" · "),
  );
}
