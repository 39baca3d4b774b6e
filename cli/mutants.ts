// `rollcall mutants`: the kill matrix. Every mutant of the reference server must turn its clauses red; a survivor is told with its clause.

import type { Command } from "commander";
import { catalogue, isClauseId, type ClauseId } from "../contract/catalogue.ts";
import type { Capability } from "../contract/clause.ts";
import { demoAdmin } from "../contract/wire.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import { targetOfStack } from "../targets/compose-target.ts";
import { startFaulty, type Mutant } from "../targets/faulty.ts";
import { openFaultyStack } from "../targets/faulty-stack.ts";
import { mutants } from "../targets/mutants.ts";
import type { Target } from "../targets/target.ts";
import { runContract } from "../tests/contract/run.ts";

/** What a mutant came to: its clauses that turned red, those that stayed green, and neighbours that turned red too (`--full`). */
export interface Kill {
  mutant: string;
  red: ClauseId[];
  survived: ClauseId[];
  neighbours: ClauseId[];
  /** What became of the survivors, for people. */
  because: string;
}

export function addMutantsCommand(program: Command): void {
  program
    .command("mutants")
    .description("prove the verifier: run broken servers and see the right clauses turn red (in the clone only)")
    .option("--only <ids>", "only these mutants, or those of these clauses or areas, comma-separated")
    .option("--full", "run every clause against each, not only those it must turn red")
    .option("--jobs <n>", "mutants at a time", "2")
    .option("--json", "print the matrix as JSON")
    .action(async (options: { only?: string; full?: boolean; jobs: string; json?: boolean }, command: Command) => {
      if (!import.meta.url.endsWith(".ts"))
        command.error("error: mutants change the sources of the reference server, which the package does not have; next: run this in a clone");
      const words = options.only?.split(",").map((word) => word.trim());
      const selected = mutants.filter(
        ({ id, red }) => words === undefined || words.some((word) => word === id || red.some((clause) => clause === word || clause.startsWith(`${word}.`))),
      );
      if (selected.length === 0) {
        console.error(`rollcall: no mutant matches ${JSON.stringify(options.only)}; known are ${mutants.map(({ id }) => id).join(", ")}`);
        process.exitCode = 3;
        return;
      }
      const kills = await runMutants(selected, {
        jobs: Math.max(1, Number(options.jobs)),
        full: options.full === true,
        onKill: (kill, done) => {
          if (options.json !== true)
            console.log(
              `${String(done).padStart(3)}/${selected.length} ${kill.survived.length === 0 ? "killed  " : "SURVIVED"} ${kill.mutant}${kill.survived.length === 0 ? "" : ` – not red: ${kill.survived.join(", ")} (${kill.because})`}${kill.neighbours.length === 0 ? "" : ` – also red: ${kill.neighbours.join(", ")}`}`,
            );
        },
      });
      if (options.json === true) console.log(JSON.stringify(kills, undefined, 2));
      const covered = new Set(mutants.flatMap(({ red }) => red));
      const uncovered = (Object.keys(catalogue) as ClauseId[]).filter((id) => !covered.has(id));
      if (words === undefined && options.json !== true)
        console.log(
          `${covered.size} of ${covered.size + uncovered.length} clauses have a killer${uncovered.length === 0 ? "" : `; without: ${uncovered.join(", ")}`}`,
        );
      process.exitCode = kills.some(({ survived }) => survived.length > 0) ? 1 : 0;
    });
}

/** Runs mutants beside each other, each in its own server. */
export async function runMutants(
  selected: readonly Mutant[],
  options: { jobs: number; full: boolean; onKill?: (kill: Kill, done: number) => void },
): Promise<Kill[]> {
  // Stacks last: Docker is not always there.
  const queue = selected.toSorted((one, other) => Number(one.stack === true) - Number(other.stack === true));
  const kills: Kill[] = [];
  const worker = async (): Promise<void> => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const kill = await runMutant(mutant, options.full);
      kills.push(kill);
      options.onKill?.(kill, kills.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, selected.length) }, worker));
  return kills;
}

/** The mutant as a target, in a process or a stack of its own. */
async function open(mutant: Mutant): Promise<AsyncDisposable & { target: Target }> {
  const system = mutant.system ?? "discodeit-1";
  if (mutant.stack === true) {
    const stack = await openFaultyStack(mutant);
    return { target: { ...targetOfStack(stack, system), name: mutant.id }, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
  }
  const server = await startFaulty(mutant);
  const target: Target = {
    name: mutant.id,
    system,
    instances: [server.urls[system]],
    capabilities: new Set<Capability>(["admin"]),
    admin: demoAdmin,
    throwAway: true,
  };
  return { target, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A mutant that cannot even be started proves nothing; the others go on. */
async function runMutant(mutant: Mutant, full: boolean): Promise<Kill> {
  try {
    return await tryMutant(mutant, full);
  } catch (error) {
    return { mutant: mutant.id, red: [], survived: [...mutant.red], neighbours: [], because: (error as Error).message };
  }
}

async function tryMutant(mutant: Mutant, full: boolean): Promise<Kill> {
  await using broken = await open(mutant);
  const { target } = broken;
  const patient = mutant.red.some((id) => catalogue[id].needs?.includes("patience") === true);
  let red: string[] = [];
  let because: string;
  try {
    const { verdicts } = await runContract({ target, patient, ...(full ? {} : { only: mutant.red }) });
    red = verdicts.filter(({ kind }) => kind === "fail" || kind === "weak").map(({ id }) => id);
    because = verdicts
      .filter(({ id }) => mutant.red.includes(id as ClauseId) && !red.includes(id))
      .map(({ id, kind, because: why }) => `${id} is ${kind}${why === undefined ? "" : `: ${why}`}`)
      .join("; ");
  } catch (error) {
    if (!(error instanceof TargetError) && !(error instanceof TimeoutError)) throw error;
    // So broken that not even the set-up works (sign-up, login, one message). Every user sees that at once, but it proves no clause.
    because = `set-up: ${error.message}`;
  }
  const isRed = new Set(red);
  return {
    mutant: mutant.id,
    red: mutant.red.filter((id) => isRed.has(id)),
    survived: mutant.red.filter((id) => !isRed.has(id)),
    neighbours: red.filter(isClauseId).filter((id) => !mutant.red.includes(id)),
    because,
  };
}
