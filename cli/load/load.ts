// `rollcall load SCENARIO`: prepares accounts and rooms, asks the machine whether it can, runs k6 or the engine of our
// own, and prints what became of every delivery.
// Exit codes: 0 thresholds held · 1 a threshold broke · 2 inconclusive (the generator or the machine spoilt it) · 3
// usage · 4 broken.

import type { Command } from "commander";
import type { ServedSystem } from "../../systems/served/wire.ts";
import type { System } from "../../systems/define.ts";
import { nearest } from "../../systems/nearest.ts";
import { systemNamed, systemNames } from "../../systems/systems.ts";
import { HarnessError } from "../../drivers/errors.ts";
import { prepareReport } from "../../reports/write.ts";
import { startServer } from "../../targets/embedded.ts";
import { isLoopback, type Target } from "../../systems/target.ts";
import { configFlag } from "../verify/again.ts";
import { clean } from "../verify/clean.ts";
import { configOf } from "../verify/config.ts";
import { targetOf } from "../verify/target.ts";
import { whatToVerify } from "../verify/what-to-verify.ts";
import { k6File } from "../doctor/k6.ts";
import { interruptedExitCode, openInterrupt, printInterrupted } from "../interrupt.ts";
import { checkDrivable } from "./drivable.ts";
import { socketsPerPerson } from "../../load/plan.ts";
import { sinkSystem, startSink } from "../../load/sink.ts";
import { machineOf, preflight, readLimits } from "./preflight.ts";
import {
  isScenario,
  scenarioNames,
  scenarioOf,
  scenarios,
  type Driver,
  type Scenario,
  type ScenarioName,
} from "./scenarios.ts";
import { run, type Run } from "./run.ts";
import { isExpected, nextStep } from "../next-step.ts";
import { readSettings, wholeNumber } from "../verify/settings.ts";
import { UsageError } from "../verify/usage-error.ts";

interface LoadOptions {
  connections?: string;
  senders?: string;
  rate?: string;
  seconds?: string;
  ramp?: string;
  p99?: string;
  back?: string;
  driver?: string;
  system?: string;
  config?: string;
  embedded?: boolean;
  nullRun?: boolean;
  report?: string;
  pid?: string;
  iOwnThisTarget?: boolean;
  json?: boolean;
  clean?: string;
}

