// `rollcall init`: a rollcall.config.ts for a backend of one's own, and whether it is right.

import { existsSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { askYes, canAsk } from "../ask.ts";
import { isExpected, nextStep } from "../next-step.ts";
import { UsageError } from "../verify/usage-error.ts";
import { plain } from "../../reports/console.ts";
import { answersOf, askAll, questions, type Flags } from "./answers.ts";
import { readAsyncApi } from "./asyncapi/document.ts";
import { knownOf, type Known } from "./asyncapi/known.ts";
import { checkDefinition, type CheckOptions } from "./check.ts";
import { configInJson, configInTypeScript } from "./template.ts";

interface InitOptions extends CheckOptions, Flags {
  check?: boolean;
  output?: string;
  force?: boolean;
  asyncapi?: string;
}

const examples = `
Examples:
  npx rollcall init                                          asks, and writes rollcall.config.ts
  npx rollcall init --yes --name study-chat --url http://localhost:8080 --sign-up /members --log-in /login \\
    --room /rooms --room-id roomId --destination '/topic/rooms/{room}' --send '/app/rooms/{room}'
  npx rollcall init --yes --transport raw --endpoint /chat --sign-up none --log-in none --room none
  npx rollcall init --asyncapi asyncapi.json                 asks only what that does not say; flags come before it
  npx rollcall init --json                                   writes rollcall.config.json, for teams without TypeScript
  npx rollcall init --check                                  tries each function of rollcall.config.* here, once

Exit codes: 0 written, or every function works · 1 a function is wrong · 3 usage · 4 the server is not there · 130 interrupted`;

export function addInitCommand(program: Command): void {
  const command = program
    .command("init")
    .description("write a rollcall.config.ts for a backend of your own; --check tries each function of it once")
    .argument("[url...]", "with --check: base URL of the server (default: the config's)");
  for (const { flag, text, usual } of questions)
    command.option(flag, `${text.replace(/\?$/, "")} (default: ${usual("")})`);
  command
    .option("--asyncapi <file>", "take what an AsyncAPI 3 document says, JSON or YAML (Springwolf: /springwolf/docs)")
    .option("--output <file>", "where to write it (default: rollcall.config.ts, or .json with --json)")
    .option("--force", "overwrite a file that is there")
    .option("--yes", "ask nothing; use the defaults for flags that are not given")
    .option("--json", "write the JSON form; with --check: print what it got as JSON")
    .option("--check", "try each function of the config's definition against the server, and say what each one got")
    .option("--config <file>", "with --check: the config (default: rollcall.config.ts, .js, .mjs or .json here)")
    .option("--ca <file>", "with --check: PEM file of a private certificate authority")
    .option("--timeout <ms>", "with --check: how long what should come may take (default: 5000)")
    .addHelpText("after", examples)
    .action(async (urls: string[], options: InitOptions) => {
      try {
        if (options.check === true && options.asyncapi !== undefined)
          throw new UsageError("--asyncapi writes a config and --check tries one: one at a time");
        process.exitCode = await (options.check === true ? checkDefinition(urls, options) : write(urls, options));
      } catch (error) {
        if (error instanceof UsageError) command.error(`error: ${error.message}`);
        if (!isExpected(error)) throw error;
        console.error(`rollcall: ${error.message}`);
        const next = nextStep(error);
        if (next !== "") console.error(`next: ${next}`);
        process.exitCode = 4;
      }
    });
}

/** Prints what it took of an AsyncAPI document, before anything is asked. */
async function knownIn(file: string | undefined, flags: Flags): Promise<Known | undefined> {
  if (file === undefined) return undefined;
  const known = knownOf(await readAsyncApi(file), flags);
  for (const line of known.lines) console.log(`${plain(file)}: ${plain(line)}`);
  return known;
}

async function write(urls: readonly string[], options: InitOptions): Promise<number> {
  const flags: Flags = { ...options, ...(urls[0] !== undefined && { url: urls[0] }) };
  const file = options.output ?? `rollcall.config.${options.json === true ? "json" : "ts"}`;
  const isAsking = options.yes !== true;
  if (isAsking && !canAsk())
    throw new UsageError("there is no terminal to ask on: add --yes, and flags for what is not as usual (--help)");
  if (existsSync(file) && options.force !== true) {
    if (!isAsking)
      throw new UsageError(`${file} is there already: --force overwrites it, --output FILE writes another`);
    if (!(await askYes(`${file} is there already. Overwrite it? (y/N) `))) throw new UsageError("nothing was written");
  }
  const isJson = file.endsWith(".json");
  const known = await knownIn(options.asyncapi, flags);
  const filled = { ...known?.flags, ...flags };
  const answers = { ...(isAsking ? await askAll(filled) : await answersOf(filled)), ...known?.extra };
  if (isAsking) delete answers.comments; // it was asked
  const text = isJson ? configInJson(answers) : configInTypeScript(answers);
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`--output: cannot write ${file}: ${(error as Error).message}`);
  }
  if (answers.transport === "none" && answers.events === undefined)
    console.log(
      `${file} has no way to be heard, so that hardly a clause can be judged: --transport says how clients talk, --events where a stream is`,
    );
  const config = file.startsWith("rollcall.config.") ? "" : ` --config ${file}`;
  console.log(
    `${file} written; next: edit what differs in your backend, start it, and npx rollcall init --check${config}`,
  );
  return 0;
}
