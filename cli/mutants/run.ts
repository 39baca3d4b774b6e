// What does a mutant of the reference server come to? Killed only if all of its clauses turn red because the server
// does what the mutant says: one that does not type-check, does not start, dies, or fails as code (targets/crash.ts)
// has killed nothing. Terms: neighbour – a clause that turns red though the mutant does not name it (runs with all
// clauses only). What differs from what was expected, under load say, is asked again alone, on the same server, before
// it is believed.

import { catalogue, isClauseId, type ClauseId } from "../../contract/catalogue.ts";
import type { Capability } from "../../contract/clause.ts";
import { demoAdmin } from "../../systems/discodeit/wire.ts";
import type { Verdict } from "../../checkers/verdict.ts";
import { findChromium } from "../../drivers/chromium.ts";
import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import { targetOfStack } from "../../targets/compose/target.ts";
import { startFaulty, type Broken, type Mutant } from "../../targets/faulty.ts";
import { openFaultyStack } from "../../targets/faulty-stack.ts";
import type { Target } from "../../systems/target.ts";
import { typeErrorsOf } from "../../targets/type-check.ts";
import { runContract } from "../../runner/run.ts";
import { ownCapabilities } from "../../targets/own.ts";
import { systems } from "../../systems/systems.ts";

type Outcome = "killed" | "survived" | "crashed" | "did not start" | "does not type-check";

export interface Kill {
  mutant: string;
  outcome: Outcome;
  /** Its clauses that turned red, those that stayed green, and neighbours that turned red too. */
  red: ClauseId[];
  survived: ClauseId[];
  neighbours: ClauseId[];
  /** Why it was not killed, for people; "" when it was. */
  because: string;
}

export interface MutantRunOptions {
  /** Mutants at a time. */
  jobs: number;
  /** Run every clause, not only those that the mutant must turn red. */
  full: boolean;
  /** The neighbours of the last time: what differs from them is asked again. */
  neighboursBefore?: (mutant: Mutant) => readonly ClauseId[];
  /** false: run it whether it type-checks or not. */
  typeCheck?: boolean;
  onKill?: (kill: Kill, done: number) => void;
  /** Aborted, or returns true: no other mutant is begun. */
  isOver?: () => boolean;
}

/** Runs mutants beside each other, each in its own server. */
export async function runMutants(selected: readonly Mutant[], options: MutantRunOptions): Promise<Kill[]> {
  const kills: Kill[] = [];
  const note = (kill: Kill): void => {
    kills.push(kill);
    options.onKill?.(kill, kills.length);
  };
  const typeErrors = options.typeCheck === false ? new Map<string, string[]>() : await typeErrorsOf(selected);
  for (const mutant of selected) {
    const errors = typeErrors.get(mutant.id);
    if (errors !== undefined) note(nothingKilled(mutant, "does not type-check", errors.join("; ")));
  }
  // Stacks last: Docker is not always there.
  const queue = selected
    .filter((mutant) => !typeErrors.has(mutant.id) && canJudge(mutant))
    .toSorted((one, other) => Number(one.stack === true) - Number(other.stack === true));
  const worker = async (): Promise<void> => {
    while (options.isOver?.() !== true) {
      const mutant = queue.shift();
      if (mutant === undefined) return;
      note(await runMutant(mutant, options));
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, queue.length) }, worker));
  return kills;
}

const needsBrowser = ({ red }: Mutant): boolean => red.some((id) => catalogue[id].needs?.includes("browser") === true);

/** A browser is not everywhere; without one nothing is said of what only a browser notices. */
const canJudge = (mutant: Mutant): boolean => !needsBrowser(mutant) || findChromium() !== undefined;

const nothingKilled = (mutant: Mutant, outcome: Outcome, because: string): Kill => ({
  mutant: mutant.id,
  outcome,
  red: [],
  survived: [...mutant.red],
  neighbours: [],
  because,
});

type OpenMutant = AsyncDisposable & Broken & { target: Target };

