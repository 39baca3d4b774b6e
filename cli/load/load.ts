// `rollcall load SCENARIO`: prepares accounts and rooms, asks the machine whether it can, runs k6 or the engine of our
// own, and prints what became of every delivery.
// Exit codes: 0 thresholds held · 1 a threshold broke · 2 inconclusive (the generator or the machine spoilt it) · 3
// usage · 4 broken.

import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { ServedSystem } from "../../systems/served/wire.ts";
import { systemNamed, systemNames } from "../../systems/systems.ts";
import { HarnessError } from "../../drivers/errors.ts";
import { start } from "../../drivers/programs.ts";
import { printLeftBehind } from "../../reports/console.ts";
import { startServer } from "../../targets/embedded.ts";
import { closedEnvironment, trustVariables } from "../../targets/environment.ts";
import { isLoopback, type Target } from "../../systems/target.ts";
import { configFlag } from "../verify/again.ts";
import { clean } from "../verify/clean.ts";
import { configOf } from "../verify/config.ts";
import { targetOf } from "../verify/target.ts";
import { whatToVerify } from "../verify/what-to-verify.ts";
import { k6File } from "../doctor/k6.ts";
import { interruptedExitCode, openInterrupt } from "../interrupt.ts";
import { checkDrivable } from "./drivable.ts";
import { runEngine, type Progress } from "../../load/engine.ts";
import { runFanOut } from "../../load/fan-out.ts";
import type { Search } from "../../load/knee.ts";
import { socketsPerPerson, type LoadPlan } from "../../load/plan.ts";
import { fanOutSummaryOf, printFanOut } from "./fan-out.ts";
import { openCast, type LoadCast } from "./plan.ts";
import { preflight } from "./preflight.ts";
import {
  isScenario,
  scenarioNames,
  scenarioOf,
  scenarios,
  type Driver,
  type Scenario,
  type ScenarioName,
} from "./scenarios.ts";
import { printLoad, readSummary, summaryOf, type Asked, type LoadSummary } from "./summary.ts";
import { isExpected, nextStep } from "../next-step.ts";
import { readSettings, wholeNumber } from "../verify/settings.ts";
import { UsageError } from "../verify/usage-error.ts";
import { counted } from "../../runner/text.ts";

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
  yes?: boolean;
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
    .option("--yes", "do not ask before a target that is not on loopback is loaded")
    .option("--json", "print the result as JSON")
    .option("--clean <run>", "delete what a run left behind that was killed, and do nothing else")
    .addHelpText(
      "after",
      `\nScenarios:\n${scenarioNames.map((name) => `  ${name.padEnd(16)} ${scenarios[name].question}`).join("\n")}\n` +
        "\nExamples:\n  rollcall load connections\n  rollcall load publish --senders 20\n  rollcall load reconnect-storm http://localhost:8080 --connections 500\n  rollcall load http://localhost:8080 --system study-room --connections 500\n  rollcall load --config rollcall.config.ts --seconds 60\n\nDrives every system whose definition says how a text is sent over STOMP.\nk6 comes with `npx rollcall doctor --fix`; without it the engine drives. Exit codes: 0 held · 1 a threshold broke · 2 inconclusive · 3 usage · 4 broken · 130 interrupted",
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
  if (!isScenario(scenario)) throw new UsageError(`unknown scenario ${JSON.stringify(scenario)}: known are ${known}`);
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
  console.error(
    left.length > 0
      ? "interrupted: what could not be deleted is named above"
      : "interrupted: nothing that was made is left behind",
  );
  return interruptedExitCode;
}

