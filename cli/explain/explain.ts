// `rollcall explain CLAUSE|CAUSE`: what a line of a report is about, and what to do about it.

import type { Command } from "commander";
import { areas, catalogue, isClauseId, type ClauseId } from "../../contract/catalogue.ts";
import { diagnosisById, listCauses } from "../../reports/cause-ids.ts";
import { explainCause, explainClause, linesOfCause, linesOfClause } from "../../reports/explain.ts";
import { nearest } from "../../systems/nearest.ts";
import { reportIn } from "../read-report.ts";

const examples = `
Examples:
  rollcall explain subscribe.exactly-once     a clause, as a report and CONTRACT.md name it
  rollcall explain one-instance               a cause, as a report names it beside a diagnosis
  rollcall explain replay.only-mine --json    all of it, for a script`;

export function addExplainCommand(program: Command): void {
  program
    .command("explain")
    .description("what must hold, why, how it is proved, how it usually breaks and how it is mended")
    .argument("<id>", "a clause, as sse.content-type, or a cause, as duplicate")
    .option("--from <report>", "a report, where the cause is one of a definition of your own")
    .option("--json", "as JSON")
    .addHelpText("after", examples)
    .action(async (id: string, { json, from }: { json?: true; from?: string }, command: Command) => {
      const cause = isClauseId(id) ? undefined : causeNamed(id, from);
      if (!isClauseId(id) && cause === undefined) command.error(`error: ${unknown(id)}`);
      // Loads the proofs, which takes a while: not for who mistyped something.
      const { clausesWith, factsOf } = await import("./facts.ts");
      const tell = <T>(explained: T, lines: (of: T) => string[]): void =>
        console.log(json === true ? JSON.stringify(explained, undefined, 2) : lines(explained).join("\n"));
      if (isClauseId(id)) return tell(explainClause(id, factsOf(id)), linesOfClause);
      const { diagnosis, clauses = clausesWith(diagnosis) } = cause!;
      tell(explainCause(id, diagnosis, clauses), linesOfCause);
    });
}

/** One that Rollcall knows, or one of a report; throws HarnessError where that cannot be read. */
function causeNamed(
  id: string,
  from: string | undefined,
): { diagnosis: string; clauses?: readonly ClauseId[] } | undefined {
  const known = diagnosisById.get(id);
  if (known !== undefined) return { diagnosis: known };
  if (from === undefined) return undefined;
  const causes = reportIn(from).runs.flatMap(({ verdicts }) => listCauses(verdicts));
  const cause = causes.find((one) => one.id === id && one.diagnosis !== undefined);
  return cause === undefined ? undefined : { diagnosis: cause.diagnosis!, clauses: cause.clauses.filter(isClauseId) };
}

const shownMax = 5;

/** What may have been meant: few letters away, or of the same beginning. */
export function unknown(id: string): string {
  if (Object.hasOwn(areas, id))
    return `${JSON.stringify(id)} is an area: \`rollcall clauses ${id}\` lists its clauses, each of which can be explained`;
  if (id.startsWith("faults."))
    return `${JSON.stringify(id)} is a scenario with faults: \`rollcall verify --faults ${id.slice("faults.".length)}\` runs it`;
  const known = [...Object.keys(catalogue), ...diagnosisById.keys()];
  const near = nearest(id, known, shownMax);
  const alike =
    near.length > 0 ? near : known.filter((name) => name.startsWith(`${id.split(".")[0]!}.`)).slice(0, shownMax);
  const meant = alike.length === 0 ? "" : `; did you mean ${alike.join(", ")}?`;
  return `no clause and no cause is called ${JSON.stringify(id)}${meant}; \`rollcall clauses\` lists the clauses, a report names its causes`;
}
