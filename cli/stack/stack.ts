// rollcall stack up · down · status: the Compose stack for humans to look at. `up` leaves it running; `down` removes
// what this working folder left, of killed runs too (choice.ts); a stack whose run is still going on is left
// alone.

import { InvalidArgumentError, Option, type Command } from "commander";
import { served, servedSystems } from "../../systems/served/wire.ts";
import { findStacks, removeStackSync, type FoundStack } from "../../targets/compose/leftovers.ts";
import { openStack, type Stack, type StackAddresses } from "../../targets/compose/compose.ts";
import { askYes, canAsk } from "../ask.ts";
import { interruptedExitCode, openInterrupt } from "../interrupt.ts";
import { chooseStacks } from "./choice.ts";
import { describe } from "./describe.ts";

interface JsonOption {
  json?: boolean;
}

interface UpOptions extends JsonOption {
  balance?: string;
}

function parseBalance(how: string): string {
  if (/^(round_robin|least_conn|ip_hash|[1-9]\d{0,3}:[1-9]\d{0,3})$/.test(how)) return how;
  throw new InvalidArgumentError("Use round_robin, least_conn, ip_hash, or weights as 3:1.");
}

export function addStackCommand(program: Command): void {
  const stack = program
    .command("stack")
    .description("the Compose stack: Nginx, two instances, PostgreSQL, Redis, Kafka")
    .addHelpText(
      "after",
      "\nExamples:\n  rollcall stack up                            brings it up, and prints how each part is verified\n  rollcall stack up --json > stack.json        its addresses, for scripts\n  rollcall stack up --balance least_conn       with another way to choose an instance\n  rollcall stack status\n  rollcall stack down                          the one from this folder; --all: every one\n\nNeeds Docker: `rollcall doctor` says what is missing.",
    );
  stack
    .command("up")
    .description(
      `bring a stack up and leave it running (ports ${servedSystems.map((name) => served[name].proxyPort).join(", ")} when they are free)`,
    )
    .option("--json", "print the addresses as JSON")
    .addOption(
      new Option(
        "--balance <how>",
        "how Nginx chooses an instance: round_robin, least_conn, ip_hash, or weights as 3:1",
      )
        .argParser(parseBalance)
        .default("round_robin"),
    )
    .action(up);
  stack
    .command("down")
    .description("remove the stack that was brought up in this folder, and what killed runs left here")
    .argument("[project...]", "only these, as `stack up` and `stack status` name them")
    .option("--all", "those of other folders, too")
    .option("--force", "also those whose run is still going on")
    .action(down);
  stack
    .command("status")
    .description("say which stacks there are")
    .option("--json", "print them as JSON")
    .action(status);
}

async function up(options: UpOptions): Promise<void> {
  const startedMs = performance.now();
  const say = (text: string): void => {
    process.stderr.write(`[${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s] ${text}\n`);
  };
  using interrupt = openInterrupt();
  let stack: Stack;
  try {
    const environment = { BALANCE: options.balance ?? "round_robin" };
    stack = await openStack({
      keep: true,
      usualPorts: true,
      onStep: say,
      environment,
      signal: interrupt.signal,
    });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write("interrupted: nothing is left running\n");
    process.exitCode = interruptedExitCode;
    return;
  }
  if (options.json === true) process.stdout.write(`${JSON.stringify(addressesOf(stack), null, 2)}\n`);
  else process.stdout.write(describe(stack));
}

const addressesOf = ({ proxy, instances, tcp, kafka, redis, containers }: Stack): StackAddresses => ({
  proxy,
  instances,
  tcp,
  kafka,
  redis,
  containers,
});

async function down(names: string[], options: { all?: boolean; force?: boolean }, command: Command): Promise<void> {
  const found = findStacks();
  const unknown = names.filter((name) => !found.some(({ project }) => project === name));
  if (unknown.length > 0)
    command.error(`error: no stack is called ${unknown.join(", ")}; see \`npx rollcall stack status\``);
  const { remove, inUse, ask } = chooseStacks(found, {
    names,
    all: options.all === true,
    force: options.force === true,
    folder: process.cwd(),
  });
  removeAll(remove);
  for (const { project, ownerPid } of inUse)
    say(`${project}: left alone, process ${ownerPid} still uses it (--force removes it)`);
  if (ask.length > 0) {
    const isOwn = ask.some(({ folder }) => folder === process.cwd());
    const why = isOwn
      ? "several stacks were left running in this folder"
      : "no stack was left in this folder, but there are others";
    const list = `${why}:\n${ask.map(describeFound).join("")}`;
    if (!canAsk()) command.error(`error: ${list}next: name one, or say --all`);
    if (await askYes(`${list}Remove them all? (y/N) `)) removeAll(ask);
    else say("left alone");
  } else if (remove.length + inUse.length === 0) say("nothing to remove");
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

function removeAll(stacks: readonly FoundStack[]): void {
  for (const { project } of stacks) {
    removeStackSync(project);
    say(`${project}: removed`);
  }
}

function status(options: JsonOption): void {
  const stacks = findStacks();
  if (options.json === true) process.stdout.write(`${JSON.stringify(stacks, null, 2)}\n`);
  else
    process.stdout.write(
      stacks.length === 0 ? "no stack; next: npx rollcall stack up\n" : stacks.map(describeFound).join(""),
    );
}

function describeFound(stack: FoundStack): string {
  const owner =
    stack.ownerPid === undefined
      ? "left running"
      : `process ${stack.ownerPid}${stack.ownerAlive ? "" : ", which is gone"}`;
  const containers = Object.entries(stack.containers).map(([name, said]) => `  ${name}  ${said}\n`);
  return `${stack.project} (${owner}${stack.folder === "" ? "" : `, from ${stack.folder}`})\n${containers.join("")}`;
}