export function addLoadCommand(program: Command): void {
  program
    .command("load")
    .description("load a server and account for every delivery; without a URL and a config: Rollcall's own, embedded")
    .argument("[scenario]", `${scenarioNames.join(", ")}; left out before a URL or --config: connections`)
    .argument("[url]", "base URL of the server or of the proxy in front of it, or ws:// and where STOMP is")
    .option("--connections <n>", `connections that listen (default: ${defaultsOf("connections")})`)
    .option("--senders <n>", `connections that speak, by the engine (default: ${defaultsOf("senders")})`)
    .option("--rate <n>", `messages a second, by the engine (default: ${defaultsOf("rate", isSteady)})`)
    .option("--seconds <n>", `how long; in a search each rate (default: ${defaultsOf("seconds")})`)
    .option("--ramp <seconds>", "how long to take for opening them (default: 200 a second)")
    .option("--p99 <ms>", `threshold of the delivery time (default: ${defaultsOf("p99Ms")})`)
    .option("--back <seconds>", "threshold of the storms: when everybody has to be back (default: 30)")
    .option("--driver <name>", "who drives: k6, or engine, our own (default: k6 where it is there and can)")
    .option("--system <name>", `what the server speaks: ${systemNames.join(", ")} (default: found out)`)
    .option("--config <file>", "a target's description (default: rollcall.config.ts, .js, .mjs or .json here)")
    .option("--embedded", "Rollcall's own server, whatever a rollcall.config here says")
    .option("--null-run", "a sink that only passes on what is said: the most that the generator can show here")
    .option("--report <dir>", "write load.html with charts over time, load.json and junit.xml there")
    .option("--pid <n>", "the server's process on this machine, for its processor time and memory in the report")
    .option("--i-own-this-target", "needed for one that is not on loopback: load is an attack on what is not yours")
    .option("--json", "print the result as JSON")
    .option("--clean <run>", "delete what a run left behind that was killed, and do nothing else")
    .addHelpText(
      "after",
      `\nScenarios:\n${scenarioNames.map((name) => `  ${name.padEnd(16)} ${scenarios[name].question}`).join("\n")}\n` +
        "\nExamples:\n  rollcall load connections\n  rollcall load publish --senders 20\n  rollcall load connections --null-run\n  rollcall load reconnect-storm http://localhost:8080 --connections 500\n  rollcall load http://localhost:8080 --system study-room --connections 500\n  rollcall load --config rollcall.config.ts --seconds 60\n\nDrives every system whose definition says how a text is sent over STOMP.\nk6 comes with `npx rollcall doctor --fix`; without it the engine drives. Exit codes: 0 held · 1 a threshold broke · 2 inconclusive · 3 usage · 4 broken · 130 interrupted",
    )
    .action(async (scenario: string | undefined, url: string | undefined, options: LoadOptions, command: Command) => {
      try {
        process.exitCode = options.clean === undefined ? await load(scenario, url, options) : await cleanUp(options);
      } catch (error) {
        if (error instanceof UsageError) command.error(`error: ${error.message}`);
        if (!isExpected(error)) throw error;
        const next = nextStep(error);
        console.error(`rollcall: ${error.message}${next === "" ? "" : `\nnext: ${next}`}`);
        process.exitCode = 4;
      }
    });
}

async function cleanUp({ clean: run, config }: LoadOptions): Promise<number> {
  const again = { command: "load", config: configFlag(config) } as const;
  return await clean(run!, (await configOf(config))?.config.system, again);
}

const known = scenarioNames.join(", ");

const isSteady = ({ search }: Scenario): boolean => search === undefined;

/** As "2000; publish 50": the usual one first. */
function defaultsOf(
  what: "connections" | "senders" | "rate" | "seconds" | "p99Ms",
  has: (scenario: Scenario) => boolean = () => true,
): string {
  const usual = scenarios.connections[what];
  const others = new Map<number, string[]>();
  for (const name of scenarioNames.filter((each) => has(scenarioOf(each)))) {
    const value = scenarioOf(name)[what];
    if (value !== usual) others.set(value, [...(others.get(value) ?? []), name]);
  }
  return [String(usual), ...[...others].map(([value, names]) => `${names.join(", ")} ${value}`)].join("; ");
}

/** Throws UsageError where a flag means nothing to this scenario. */
function checkAsked(name: ScenarioName, { rate, senders, driver }: LoadOptions): void {
  if (rate !== undefined && scenarioOf(name).search !== undefined)
    throw new UsageError(`--rate: ${name} looks for it; leave it out`);
  const byK6 = driver === "k6";
  for (const [flag, given] of Object.entries({ "--rate": rate, "--senders": senders }))
    if (given !== undefined && byK6) throw new UsageError(`${flag} needs the engine: leave --driver k6 out`);
}

const isUrl = (word: string): boolean => /^(https?|wss?):/.test(word);

