// What one must know of a run to understand its exit code where no clause's line says it. Pure.

import { scoredCount } from "../checkers/verdict.ts";
import type { RunReport } from "./report.ts";

/** Where nothing could be measured, the measured order says nothing; the note says why. */
const isUnmeasured = (note: string): boolean =>
  /^(not measured|no (message|event) was heard|watched for|0 of )/.test(note);

export function orderOf({ ordered, note }: RunReport["baseline"]): string {
  if (ordered) return "order kept";
  return `order ${isUnmeasured(note) ? "unknown" : "not kept"} (${note})`;
}

const clauses = (count: number): string => (count === 1 ? "1 clause" : `${count} clauses`);

/** The sentence; undefined: the clauses say it all. */
export function closingOf({ strict, counts, manifest, verdicts }: RunReport): string | undefined {
  if (strict && counts.weak > 0 && counts.fail === 0)
    return `${clauses(counts.weak)} that ${counts.weak === 1 ? "is" : "are"} weak failed the run, because of --strict`;
  if (manifest.interrupted || verdicts.length === 0 || scoredCount(counts) > 0) return undefined;
  const reasons = [...Map.groupBy(verdicts, ({ because = "" }) => because)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  const more =
    reasons.length === 1
      ? ""
      : ` (and ${reasons.length - 1} more ${reasons.length === 2 ? "reason" : "reasons"}, above)`;
  const none =
    verdicts.length === 1
      ? "the clause that was selected was not judged"
      : `none of the ${verdicts.length} clauses that were selected was judged`;
  return `nothing ran: ${none}: ${reasons[0]![0]}${more}`;
}
