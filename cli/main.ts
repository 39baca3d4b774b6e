// The command line: registers every subcommand. Each one says what it does, what went wrong and what to do next.

import { Command } from "commander";
import { addClausesCommand } from "./clauses.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addLoadCommand } from "./load.ts";
import { addMutantsCommand } from "./mutants.ts";
import { addReportCommand } from "./report.ts";
import { addServeCommand } from "./serve.ts";
import { addStackCommand } from "./stack.ts";
import { addVerifyCommand } from "./verify.ts";
import { version } from "./version.ts";

const program = new Command("rollcall")
  .description("Does every subscriber, in every tab, on every instance, hear every message exactly once, in order, and nothing that is not theirs?")
  .version(version)
  .showHelpAfterError("(add --help for the options)")
  .exitOverride((error) => {
    // Usage errors are 3; --help and --version end with 0.
    process.exit(error.exitCode === 0 ? 0 : 3);
  });

addVerifyCommand(program);
addServeCommand(program);
addLoadCommand(program);
addStackCommand(program);
addClausesCommand(program);
addReportCommand(program);
addMutantsCommand(program);
addDoctorCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(`rollcall: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 4;
}
