// `rollcall init --check`: tries each function of a definition once against its server, and prints what each one got.

import { randomBytes } from "node:crypto";
import colors from "picocolors";
import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import { Network } from "../../drivers/network.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { plain, printLeftBehind } from "../../reports/console.ts";
import { cut } from "../../reports/cut.ts";
import { cleanUp, overAfter, RunFile, staysOf } from "../../runner/clean-up.ts";
import { doorsOf, findOrigin, pageOf } from "../../runner/origin.ts";
import type { RunContext } from "../../runner/rooms.ts";
import { contextOf } from "../../runner/run.ts";
import { tryDefinition, type Tried } from "../../runner/tryout/tryout.ts";
import { World } from "../../runner/world.ts";
import type { System } from "../../systems/define.ts";
import { isLoopback, type Target } from "../../systems/target.ts";
import { askYes, canAsk } from "../ask.ts";
import { interruptedExitCode, openInterrupt, printInterrupted } from "../interrupt.ts";
import { nextStep } from "../next-step.ts";
import { configFlag } from "../verify/again.ts";
import { configOf, type TargetConfig } from "../verify/config.ts";
import { checkUrl, readSettings } from "../verify/settings.ts";
import { targetOf } from "../verify/target.ts";
import { UsageError } from "../verify/usage-error.ts";
import { placeFinder, type FindPlace } from "./place.ts";

export interface CheckOptions {
  config?: string;
  json?: boolean;
  yes?: boolean;
  ca?: string;
  timeout?: string;
}

/** A function, what it got, and where it stands. */
interface Line extends Omit<Tried, "error" | "wire"> {
  place?: string;
  wire: string[];
}

/** Returns the exit code. Throws UsageError, and errors of targets, networks and machines. */
export async function checkDefinition(urls: readonly string[], options: CheckOptions): Promise<number> {
  const settings = readSettings(options);
  const found = await configOf(options.config);
  if (found === undefined)
    throw new UsageError(
      "there is no rollcall.config.ts here: `rollcall init` writes one, --config FILE names another",
    );
  const system = definitionIn(found);
  const addresses = (urls.length > 0 ? urls : (found.config.urls ?? [])).map((url) => checkUrl(url));
  if (addresses.length === 0)
    throw new UsageError(`${found.path} names no URL: add target: { urls: ["http://localhost:8080"] }, or say it`);
  using interrupt = openInterrupt();
  const target = await targetOf(addresses as [string, ...string[]], settings, found.config, interrupt.signal);
  await confirm(target, settings.yes);
  if (!settings.json) console.error(`trying ${system.name} of ${found.path} at ${target.instances[0]}`);
  const secrets = new Secrets();
  const outcome = await tryAt(target, secrets, settings.timeoutMs, interrupt.signal, !settings.json);
  if (interrupt.signal.aborted) {
    printLeftBehind(outcome.run, outcome.leftBehind, { config: configFlag(options.config) });
    printInterrupted(outcome.leftBehind.length > 0);
    return interruptedExitCode;
  }
  const away = awayIn(outcome.tried);
  const lines = linesOf(outcome.tried, placeFinder(found.path, system), secrets);
  if (settings.json) {
    const { run, stays, leftBehind } = outcome;
    console.log(
      JSON.stringify(
        { system: system.name, config: found.path, target: target.instances[0], run, tried: lines, stays, leftBehind },
        undefined,
        2,
      ),
    );
  } else print(lines, outcome, { named: options.config, isAway: away !== undefined });
  if (away !== undefined && !settings.json) console.error(`next: ${nextFor(away, target.instances[0])}`);
  return exitCodeOf(outcome.tried);
}

function definitionIn({ path, config }: { path: string; config: TargetConfig }): System {
  if (config.system !== undefined) return config.system;
  throw new UsageError(`${path} has no system: there is no definition to check`);
}

/** The first function that found no server, or one that takes connections and answers nothing. */
export const awayIn = (tried: readonly Tried[]): Tried | undefined =>
  tried.find((one) => (one.error instanceof TargetError && one.error.code === "unreachable") || isSilent(one, tried));

/** Who answered anything at all, or began to, is there, and what is wrong may be the definition. */
const isSilent = ({ name, error }: Tried, tried: readonly Tried[]): boolean =>
  name === "http.alive" &&
  error instanceof TimeoutError &&
  error.message.includes("no head came") &&
  !tried.some(({ outcome }) => outcome === "ok");

const nextFor = ({ error }: Tried, url: string): string =>
  error instanceof TimeoutError
    ? `The server takes connections and does not answer. Is it well, and is this HTTP? Try: curl -i ${url}`
    : nextStep(error);

/** Some wrong, or the server not even there, or silent. */
function exitCodeOf(tried: readonly Tried[]): number {
  if (awayIn(tried) !== undefined) return 4;
  return tried.some(({ outcome }) => outcome === "wrong") ? 1 : 0;
}