interface RunOptions extends LoadOptions {
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
  options: RunOptions,
): Promise<number | undefined> {
  const { connections, scenario } = numbers;
  const asked = readSettings(options);
  const { config, addresses, at } = await whatToVerify(url === undefined ? [] : [url], options);
  // At a path the config has the system.
  const settings = at !== undefined ? { ...asked, system: undefined } : asked;
  const named = settings.system === undefined ? config?.system : systemNamed(settings.system);
  const { onStreams } = scenarioOf(scenario);
  if (named !== undefined) checkDrivable(named, onStreams);
  const elsewhere = addresses.find((address) => !isLoopback(address));
  if (elsewhere !== undefined && options.yes !== true)
    throw new UsageError(
      `${elsewhere} is not on this machine: ${connections} connections and ${Math.ceil(connections / socketsPerPerson) + numbers.senders} accounts will be made there; add --yes to agree`,
    );
  const k6 = k6Of(scenario, options);
  const say = (text: string): void => void (options.json === true || console.error(text));
  const needsEngine = (options.driver ?? options.rate ?? options.senders) !== undefined;
  if (k6 === undefined && !needsEngine && driversOf(scenario).includes("k6"))
    say("k6 is not here: the engine of our own drives");
  for (const line of preflight(connections, addresses.length === 0)) say(line);
  const given = { k6, ...numbers, options, say };
  if (addresses.length === 0) {
    const personsMax = String(Math.max(socketsPerPerson, connections));
    const system = (options.system ?? "discodeit-1") as ServedSystem;
    say("starting the embedded server …");
    await using server = await startServer({
      // Where everybody is the same person, its limit would be met before the machine's.
      environment: { SYSTEMS: system, SOCKETS_PER_USER_MAX: personsMax, STREAMS_PER_USER_MAX: personsMax },
      signal: options.signal,
    });
    return await run({ ...given, target: embeddedTarget(system, server.urls[system]) });
  }
  const target = await targetOf(addresses as [string, ...string[]], settings, config, options.signal);
  checkDrivable(target.system, onStreams);
  return await run({ ...given, target });
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

const embeddedTarget = (system: string, url: string): Target => ({
  name: `embedded ${system}`,
  system: systemNamed(system)!,
  instances: [url],
  capabilities: new Set(),
  throwAway: true,
});

interface Run {
  scenario: ScenarioName;
  senders: number;
  /** Messages a second. */
  rate: number;
  target: Target;
  /** Its file; undefined: the engine drives. */
  k6: string | undefined;
  connections: number;
  holdSeconds: number;
  rampSeconds: number;
  p99Ms: number;
  backMs: number;
  options: RunOptions;
  say: (text: string) => void;
}

async function run(load: Run): Promise<number | undefined> {
  const { target, say, options, connections } = load;
  const { system, instances, throwAway } = target;
  const name = randomBytes(3).toString("hex");
  // Told at once, with --json too: who kills this run needs its name to tidy up.
  if (!throwAway) console.error(`run ${name} of ${system.name} at ${instances.join(", ")}`);
  say("making accounts and rooms, and saying something in one …");
  const onLeftBehind = (left: string[]): void => {
    options.left.push(...left);
    printLeftBehind(name, left, { command: "load", config: configFlag(options.config) });
  };
  const onStays = (what: string): void => say(`stays there: ${what}`);
  const { search, slowOneIn, onStreams = false } = scenarioOf(load.scenario);
  const cast = await openCast({
    run: name,
    target,
    connections,
    senders: load.senders,
    onStreams,
    oneRoom: onStreams || slowOneIn !== undefined,
    longTexts: slowOneIn !== undefined,
    signal: options.signal,
    onLeftBehind,
    onStays,
  });
  try {
    const { plan } = cast;
    say(
      `${counted(plan.listeners.length, "account")} to listen, with up to ${socketsPerPerson} connections each, and ${plan.publishers.length} to speak; ${counted(plan.rooms.length, "room")}${plan.receipts ? "" : "; no RECEIPT frames: what its sender hears was taken"}`,
    );
    say(`${counted(connections, "connection")} in ${load.rampSeconds} s, then ${whatIsSaid(load)} …`);
    if (search !== undefined) return await runSearch(load, plan, search);
    const { k6 } = load;
    const summary = await (k6 === undefined ? runOwn(load, cast) : runK6({ ...load, k6 }, plan, options.signal));
    if (summary === undefined) return undefined;
    if (options.json === true) console.log(JSON.stringify(summary, undefined, 2));
    else printLoad(summary);
    return summary.exitCode;
  } finally {
    await cast.close();
  }
}

function whatIsSaid({ scenario, holdSeconds, rate }: Run): string {
  const { search, storm } = scenarioOf(scenario);
  if (search !== undefined) return `more and more messages a second, ${holdSeconds} s each`;
  return `${counted(holdSeconds * rate, "message")}, ${rate} a second${storm === undefined ? "" : "; after half of them all are dropped"}`;
}

/** Looks for the knee; undefined when interrupted. */
async function runSearch(load: Run, plan: LoadPlan, search: Search): Promise<number | undefined> {
  const { connections, rampSeconds, holdSeconds, p99Ms, target, say, options } = load;
  const result = await runFanOut({
    plan,
    connections,
    rampMs: rampSeconds * 1_000,
    secondsEach: holdSeconds,
    p99Ms,
    search,
    signal: options.signal,
    // The table comes at the end.
    onStep: ({ rate, held }) => say(`${rate} a second: ${held}`),
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  });
  if (result.interrupted) return undefined;
  const summary = fanOutSummaryOf(result, askedOf(load));
  if (options.json === true) console.log(JSON.stringify(summary, undefined, 2));
  else printFanOut(summary);
  return summary.exitCode;
}

const askedOf = ({ scenario, connections, holdSeconds, rate, p99Ms, backMs, target }: Run): Asked => ({
  scenario,
  messages: holdSeconds * rate,
  backMs,
  connections,
  p99Ms,
  url: target.instances.join(", "),
  system: target.system.name,
});

/** Between two lines of progress. */
const progressEveryMs = 5_000;

/** Drives with the engine; undefined when interrupted. */
async function runOwn(load: Run, { plan, publish }: LoadCast): Promise<LoadSummary | undefined> {
  const { connections, rampSeconds, holdSeconds, rate, target, say, options } = load;
  let saidAtMs = performance.now();
  const onProgress = ({ subscribed, published, heard, dropped, left, returned, failures }: Progress): void => {
    if (performance.now() - saidAtMs < progressEveryMs) return;
    saidAtMs = performance.now();
    const lost = dropped === 0 ? "" : `, ${dropped} dropped`;
    const back = left === 0 ? "" : `, ${returned} of ${left} are back (${counted(failures, "failure")})`;
    say(`${subscribed} of ${connections} subscribed${lost}${back}; ${published} published, ${heard} heard`);
  };
  const { storm, slowOneIn } = scenarioOf(load.scenario);
  const result = await runEngine({
    plan,
    connections,
    rampMs: rampSeconds * 1_000,
    messages: holdSeconds * rate,
    everyMs: 1_000 / rate,
    signal: options.signal,
    publish,
    onProgress,
    ...(slowOneIn === undefined ? {} : { slowOneIn }),
    ...(storm === undefined ? {} : { storm, returning: true }),
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  });
  return result.interrupted ? undefined : summaryOf(result, askedOf(load));
}

/** What the script reads. */
const scriptPlanOf = ({ connections, rampSeconds, holdSeconds, p99Ms }: Run, plan: LoadPlan): string =>
  JSON.stringify({ ...plan, connections, socketsPerVu: socketsPerPerson, rampSeconds, holdSeconds, p99Ms });

/** Runs the script; undefined when interrupted. The plan holds tokens: mode 0600, removed at the end. */
async function runK6(
  load: Run & { k6: string },
  loadPlan: LoadPlan,
  signal: AbortSignal,
): Promise<LoadSummary | undefined> {
  if (signal.aborted) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "rollcall-load-"));
  try {
    const plan = join(folder, "plan.json");
    const summaryFile = join(folder, "summary.json");
    writeFileSync(plan, scriptPlanOf(load, loadPlan), { mode: 0o600 });
    const script = fileURLToPath(
      new URL(`../../tests/load/connections.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
    );
    const args = [
      "run",
      "--quiet",
      "--no-usage-report",
      "--log-format",
      "raw",
      "-e",
      `PLAN=${plan}`,
      "-e",
      `SUMMARY=${summaryFile}`,
      script,
    ];
    const env = closedEnvironment({ K6_AUTO_EXTENSION_RESOLUTION: "false" }, trustVariables);
    const child = start(load.k6, args, { stdio: ["ignore", "ignore", "pipe"], env });
    let log = "";
    child.stderr.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
    const onAbort = (): void => void child.kill("SIGTERM");
    signal.addEventListener("abort", onAbort, { once: true });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", (error) =>
        reject(new HarnessError(`Cannot run ${load.k6}: ${error.message}`, { cause: error })),
      );
      child.once("exit", resolve);
    });
    signal.removeEventListener("abort", onAbort);
    if (signal.aborted) return undefined;
    // 0: all thresholds held · 99: one broke. Anything else is k6's own trouble.
    if (code !== 0 && code !== 99)
      throw new HarnessError(`Cannot finish the run: k6 exited with ${code}\n${log.slice(-1_500)}`);
    return readSummary(JSON.parse(readFileSync(summaryFile, "utf8")), askedOf(load));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
