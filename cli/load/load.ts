// `rollcall load SCENARIO`: prepares accounts and rooms, asks the machine whether it can, runs k6, and prints what
// became of every delivery.
// Exit codes: 0 thresholds held · 1 a threshold broke · 2 inconclusive (the generator or the machine spoilt it) · 3
// usage · 4 broken.

import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { System } from "../../systems/define.ts";
import { discodeitSystems } from "../../systems/discodeit/definition.ts";
import { systemNames, type SystemName } from "../../systems/discodeit/wire.ts";
import { HarnessError } from "../../drivers/errors.ts";
import { Network } from "../../drivers/network.ts";
import { start } from "../../drivers/programs.ts";
import { printLeftBehind } from "../../reports/console.ts";
import { startServer } from "../../targets/embedded.ts";
import { closedEnvironment, trustVariables } from "../../targets/environment.ts";
import { isLoopback } from "../../systems/target.ts";
import { clean } from "../verify/clean.ts";
import { detectSystem } from "../verify/detect.ts";
import { k6File } from "../doctor/k6.ts";
import { interruptedExitCode, openInterrupt } from "../interrupt.ts";
import { preflight } from "./preflight.ts";
import { openLoadRooms, type LoadRooms } from "./rooms.ts";
import { printLoad, readSummary, type LoadSummary } from "./summary.ts";
import { isExpected, nextStep } from "../next-step.ts";
import { checkUrl, wholeNumber } from "../verify/settings.ts";
import { UsageError } from "../verify/usage-error.ts";

/** A user may hold 100 sockets; the server refuses the 101st. */
const socketsPerAccount = 100;
const roomsCount = 4;

interface LoadOptions {
  connections: string;
  seconds: string;
  ramp?: string;
  p99: string;
  system?: string;
  yes?: boolean;
  json?: boolean;
  clean?: string;
}

export function addLoadCommand(program: Command): void {
  program
    .command("load")
    .description("load a server with k6 and account for every delivery; without a URL: the embedded server")
    .argument("[scenario]", "connections")
    .argument("[url]", "base URL of the server or of the proxy in front of it")
    .option("--connections <n>", "STOMP connections to hold", "2000")
    .option("--seconds <n>", "how long to hold them, one message a second", "30")
    .option("--ramp <seconds>", "how long to take for opening them (default: 200 a second)")
    .option("--p99 <ms>", "threshold of the delivery time", "2000")
    .option("--system <name>", `what the server speaks: ${systemNames.join(", ")} (default: found out)`)
    .option("--yes", "do not ask before a target that is not on loopback is loaded")
    .option("--json", "print the result as JSON")
    .option("--clean <run>", "delete what a run left behind that was killed, and do nothing else")
    .addHelpText(
      "after",
      "\nNeeds k6: `npx rollcall doctor` says how to get it. Exit codes: 0 held · 1 a threshold broke · 2 inconclusive · 3 usage · 4 broken · 130 interrupted",
    )
    .action(async (scenario: string | undefined, url: string | undefined, options: LoadOptions, command: Command) => {
      try {
        process.exitCode =
          options.clean === undefined ? await load(scenario, url, options) : await clean(options.clean);
      } catch (error) {
        if (error instanceof UsageError) command.error(`error: ${error.message}`);
        if (!isExpected(error)) throw error;
        const next = nextStep(error);
        console.error(`rollcall: ${error.message}${next === "" ? "" : `\nnext: ${next}`}`);
        process.exitCode = 4;
      }
    });
}