/** The mutant as a target, in its own process or stack. */
async function open(mutant: Mutant): Promise<OpenMutant> {
  const system = mutant.system ?? "discodeit-1";
  if (mutant.stack === true) {
    const stack = await openFaultyStack(mutant);
    return { ...lifeOf(stack), target: { ...targetOfStack(stack, system), name: mutant.id } };
  }
  const server = await startFaulty(mutant);
  // Of the others no browser is asked: one takes a second to start.
  const browser = needsBrowser(mutant) ? findChromium() : undefined;
  const hasAdmin = systems[system]!.accounts?.appoint !== undefined;
  const target: Target = {
    name: mutant.id,
    system: systems[system]!,
    instances: [server.urls[system]],
    tcp: server.tcp,
    capabilities: new Set<Capability>([
      ...ownCapabilities(systems[system]!),
      ...(hasAdmin ? (["admin"] as const) : []),
      ...(browser === undefined ? [] : (["browser"] as const)),
    ]),
    ...(browser === undefined ? {} : { browser }),
    ...(hasAdmin ? { admin: demoAdmin } : {}),
    throwAway: true,
  };
  return { ...lifeOf(server), target };
}

const lifeOf = (broken: Broken & AsyncDisposable): Broken & AsyncDisposable => ({
  end: () => broken.end(),
  [Symbol.asyncDispose]: () => broken[Symbol.asyncDispose](),
});

async function runMutant(mutant: Mutant, options: MutantRunOptions): Promise<Kill> {
  let broken: OpenMutant;
  try {
    broken = await open(mutant);
  } catch (error) {
    return nothingKilled(mutant, "did not start", (error as Error).message);
  }
  let kill: Kill;
  try {
    kill = await judge(mutant, broken.target, options);
  } catch (error) {
    // Our own fault, or the machine's; the others go on.
    kill = nothingKilled(mutant, "survived", (error as Error).message);
  }
  const crash = await broken.end();
  return crash === undefined ? kill : nothingKilled(mutant, "crashed", crash);
}

async function judge(mutant: Mutant, target: Target, { full, neighboursBefore }: MutantRunOptions): Promise<Kill> {
  const patient = mutant.red.some((id) => catalogue[id].needs?.includes("patience") === true);
  let setUp: string | undefined;
  const verdictsOf = async (only?: readonly ClauseId[]): Promise<Verdict[]> => {
    try {
      return (await runContract({ target, patient, house: true, ...(only === undefined ? {} : { only }) })).verdicts;
    } catch (error) {
      if (!(error instanceof TargetError) && !(error instanceof TimeoutError)) throw error;
      // So broken that not even the set-up works (sign-up, login, one message). Every user sees that at once, but it
      // proves no clause.
      setUp = `set-up: ${error.message}`;
      return [];
    }
  };
  const verdicts = new Map((await verdictsOf(full ? undefined : mutant.red)).map((verdict) => [verdict.id, verdict]));
  const isRed = (id: ClauseId): boolean => ["fail", "weak"].includes(verdicts.get(id)?.kind ?? "");
  const neighbours = (): ClauseId[] =>
    [...verdicts.keys()].filter(isClauseId).filter((id) => isRed(id) && !mutant.red.includes(id));
  if (full && setUp === undefined) {
    const before = neighboursBefore?.(mutant) ?? [];
    const changed = [
      ...neighbours().filter((id) => !before.includes(id)),
      ...before.filter((id) => !isRed(id)),
      ...mutant.red.filter((id) => !isRed(id)),
    ];
    if (changed.length > 0) for (const verdict of await verdictsOf(changed)) verdicts.set(verdict.id, verdict);
  }
  const survived = mutant.red.filter((id) => !isRed(id));
  return {
    mutant: mutant.id,
    outcome: survived.length === 0 ? "killed" : "survived",
    red: mutant.red.filter(isRed),
    survived,
    neighbours: neighbours().toSorted(),
    because:
      setUp ??
      survived
        .map(
          (id) => `${id} is ${verdicts.get(id)?.kind ?? "not run"}: ${verdicts.get(id)?.because ?? "its proof held"}`,
        )
        .join("; "),
  };
}