async function load(first: string | undefined, second: string | undefined, options: LoadOptions): Promise<number> {
  const isLeftOut = first === undefined ? options.config !== undefined : second === undefined && isUrl(first);
  // A number that is none is said first: without a scenario it may be all that was meant.
  const [scenario, url] = isLeftOut ? ["connections", first] : [first, second];
  const isKnown = scenario !== undefined && isScenario(scenario);
  const numbers = numbersOf(options, scenarioOf(isKnown ? scenario : "connections"));
  if (scenario === undefined)
    throw new UsageError(
      `which scenario? known are ${known}: \`rollcall load connections\` loads the embedded server, \`rollcall load URL\` yours`,
    );
  if (!isScenario(scenario)) {
    const meant = nearest(scenario, scenarioNames).map((name) => `; did you mean ${name}?`);
    throw new UsageError(`unknown scenario ${JSON.stringify(scenario)}: known are ${known}${meant.join("")}`);
  }
  if (options.back !== undefined && scenarioOf(scenario).storm === undefined)
    throw new UsageError(`--back is for the storms: nobody has to come back in ${scenario}`);
  checkAsked(scenario, options);
  using interrupt = openInterrupt();
  const { signal } = interrupt;
  const left: string[] = [];
  try {
    const exitCode = await loadAt(url, { scenario, ...numbers }, { ...options, signal, left });
    if (exitCode !== undefined) return exitCode;
  } catch (error) {
    if (!signal.aborted || !isExpected(error)) throw error;
  }
  printInterrupted(left.length > 0);
  return interruptedExitCode;
}

interface LoadRun extends LoadOptions {
  signal: AbortSignal;
  /** What could not be deleted. */
  left: string[];
}

type Numbers = Pick<Run, "connections" | "senders" | "rate" | "holdSeconds" | "rampSeconds" | "p99Ms" | "backMs">;

const backSeconds = 30;

function numbersOf(given: LoadOptions, scenario: Scenario): Numbers {
  const { seconds, ramp, p99, back } = given;
  const numberOr = (text: string | undefined, flag: string, otherwise: number): number =>
    text === undefined ? otherwise : wholeNumber(text, flag, 1);
  const connections = numberOr(given.connections, "--connections", scenario.connections);
  return {
    connections,
    senders: numberOr(given.senders, "--senders", scenario.senders),
    rate: numberOr(given.rate, "--rate", scenario.rate),
    holdSeconds: numberOr(seconds, "--seconds", scenario.seconds),
    rampSeconds: numberOr(ramp, "--ramp", Math.max(2, Math.ceil(connections / 200))),
    p99Ms: numberOr(p99, "--p99", scenario.p99Ms),
    backMs: 1_000 * numberOr(back, "--back", backSeconds),
  };
}

/** Undefined when interrupted. */
async function loadAt(
  url: string | undefined,
  numbers: Numbers & { scenario: ScenarioName },
  options: LoadRun,
): Promise<number | undefined> {
  const { connections, scenario } = numbers;
  const asked = readSettings({ ...options, yes: options.iOwnThisTarget === true });
  const urls = url === undefined ? [] : [url];
  const { config, addresses, at } =
    options.nullRun === true ? nothingElse(urls, options) : await whatToVerify(urls, options);
  // At a path the config has the system.
  const settings = at !== undefined ? { ...asked, system: undefined } : asked;
  const named = settings.system === undefined ? config?.system : systemNamed(settings.system);
  if (named !== undefined) checkDrivable(named, scenarioOf(scenario));
  const elsewhere = addresses.find((address) => !isLoopback(address));
  if (elsewhere !== undefined && options.iOwnThisTarget !== true)
    throw new UsageError(
      `${elsewhere} is not on this machine: ${connections} connections and ${accountsOf(numbers)} accounts will be made there; if it is yours, add --i-own-this-target`,
    );
  const k6 = k6Of(scenario, options);
  const say = (text: string): void => void (options.json === true || console.error(text));
  const needsEngine = (options.driver ?? options.rate ?? options.senders) !== undefined;
  if (k6 === undefined && !needsEngine && driversOf(scenario).includes("k6"))
    say("k6 is not here: the engine of our own drives");
  const limits = readLimits();
  for (const line of preflight({ connections, urls: addresses, byK6: k6 !== undefined }, limits)) say(line);
  const { signal, left, report } = options;
  using _ = report === undefined ? undefined : preparedReport(report);
  const serverPid = options.pid === undefined ? undefined : wholeNumber(options.pid, "--pid", 1);
  const isJson = options.json === true;
  const given = {
    k6,
    machine: machineOf(limits),
    ...numbers,
    signal,
    left,
    report,
    serverPid,
    isJson,
    config: options.config,
    say,
  };
  if (options.nullRun === true) {
    say("a null run: the target is a sink that passes on what is said and does nothing else");
    await using sink = await startSink();
    return await run({ ...given, serverPid: sink.pid, target: ownTarget(sinkSystem, sink.url) });
  }
  if (addresses.length === 0) {
    say("starting the embedded server …");
    await using server = await startEmbedded(settings.system, connections, signal);
    return await run({ ...given, serverPid: server.pid, target: server.target });
  }
  const target = await targetOf(addresses as [string, ...string[]], settings, config, options.signal);
  checkDrivable(target.system, scenarioOf(scenario));
  return await run({ ...given, target });
}

