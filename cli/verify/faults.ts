// `rollcall verify --faults`: scenarios with faults, against our own stack that is brought up for it, or against
// any target whose config file says by
// which commands its parts are killed, paused and started again.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { countsOf, exitCodeOf, scoredCount, type Verdict } from "../../checkers/verdict.ts";
import { Network } from "../../drivers/network.ts";
import { run } from "../../drivers/programs.ts";
import { Secrets } from "../../drivers/transcript.ts";
import type { RunReport } from "../../reports/report.ts";
import { openStack, type Stack, type StackAddresses } from "../../targets/compose/compose.ts";
import { targetOfStack } from "../../targets/compose/target.ts";
import { outageByCommands } from "../../targets/commands.ts";
import type { Outage } from "../../targets/outages.ts";
import type { Target } from "../../systems/target.ts";
import { measureBaseline } from "../../runner/baseline.ts";
import { overAfter, RunFile } from "../../runner/clean-up.ts";
import { baselineLimitMs, contextOf, endOf, inWorldOf, newRunName } from "../../runner/run.ts";
import { runScenarios, soak, type ScenarioRunOptions } from "../../runner/faults/run-scenarios.ts";
import { scenarios, type Scenario } from "../../runner/faults/scenarios.ts";
import type { TargetConfig } from "./config.ts";
import { wholeNumber, type VerifyOptions } from "./settings.ts";
import { UsageError } from "./usage-error.ts";
import { version } from "../version.ts";
import { servedSystems, type ServedSystem } from "../../systems/served/wire.ts";
import { systemNamed } from "../../systems/systems.ts";

const logLinesMax = "5000";
const logDeadlineMs = 60_000;

export interface FaultSettings {
  scenarios: readonly Scenario[];
  minutes: number | undefined;
  times: number;
  seed: number;
}

/** `names`: true for all. Throws UsageError. */
export function readFaultSettings(
  names: string | true,
  { minutes, times }: VerifyOptions,
  seed: number | undefined,
): FaultSettings {
  if (minutes !== undefined && times !== undefined)
    throw new UsageError("--minutes is one long run: --times does not go with it");
  const wanted = names === true ? undefined : names.split(",").map((name) => name.trim());
  if (typeof names === "string" && /^https?:/.test(names))
    throw new UsageError("--faults: the URL goes before it: verify URL --faults");
  for (const name of wanted ?? [])
    if (!scenarios.some(({ id }) => id === name))
      throw new UsageError(
        `--faults: no scenario is called ${JSON.stringify(name)}: known are ${scenarios.map(({ id }) => id).join(", ")}`,
      );
  const short = scenarios.find(({ id, soaks }) => minutes !== undefined && wanted?.includes(id) === true && !soaks);
  if (short !== undefined) throw new UsageError(`--minutes: ${short.id} is none of the faults of a long run`);
  return {
    scenarios: scenarios.filter(({ id }) => wanted === undefined || wanted.includes(id)),
    minutes: minutes === undefined ? undefined : wholeNumber(minutes, "--minutes", 1),
    times: times === undefined ? 1 : wholeNumber(times, "--times", 1),
    seed: seed ?? Math.floor(Math.random() * 2 ** 32),
  };
}

export interface FaultRun {
  settings: FaultSettings;
  strict: boolean;
  signal: AbortSignal;
  report: string | undefined;
  /** What stands behind `rollcall verify` to do it again. */
  again: string;
  /** Told at once: who kills this run needs its name to tidy up. */
  onStart?: (run: string) => void;
  onPhase: (target: string, phase: string) => void;
  onVerdict: (target: string, verdict: Verdict) => void;
}

/**
 * Our own stack, brought up for this run and removed afterwards. Undefined: interrupted before anything could be
 * verified.
 */
export async function verifyOwnStack(
  system: string,
  faultRun: FaultRun,
  onStep: (text: string) => void,
): Promise<RunReport | undefined> {
  if (!isOnStack(system)) throw new UsageError(`--faults: the stack does not serve ${system}`);
  if (systemNamed(system)?.features.has("stomp") !== true)
    throw new UsageError(`--faults: its traffic is messages, and ${system} has event streams alone`);
  let stack: Stack;
  try {
    stack = await openStack({ onStep, signal: faultRun.signal });
  } catch (error) {
    // The terminal interrupts Docker too.
    if (faultRun.signal.aborted) return undefined;
    throw error;
  }
  await using _ = stack;
  if (faultRun.signal.aborted) return undefined;
  const run = await verifyFaults(targetOfStack(stack, system), ({ outage }) => outage?.(stack), faultRun);
  if (faultRun.report !== undefined && run.exitCode !== 0) await saveLogs(stack, faultRun.report);
  return run;
}

