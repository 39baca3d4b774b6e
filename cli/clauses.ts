// `rollcall clauses`: the catalogue, for people and scripts. `--markdown` is CONTRACT.md and `--sources` is
// docs/sources.md, `--definition` docs/definition.md; tests fail when these files are stale.

import type { Command } from "commander";
import { levelOf } from "../contract/catalogue.ts";
import { contractMarkdown, listClauses } from "../reports/contract.ts";
import { leaveOutMarkdown } from "../reports/leave-out.ts";
import { sourcesMarkdown } from "../reports/sources.ts";
import { freeze } from "../runner/requirement-set.ts";
import { systemNamed, systemNames } from "../systems/systems.ts";

export function addClausesCommand(program: Command): void {
  program
    .command("clauses")
    .description("print the clauses: level, id and text; with --json all of each")
    .option("--system <name>", `only one requirement set (${systemNames.join(", ")})`)
    .option("--markdown", "as CONTRACT.md")
    .option("--sources", "where they come from, as docs/sources.md")
    .option("--definition", "what a definition may leave out, as docs/definition.md")
    .option("--freeze", "make the clauses of today the requirement sets (contract/sets/, in the clone only)")
    .option("--json", "as JSON")
    .action(
      (
        options: {
          system?: string;
          markdown?: boolean;
          sources?: boolean;
          definition?: boolean;
          freeze?: boolean;
          json?: boolean;
        },
        command: Command,
      ) => {
        if (options.system !== undefined && systemNamed(options.system) === undefined)
          command.error(`error: unknown system ${JSON.stringify(options.system)}: known are ${systemNames.join(", ")}`);
        const clauses = listClauses(options.system);
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
      },
    );
}