const accountsOf = ({ connections, senders, scenario }: Numbers & { scenario: ScenarioName }): number =>
  Math.ceil(connections / (scenarioOf(scenario).day?.tabsEach ?? socketsPerPerson)) + senders;

/** Throws UsageError where nothing can be written there. */
function preparedReport(dir: string): Disposable {
  try {
    return prepareReport(dir);
  } catch (error) {
    throw new UsageError(`--report ${dir}: ${(error as Error).message}`);
  }
}

const driversOf = (name: ScenarioName): readonly Driver[] => scenarioOf(name).drivers;

/** k6's file; undefined: the engine drives. Throws UsageError, HarnessError. */
function k6Of(scenario: ScenarioName, { driver, rate, senders }: LoadOptions): string | undefined {
  if (driver !== undefined && driver !== "k6" && driver !== "engine")
    throw new UsageError(`--driver: ${JSON.stringify(driver)} is none: known are k6 and engine`);
  if (!driversOf(scenario).includes(driver ?? "engine"))
    throw new UsageError(`--driver ${driver}: ${scenario} is driven by ${driversOf(scenario).join(" or ")} alone`);
  const isOwn = driver === "engine" || (rate ?? senders) !== undefined || !driversOf(scenario).includes("k6");
  const k6 = isOwn ? undefined : k6File();
  if (k6 === undefined && driver === "k6")
    throw new HarnessError(
      "Cannot load: k6 is not here; next: npx rollcall doctor --fix, or --driver engine, which needs nothing",
    );
  return k6;
}

/** Throws UsageError where something else is to be loaded, too. */
function nothingElse(
  urls: readonly string[],
  options: LoadOptions,
): Omit<Awaited<ReturnType<typeof whatToVerify>>, "path"> {
  const { system, config, embedded, pid } = options;
  const other =
    urls[0] ??
    Object.entries({ "--system": system, "--config": config, "--embedded": embedded, "--pid": pid }).find(
      ([, given]) => given !== undefined,
    )?.[0];
  if (other !== undefined) throw new UsageError(`--null-run loads a sink of our own: leave ${other} out`);
  return { config: { system: sinkSystem }, addresses: [], at: undefined };
}

async function startEmbedded(
  system = "discodeit-1",
  connections: number,
  signal: AbortSignal,
): Promise<AsyncDisposable & { pid: number; target: Target }> {
  const personsMax = String(Math.max(socketsPerPerson, connections));
  const server = await startServer({
    // Where everybody is the same person, its limit would be met before the machine's.
    environment: { SYSTEMS: system, SOCKETS_PER_USER_MAX: personsMax, STREAMS_PER_USER_MAX: personsMax },
    signal,
  });
  return {
    pid: server.pid,
    target: ownTarget(systemNamed(system)!, server.urls[system as ServedSystem]),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const ownTarget = (system: System, url: string): Target => ({
  name: `embedded ${system.name}`,
  system,
  instances: [url],
  capabilities: new Set(),
  throwAway: true,
});