async function load(scenario: string | undefined, url: string | undefined, options: LoadOptions): Promise<number> {
  if (scenario === undefined) throw new UsageError("which scenario? known is connections");
  if (scenario !== "connections")
    throw new UsageError(`unknown scenario ${JSON.stringify(scenario)}: known is connections`);
  using interrupt = openInterrupt();
  const { signal } = interrupt;
  const left: string[] = [];
  try {
    const exitCode = await loadConnections(url, { ...options, signal, left });
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

/** Undefined when interrupted. */
async function loadConnections(url: string | undefined, options: RunOptions): Promise<number | undefined> {
  const connections = wholeNumber(options.connections, "--connections", 1);
  const holdSeconds = wholeNumber(options.seconds, "--seconds", 1);
  const rampSeconds =
    options.ramp === undefined ? Math.max(2, Math.ceil(connections / 200)) : wholeNumber(options.ramp, "--ramp", 1);
  const p99Ms = wholeNumber(options.p99, "--p99", 1);
  const k6 = k6File();
  if (k6 === undefined)
    throw new HarnessError(
      "Cannot load: k6 is not here; next: npx rollcall doctor --fix, or install k6 v2 by your package manager",
    );
  const say = (text: string): void => void (options.json === true || console.error(text));
  for (const line of preflight(connections, url === undefined)) say(line);
  const given = { k6, connections, holdSeconds, rampSeconds, p99Ms, options, say };
  if (url === undefined) {
    say("starting the embedded server …");
    const system = systemOf(options) ?? "discodeit-1";
    await using server = await startServer({ environment: { SYSTEMS: system }, signal: options.signal });
    return await run({ ...given, url: server.urls[system], system: discodeitSystems[system], throwAway: true });
  }
  const target = checkUrl(url);
  if (!isLoopback(target) && options.yes !== true)
    throw new UsageError(
      `${target} is not on this machine: ${connections} connections and ${Math.ceil(connections / socketsPerAccount) + 1} accounts will be made there; add --yes to agree`,
    );
  const network = new Network();
  const named = systemOf(options);
  const system = named === undefined ? (await detectSystem(target, network)).system : discodeitSystems[named];
  await network.close();
  return await run({ ...given, url: target, system, throwAway: false });
}

function systemOf({ system }: LoadOptions): SystemName | undefined {
  if (system === undefined) return undefined;
  if (!systemNames.includes(system as SystemName))
    throw new UsageError(`unknown system ${JSON.stringify(system)}: known are ${systemNames.join(", ")}`);
  return system as SystemName;
}

interface Run {
  url: string;
  system: System;
  k6: string;
  connections: number;
  holdSeconds: number;
  rampSeconds: number;
  p99Ms: number;
  throwAway: boolean;
  options: RunOptions;
  say: (text: string) => void;
}

async function run(load: Run): Promise<number | undefined> {
  const { url, system, throwAway, say, options } = load;
  const accounts = Math.ceil(load.connections / socketsPerAccount) + 1;
  const name = randomBytes(3).toString("hex");
  // Told at once, with --json too: who kills this run needs its name to tidy up.
  if (!throwAway) console.error(`run ${name} of ${system.name} at ${url}`);
  say(`making ${accounts} accounts and ${roomsCount} rooms …`);
  const onLeftBehind = (left: string[]): void => {
    options.left.push(...left);
    printLeftBehind(name, left, "load");
  };
  const rooms = await openLoadRooms({
    run: name,
    url,
    system,
    accounts,
    rooms: roomsCount,
    throwAway,
    signal: options.signal,
    onLeftBehind,
  });
  try {
    say(`${load.connections} connections in ${load.rampSeconds} s, then ${load.holdSeconds} messages, one a second …`);
    const summary = await runK6(load, rooms, options.signal);
    if (summary === undefined) return undefined;
    if (options.json === true) console.log(JSON.stringify(summary, undefined, 2));
    else printLoad(summary);
    return summary.exitCode;
  } finally {
    await rooms.close();
  }
}

/** What the script reads. */
const planOf = ({ connections, rampSeconds, holdSeconds, p99Ms }: Run, rooms: LoadRooms): string =>
  JSON.stringify({
    webSocketUrls: [rooms.webSocketUrl],
    connections,
    socketsPerVu: socketsPerAccount,
    rampSeconds,
    holdSeconds,
    accounts: rooms.accounts,
    rooms: rooms.rooms,
    p99Ms,
  });

/** Runs the script; undefined when interrupted. The plan holds tokens: mode 0600, removed at the end. */
async function runK6(load: Run, rooms: LoadRooms, signal: AbortSignal): Promise<LoadSummary | undefined> {
  if (signal.aborted) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "rollcall-load-"));
  try {
    const plan = join(folder, "plan.json");
    const summaryFile = join(folder, "summary.json");
    const { connections, rampSeconds, holdSeconds, p99Ms } = load;
    writeFileSync(plan, planOf(load, rooms), { mode: 0o600 });
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
    return readSummary(JSON.parse(readFileSync(summaryFile, "utf8")), {
      connections,
      holdSeconds,
      rampSeconds,
      p99Ms,
      url: load.url,
      system: load.system.name,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
