// Why a run is not green, each cause once, worst first. Terms: cause – one broken clause, or several with one
// diagnosis, and everything that is untested because of it. Pure.

import { isBroken, type Verdict } from "../checkers/verdict.ts";
import { systemNamed } from "../systems/systems.ts";

export interface Cause {
  /** The worst of the clauses that say so, and of these the one on which most rests. */
  head: Verdict;
  /** The others that are broken for the same reason. */
  same: readonly Verdict[];
  /** What could not be tested because of it. */
  untested: readonly Verdict[];
}

const rank = { fail: 0, broken: 1, weak: 2, expected: 3 } as Readonly<Record<string, number>>;
const rankOf = ({ kind }: Verdict): number => rank[kind] ?? 4;

/** How much a cause weighs: failures first, then by how many MUSTs hang on it. */
const weightOf = ({ head, same, untested }: Cause): [number, number, number] => {
  const musts = [...same, ...untested].filter(({ level }) => level === "MUST").length;
  return [rankOf(head), -musts, -(same.length + untested.length)];
};

/** The causes of all that is broken or untested, worst first. An owner that is not broken itself is a cause as well. */
export function causesOf(verdicts: readonly Verdict[]): Cause[] {
  const untestedBy = Map.groupBy(
    verdicts.filter(({ kind }) => kind === "untested"),
    ({ owner = "" }) => owner,
  );
  const heads = verdicts.filter((verdict) => isBroken(verdict) || untestedBy.has(verdict.id));
  const untestedCount = ({ id }: Verdict): number => untestedBy.get(id)?.length ?? 0;
  const groups = Map.groupBy(heads, ({ id, diagnosis }) => diagnosis ?? id);
  const causes = [...groups.values()].map((group): Cause => {
    const [head, ...same] = group.toSorted(
      (one, other) => rankOf(one) - rankOf(other) || untestedCount(other) - untestedCount(one),
    );
    return { head: head!, same, untested: group.flatMap(({ id }) => untestedBy.get(id) ?? []) };
  });
  // An owner that did not run, because the run was interrupted, names nobody: the first stands for the others.
  for (const [owner, [first, ...others]] of untestedBy)
    if (first !== undefined && !verdicts.some(({ id }) => id === owner))
      causes.push({ head: first, same: [], untested: others });
  return causes.toSorted((one, other) => {
    const [a, b] = [weightOf(one), weightOf(other)];
    return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
  });
}

export const isSecurity = ({ head, same }: Cause): boolean => [head, ...same].some(({ security }) => security === true);

/** "login 12, subscribe 9": where the clauses are. */
export function areasOf(verdicts: readonly Verdict[]): string {
  const counts = Map.groupBy(verdicts, ({ id }) => id.slice(0, id.indexOf(".")));
  return [...counts].map(([area, of]) => `${area} ${of.length}`).join(", ");
}

/**
 * Runs just these clauses, or scenarios with faults, again. A system of one's own is in the configuration, and has no
 * name that the command knows.
 */
export function rerunCommand(
  { instances, system, again }: { instances: readonly string[]; system: string; again?: string },
  ids: readonly string[],
): string {
  const isBuiltIn = systemNamed(system) !== undefined;
  const where = again ?? instances.join(" ");
  return ["npx rollcall verify", where, isBuiltIn ? `--system ${system}` : "", selecting(ids)]
    .filter(Boolean)
    .join(" ");
}

const scenarioArea = "faults.";

function selecting(ids: readonly string[]): string {
  if (!ids.every((id) => id.startsWith(scenarioArea))) return `--only ${ids.join(",")}`;
  const scenarios = ids.map((id) => id.slice(scenarioArea.length)).filter((id) => id !== "soak");
  return ["--faults", scenarios.join(",")].filter(Boolean).join(" ");
}
