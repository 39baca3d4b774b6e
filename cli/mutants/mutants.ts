// `rollcall mutants`: the verifier proved. Every mutant of the reference server must turn its clauses red; one that
// does not, crashes, does not start
// or does not type-check is reported, and the exit code is 1. `--matrix` keeps the result of all clauses in
// docs/mutant-matrix.json.

import type { Command } from "commander";
import { catalogue, type ClauseId } from "../../contract/catalogue.ts";
import { nearest } from "../../systems/nearest.ts";
import type { Mutant } from "../../targets/faulty.ts";
import { killedElsewhere, mutants } from "../../targets/mutants.ts";
import { changedNeighbours, keyOf, outdated, readMatrix, shareOf, shares, writeMatrix } from "./matrix.ts";
import { runMutants, type Kill } from "./run.ts";

interface Options {
  only?: string;
  full?: boolean;
  matrix?: boolean;
  all?: boolean;
  share?: string;
  minutes?: string;
  jobs: string;
  json?: boolean;
}

export function addMutantsCommand(program: Command): void {
  program
    .command("mutants")
    .description("prove the verifier: run broken servers and see the right clauses turn red (in the clone only)")
    .option("--only <ids>", "only these mutants, or those of these clauses or areas, comma-separated")
    .option("--full", "run every clause against each, not only those it must turn red")
    .option(
      "--matrix",
      "bring docs/mutant-matrix.json up to date: run every clause against the mutants whose row is missing or outdated",
    )
    .option("--all", "with --matrix: against all mutants")
    .option(
      "--share <n>",
      `check the n-th of ${shares} shares of the matrix (it wraps around: a count of commits will do), change nothing`,
    )
    .option("--minutes <n>", "begin no other mutant after so many minutes")
    .option("--jobs <n>", "mutants at a time", "2")
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  rollcall mutants --only sse\n  rollcall mutants --matrix\n  rollcall mutants --share $(git rev-list --count HEAD)",
    )
    .action(async (options: Options, command: Command) => {
      if (!import.meta.url.endsWith(".ts"))
        command.error(
          "error: mutants change the sources of the reference server, which the package does not have; next: run this in a clone",
        );
      const named = selectedBy(options.only);
      if (named.length === 0) {
        command.error(
          `error: --only: no mutant matches ${JSON.stringify(options.only)}${likelyOnes(options.only ?? "")}`,
        );
      }
      process.exitCode = (await run(named, options)) ? 0 : 1;
    });
}

const likelyMax = 5;

/** What may have been meant: few of five hundred. */
export function likelyOnes(only: string): string {
  const clauses = [...new Set(mutants.flatMap(({ red }) => red))];
  const areas = [...new Set(clauses.map((id) => id.split(".", 1)[0]!))];
  const known = [...areas, ...clauses, ...mutants.map(({ id }) => id)];
  const likely = only.split(",").flatMap((word) => nearest(word.trim(), known, likelyMax));
  if (likely.length > 0) return `; did you mean ${likely.slice(0, likelyMax).join(", ")}?`;
  return `; areas are ${areas.join(", ")}; next: npx rollcall clauses lists their clauses`;
}

function selectedBy(only: string | undefined): Mutant[] {
  const words = only?.split(",").map((word) => word.trim());
  return mutants.filter(
    ({ id, red }) =>
      words === undefined ||
      words.some((word) => word === id || red.some((clause) => clause === word || clause.startsWith(`${word}.`))),
  );
}

/** Returns whether all that ran were killed. */
async function run(named: readonly Mutant[], options: Options): Promise<boolean> {
  const print = options.json === true ? (): void => {} : (line: string): void => console.log(line);
  const matrix = readMatrix();
  const share = options.share === undefined ? named : shareOf(named, Number(options.share));
  const selected = options.matrix === true && options.all !== true ? outdated(share, matrix) : share;
  const keys = new Map(selected.map((mutant) => [mutant.id, keyOf(mutant)]));
  const compares = options.matrix === true || options.share !== undefined;
  const endMs = performance.now() + Number(options.minutes ?? Infinity) * 60_000;
  const kills = await runMutants(selected, {
    jobs: Math.max(1, Number(options.jobs)),
    full: options.full === true || compares,
    neighboursBefore: ({ id }) => matrix.get(id)?.neighbours ?? [],
    isOver: () => performance.now() > endMs,
    onKill: (kill, done) => {
      const changes = compares ? changedNeighbours(matrix.get(kill.mutant), kill.neighbours) : [];
      print(
        `${String(done).padStart(3)}/${selected.length} ${lineOf(kill, compares && kill.outcome === "killed" ? changes : undefined)}`,
      );
      if (options.matrix !== true || kill.outcome !== "killed") return;
      matrix.set(kill.mutant, {
        mutant: kill.mutant,
        key: keys.get(kill.mutant) ?? "",
        red: kill.red,
        neighbours: kill.neighbours,
      });
      writeMatrix(matrix, mutants);
    },
  });
  if (options.json === true) console.log(JSON.stringify(kills, undefined, 2));
  summarize(kills, selected, print);
  if (compares) reportOutdated(matrix, print);
  return kills.every(({ outcome }) => outcome === "killed");
}

/** @param changes of its neighbours since the row of the matrix was made; without one, all neighbours are printed. */
function lineOf(
  { mutant, outcome, survived, neighbours, because }: Kill,
  changes: readonly string[] | undefined,
): string {
  if (outcome === "survived") return `SURVIVED ${mutant} – not red: ${survived.join(", ")} (${because})`;
  if (outcome !== "killed") return `${outcome.toUpperCase()} ${mutant} – ${because}`;
  if (changes !== undefined)
    return `killed   ${mutant}${changes.length === 0 ? "" : ` – neighbours changed: ${changes.join(", ")}`}`;
  return `killed   ${mutant}${neighbours.length === 0 ? "" : ` – also red: ${neighbours.join(", ")}`}`;
}

function summarize(kills: readonly Kill[], selected: readonly Mutant[], print: (line: string) => void): void {
  const counts = Map.groupBy(kills, ({ outcome }) => outcome);
  const notRun = selected.length - kills.length;
  const parts = [...counts].map(([outcome, of]) => `${of.length} ${outcome}`);
  print(
    [
      ...(parts.length === 0 ? ["nothing to run"] : parts),
      ...(notRun > 0 ? [`${notRun} not run: no time left`] : []),
    ].join(", "),
  );
  const covered = new Set<string>([...mutants.flatMap(({ red }) => red), ...Object.keys(killedElsewhere)]);
  const uncovered = (Object.keys(catalogue) as ClauseId[]).filter((id) => !covered.has(id));
  if (uncovered.length > 0) print(`clauses without a killer: ${uncovered.join(", ")}`);
}

/** After a change of a central file most rows are outdated: nobody reads two hundred names. */
const namesShown = 5;

function reportOutdated(matrix: ReturnType<typeof readMatrix>, print: (line: string) => void): void {
  const ids = outdated(mutants, matrix).map(({ id }) => id);
  if (ids.length === 0) return;
  const shown = ids.length > namesShown ? [...ids.slice(0, namesShown), "…"] : ids;
  print(
    `${ids.length} of ${mutants.length} rows are missing or outdated: ${shown.join(", ")}; next: npx rollcall mutants --matrix`,
  );
}
