// What several verdicts, or one that says little, may be due to. Each suspicion has a probe of its own, in a world of
// its own, and is spoken out only when that probe confirms it.

import type { Verdict } from "../checkers/verdict.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import type { World } from "./world.ts";

export interface Suspicion {
  /** Whether this verdict may be due to it. */
  concerns: (verdict: Verdict) => boolean;
  /** So many verdicts make it worth asking; what is untested because of them counts, too. */
  least: number;
  /** Whether what is inconclusive may be due to it as well. */
  explainsUnclear?: true;
  /** The diagnosis, if it is so. */
  probe: (world: World) => Promise<string | undefined>;
}

const isBroken = ({ kind }: Verdict): boolean => kind === "fail" || kind === "weak";

/** The verdicts, with the diagnoses that probes confirmed. `openWorld` makes a world for each probe. */
export async function nameCauses(
  verdicts: readonly Verdict[],
  suspicions: readonly Suspicion[],
  openWorld: () => World,
): Promise<Verdict[]> {
  let named = [...verdicts];
  for (const { concerns, least, explainsUnclear, probe } of suspicions) {
    const mayBe = (verdict: Verdict): boolean =>
      isBroken(verdict) || (explainsUnclear === true && verdict.kind === "inconclusive");
    const concerned = named.filter((verdict) => mayBe(verdict) && concerns(verdict));
    const owners = new Set(concerned.map(({ id }) => id));
    const untested = named.filter(({ kind, owner = "" }) => kind === "untested" && owners.has(owner));
    if (concerned.length === 0 || concerned.length + untested.length < least) continue;
    await using world = openWorld();
    const diagnosis = await answer(probe(world));
    if (diagnosis === undefined) continue;
    named = named.map((verdict) => (concerned.includes(verdict) ? { ...verdict, diagnosis } : verdict));
  }
  return named;
}

/** A probe that the target lets down proves nothing. */
async function answer(probe: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await probe;
  } catch (error) {
    if (error instanceof TargetError || error instanceof TimeoutError) return undefined;
    throw error;
  }
}