async function confirm({ instances: [url] }: Target, yes: boolean): Promise<void> {
  if (yes || isLoopback(url)) return;
  const list = `rollcall will create up to 3 accounts and some rooms with a few messages on ${url}, and delete them if the definition can.`;
  if (!canAsk()) throw new UsageError(`${list} It is not on this machine: add --yes to agree`);
  if (!(await askYes(`${list}\nGo on? (y/N) `))) throw new UsageError("nothing was done");
}

interface Outcome {
  run: string;
  tried: Tried[];
  stays: string | undefined;
  leftBehind: string[];
}

async function tryAt(
  target: Target,
  secrets: Secrets,
  timeoutMs: number | undefined,
  signal: AbortSignal,
  isShown: boolean,
): Promise<Outcome> {
  const network = new Network({ interrupt: signal, ...(target.ca === undefined ? {} : { ca: target.ca }) });
  const run = `r${randomBytes(3).toString("hex").slice(0, 5)}`;
  const context = contextOf({ target, ...(timeoutMs === undefined ? {} : { timeoutMs }) }, run, network, secrets);
  const file = new RunFile(run, target, context);
  const over = overAfter(signal);
  const isTerminal = isShown && process.stderr.isTTY;
  try {
    const tried = await tryIn(context, secrets, (name) => {
      if (isTerminal) process.stderr.write(`\r\u001B[2K${name} …`);
    });
    const leftBehind = await cleanUp(context, file, { over });
    return { run, tried, stays: staysOf(context), leftBehind };
  } finally {
    if (isTerminal) process.stderr.write("\r\u001B[2K");
    await network.close();
  }
}

async function tryIn(context: RunContext, secrets: Secrets, onTried: (name: string) => void): Promise<Tried[]> {
  const transcript = new Transcript(secrets);
  const { network } = context;
  await using world = new World(context, transcript);
  try {
    network.page = (await findOrigin(doorsOf(context), { network, transcript }, pageOf(context))).page;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error; // the first trial says the same
  }
  return await tryDefinition(world, context, onTried);
}

const wireChars = 200;

/** The sentence names the function already. */
const withoutName = (because: string): string => because.replace(/^Cannot use \S+ of the system "[^"]*": /, "");

/** What a login gives is secret before the definition has read it: of its answers the names are shown alone. */
const withoutValues = (text: string): string => text.replace(/(":\s*")[^"]{6,}"/g, '$1…"');

const answerText = (name: string, text: string): string =>
  /^accounts\.(logIn|refresh|guest|signUp)$/.test(name) ? withoutValues(text) : text;

const linesOf = (tried: readonly Tried[], place: FindPlace, secrets: Secrets): Line[] =>
  tried.map(({ name, outcome, because, error, wire }) => {
    const at = outcome === "wrong" ? place(name, error) : undefined;
    return {
      name,
      outcome,
      because: secrets.redact(withoutName(because)),
      ...(at === undefined ? {} : { place: at }),
      wire: wire.map(({ connection, direction, text }) =>
        direction === "sent"
          ? `${connection} → ${cut(secrets.redact(text), wireChars)}`
          : `${connection} ← ${cut(answerText(name, secrets.redact(text)), wireChars)}`,
      ),
    };
  });

const marks = { ok: colors.green("ok   "), wrong: colors.red("wrong"), "not tried": colors.dim("–    ") };

/** `isAway`: then there is nothing to mend in the definition, and the next step is another. */
function print(
  lines: readonly Line[],
  { run, stays, leftBehind }: Outcome,
  { named, isAway }: { named: string | undefined; isAway: boolean },
): void {
  const width = Math.max(...lines.map(({ name }) => name.length));
  for (const { name, outcome, because, place, wire } of lines) {
    const said =
      outcome === "wrong" && place !== undefined ? `${colors.bold(place)}  ${plain(because)}` : plain(because);
    console.log(`${marks[outcome]} ${name.padEnd(width)}  ${outcome === "wrong" ? said : colors.dim(said)}`);
    for (const line of wire) console.log(colors.dim(`      ${plain(line)}`));
  }
  if (stays !== undefined) console.log(`stays there: ${plain(stays)}`);
  printLeftBehind(run, leftBehind, { config: configFlag(named) });
  const wrong = lines.filter(({ outcome }) => outcome === "wrong");
  const again = configFlag(named);
  if (wrong.length === 0) return console.log(`every function works; next: npx rollcall verify${again}`);
  const next = `; next: mend ${wrong[0]!.place ?? wrong[0]!.name}, then npx rollcall init --check${again}`;
  const names = wrong.map(({ name }) => name).join(", ");
  console.log(`${wrong.length} of ${lines.length} wrong: ${names}${isAway ? "" : next}`);
}
