// `rollcall clauses`: the catalogue, for people and scripts. `--markdown` is CONTRACT.md and `--sources` is
// docs/sources.md, `--definition` docs/definition.md; tests fail when these files are stale.

import type { Command } from "commander";
import { levelOf } from "../contract/catalogue.ts";
import { contractMarkdown, listClauses, type ListedClause } from "../reports/contract.ts";
import { leaveOutMarkdown } from "../reports/leave-out.ts";
import { sourcesMarkdown } from "../reports/sources.ts";
import { freeze } from "../runner/requirement-set.ts";
import { systemNamed, systemNames } from "../systems/systems.ts";
import { selectClauses } from "./verify/select.ts";
import { UsageError } from "./verify/usage-error.ts";

interface ClausesOptions {
  system?: string;
  markdown?: boolean;
  sources?: boolean;
  definition?: boolean;
  freeze?: boolean;
  json?: boolean;
}

const examples = `
Examples:
  rollcall clauses sse replay                      what event streams owe
  rollcall clauses --system stomp connect          of one area, for one system
  rollcall clauses subscribe.exactly-once --json   all of one: its source, and the file of its proof`;

export function addClausesCommand(program: Command): void {
  program
    .command("clauses")
    .description("print the clauses: level, id and text; with --json all of each")
    .argument("[ids...]", "only these: clauses, areas or patterns, as sse.content-type, sse or 'sse.*-id'")
    .option("--system <name>", `only what this system owes (${systemNames.join(", ")})`)
    .option("--markdown", "as CONTRACT.md")
    .option("--sources", "where they come from, as docs/sources.md")
    .option("--definition", "what a definition may leave out, as docs/definition.md")
    .option("--freeze", "make the clauses of today those that count (contract/sets/, in the clone only)")
    .option("--json", "as JSON")
    .addHelpText("after", examples)
    .action((ids: string[], options: ClausesOptions, command: Command) => {
      if (options.system !== undefined && systemNamed(options.system) === undefined)
        command.error(`error: unknown system ${JSON.stringify(options.system)}: known are ${systemNames.join(", ")}`);
      const whole = (["markdown", "sources", "definition", "freeze"] as const).find((flag) => options[flag] === true);
      if (whole !== undefined && ids.length > 0) command.error(`error: --${whole} is about all clauses`);
      const clauses = wanted(ids, options.system, command);
      if (options.freeze === true) for (const system of systemNames) console.log(`${system}: set ${freeze(system)}`);
      else if (options.markdown === true) process.stdout.write(contractMarkdown());
      else if (options.sources === true) process.stdout.write(sourcesMarkdown());
      else if (options.definition === true) process.stdout.write(leaveOutMarkdown());
      else if (options.json === true) console.log(JSON.stringify(clauses, undefined, 2));
      else
        for (const clause of clauses)
          console.log(
            `${levelOf(clause.id, options.system ?? "discodeit-1").padEnd(6)} ${clause.id.padEnd(44)} ${clause.text}`,
          );
    });
}

/** A misspelt one is a usage error, and so are those that the system does not owe. */
function wanted(ids: readonly string[], system: string | undefined, command: Command): ListedClause[] {
  const clauses = listClauses(system);
  if (ids.length === 0) return clauses;
  try {
    const selected = new Set<string>(selectClauses(ids.join(",")));
    const found = clauses.filter(({ id }) => selected.has(id));
    if (found.length === 0) throw new UsageError(`${system} owes none of these clauses`);
    return found;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return command.error(`error: ${error.message}`);
  }
}
