// The command line: registers the subcommand that is asked for, or all of them for help. Each one says what it does,
// what went wrong and what to do next.

import { enableCompileCache } from "node:module";
import { Command } from "commander";
import { compileCacheFolder } from "../drivers/compile-cache.ts";
import { catchEarly } from "./interrupt.ts";
import { nextStep } from "./next-step.ts";
import { version } from "./version.ts";

catchEarly();
// Before anything large is loaded. Where nothing can be kept, each start takes longer, and that is all.
enableCompileCache(compileCacheFolder);

/** A subcommand is loaded only when it is named: `verify` must not wait for Docker's libraries. */
const subcommands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  verify: async () => (await import("./verify/verify.ts")).addVerifyCommand,
  init: async () => (await import("./init/init.ts")).addInitCommand,
  serve: async () => (await import("./serve.ts")).addServeCommand,
  load: async () => (await import("./load/load.ts")).addLoadCommand,
  stack: async () => (await import("./stack/stack.ts")).addStackCommand,
  clauses: async () => (await import("./clauses.ts")).addClausesCommand,
  explain: async () => (await import("./explain/explain.ts")).addExplainCommand,
  report: async () => (await import("./report.ts")).addReportCommand,
  judge: async () => (await import("./judge/judge.ts")).addJudgeCommand,
  mutants: async () => (await import("./mutants/mutants.ts")).addMutantsCommand,
  doctor: async () => (await import("./doctor/doctor.ts")).addDoctorCommand,
};

const program = new Command("rollcall")
  .description(
    "Does every subscriber, in every tab, on every instance, hear every message exactly once, in order, and nothing that is not theirs?",
  )
  .version(version)
  .showHelpAfterError("(add --help for the options)")
  .exitOverride((error) => {
    // Usage errors are 3; --help and --version end with 0.
    process.exit(error.exitCode === 0 ? 0 : 3);
  });

const named = subcommands[process.argv[2] ?? ""];
const loaders = named === undefined ? Object.values(subcommands) : [named];

// A pipe that was closed (`| head`) has read enough; a full disk has not got what was asked for.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  process.once("exit", () => {
    console.error(`rollcall: Cannot write the output: ${error.message}`);
    process.exitCode = 4;
  });
});

try {
  for (const add of await Promise.all(loaders.map((load) => load()))) add(program);
  await program.parseAsync();
} catch (error) {
  const next = nextStep(error);
  console.error(
    `rollcall: ${error instanceof Error ? error.message : String(error)}${next === "" ? "" : `\nnext: ${next}`}`,
  );
  process.exitCode = 4;
}