const isOnStack = (system: string): system is ServedSystem => (servedSystems as readonly string[]).includes(system);

/** What the services said, for whoever looks for the cause. */
async function saveLogs({ containers }: StackAddresses, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [service, container] of Object.entries(containers)) {
    try {
      const { stdout, stderr } = await run("docker", ["logs", "--timestamps", "--tail", logLinesMax, container], {
        deadlineMs: logDeadlineMs,
      });
      writeFileSync(join(folder, `${service}.log`), stdout + stderr);
    } catch (error) {
      // The verdicts are worth more than the logs.
      console.error(`rollcall: cannot save the log of ${service}: ${(error as Error).message}`);
    }
  }
}

/** By commands of the config file. */
export function outagesOf(
  config: TargetConfig | undefined,
  signal: AbortSignal,
): (scenario: Scenario) => Outage | undefined {
  return ({ id }) => {
    const commands = config?.faults?.[id];
    return commands === undefined ? undefined : outageByCommands(commands, signal);
  };
}

export async function verifyFaults(
  target: Target,
  outageOf: (scenario: Scenario) => Outage | undefined,
  faultRun: FaultRun,
): Promise<RunReport> {
  const { settings, signal, report, strict, onPhase, onVerdict } = faultRun;
  const startMs = performance.now();
  const leftBehind: string[] = [];
  let leftRun: string | undefined;
  const onLeftBehind = (run: string, what: readonly string[]): void => {
    if (what.length > 0) leftRun ??= run;
    leftBehind.push(...what);
  };
  const baseline = await baselineOf(target, signal, onLeftBehind);
  const options: ScenarioRunOptions = {
    target,
    outageOf,
    signal,
    baseline,
    ...(report === undefined ? {} : { historyFolder: report }),
    ...(faultRun.onStart === undefined ? {} : { onStart: faultRun.onStart }),
    onLeftBehind,
    onPhase: (phase) => onPhase(target.name, phase),
    onVerdict: (verdict) => onVerdict(target.name, verdict),
  };
  const { minutes, seed, times } = settings;
  const verdicts =
    minutes === undefined
      ? await runScenarios(settings.scenarios, { ...options, times })
      : [await soak(settings.scenarios, { ...options, minutes, seed })];
  const counts = countsOf(verdicts);
  const planned = minutes === undefined ? settings.scenarios.length : 1;
  return {
    // The name by which what is left can be cleaned up.
    run: leftRun ?? `faults-${seed.toString(16)}`,
    target: targetReportOf(target, faultRun.again),
    manifest: {
      contractVersion: version,
      seed,
      clausesInSet: minutes === undefined ? scenarios.length : 1,
      clausesSelected: planned,
      clausesJudged: verdicts.length,
      clausesScored: scoredCount(counts),
      interrupted: signal.aborted,
      leftBehind,
    },
    canary: { honest: true },
    baseline,
    strict,
    exitCode: exitCodeOf(verdicts, strict),
    durationMs: performance.now() - startMs,
    counts,
    verdicts,
  };
}

const targetReportOf = (
  { name, system, instances, addresses, capabilities }: Target,
  again: string,
): RunReport["target"] => ({
  name,
  system: system.name,
  instances,
  ...(addresses === undefined ? {} : { addresses }),
  again,
  capabilities: [...capabilities, "faults"],
});

/** Measured before anything is broken; after an interruption as far as it came. Throws as the runner's baseline does. */
async function baselineOf(
  target: Target,
  signal: AbortSignal,
  onLeftBehind: (run: string, what: readonly string[]) => void,
): Promise<RunReport["baseline"]> {
  const secrets = new Secrets();
  const network = new Network({ interrupt: signal, ...(target.ca === undefined ? {} : { ca: target.ca }) });
  const context = contextOf({ target }, newRunName(), network, secrets);
  const file = new RunFile(context.run, target, context);
  const limits = { limitMs: baselineLimitMs, signal, underWay: new Set<Promise<unknown>>(), network };
  const over = overAfter(signal);
  try {
    await inWorldOf(context, secrets, measureBaseline, limits);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    onLeftBehind(context.run, await endOf(context, file, { underWay: limits.underWay, over }));
    await network.close();
  }
  return context.baseline;
}
