// `rollcall verify [url…]`: the contract against the embedded server, one URL, or several instances of one target.

import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { capabilities as allCapabilities, type Capability } from "../contract/clause.ts";
import { demoAdmin, systemNames, type SystemName } from "../contract/wire.ts";
import { countsOf, exitCodeOf } from "../checkers/verdict.ts";
import { HarnessError, TargetError, TimeoutError } from "../drivers/errors.ts";
import { Network } from "../drivers/network.ts";
import { Secrets } from "../drivers/transcript.ts";
import { printReport, Progress } from "../reports/console.ts";
import type { Report, RunReport } from "../reports/report.ts";
import { writeReport } from "../reports/write.ts";
import { version } from "./version.ts";
import { startServers } from "../targets/embedded.ts";
import { isLoopback, type Target } from "../targets/target.ts";
import { cleanRun } from "../tests/contract/clean-up.ts";
import { accountsMax } from "../tests/contract/account-pool.ts";
import { runContract, type RunResult } from "../tests/contract/run.ts";
import { readConfig, type TargetConfig } from "./config.ts";
import { detectSystem } from "./detect.ts";
import { checkUrl, readSettings, UsageError, type Settings, type VerifyOptions } from "./settings.ts";

export function addVerifyCommand(program: Command): void {
  program
    .command("verify")
    .description("verify a server against the contract; without a URL: the embedded reference server")
    .argument("[url...]", "base URL; several are instances of one target")
    .option("--system <name>", `what it speaks: ${systemNames.join(", ")} (default: found out)`)
    .option("--config <file>", "a target's description (rollcall.config.json or .ts)")
    .option("--ca <file>", "PEM file of a private certificate authority")
    .option("--proxy <url>", "the proxy in front of the instances")
    .option("--kafka <brokers>", "host:port of the target's Kafka, to watch its topics")
    .option("--topic-prefix <prefix>", "how the names of its topics begin (default: the system's name)")
    .option("--capability <name...>", `declare a capability: ${allCapabilities.join(", ")}`)
    .option("--timeout <ms>", "how long what is owed may take (default: from a measured baseline)")
    .option("--patient", "also the clauses about time over 5 s")
    .option("--only <ids>", "only these clauses: ids or areas, comma-separated")
    .option("--strict", "count weak (a broken SHOULD) as failed")
    .option("--known-failing <file>", "JSON: {\"clause.id\": {\"reason\": …, \"link\": …}}")
    .option("--jobs <n>", "proofs at a time", "8")
    .option("--seed <n>", "the order of the proofs, from an earlier run")
    .option("--report <dir>", "write report.json, junit.xml and report.html there")
    .option("--json", "print the report as JSON instead of the table")
    .option("--yes", "do not ask before a target that is not on loopback is filled with accounts")
    .option("--clean <run>", "tidy up after a run that was killed, and do nothing else")
    .addHelpText("after", "\nExit codes: 0 all scored MUSTs passed · 1 some failed · 2 inconclusive or nothing ran · 3 usage · 4 broken (harness, network) · 130 interrupted\nAdmin of the target: ROLLCALL_ADMIN=name:password, or the config file.")
    .action(async (urls: string[], options: VerifyOptions, command: Command) => {
      try {
        process.exitCode = options.clean === undefined ? await verify(urls, options) : await clean(options.clean);
      } catch (error) {
        if (error instanceof UsageError) command.error(`error: ${error.message}`);
        if (error instanceof TargetError || error instanceof TimeoutError || error instanceof HarnessError) {
          console.error(`rollcall: ${error.message}`);
          process.exitCode = 4;
        } else throw error;
      }
    });
}

async function clean(run: string): Promise<number> {
  const { accounts, channels } = await cleanRun(run);
  console.log(`run ${run}: ${accounts} accounts and ${channels} channels deleted`);
  return 0;
}

async function verify(urls: readonly string[], options: VerifyOptions): Promise<number> {
  const settings = readSettings(options);
  const config = options.config === undefined ? undefined : await readConfig(options.config);
  const addresses = (urls.length > 0 ? urls : (config?.instances ?? [])).map(checkUrl);
  const abort = new AbortController();
  const onSignal = (): void => abort.abort();
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  try {
    if (addresses.length === 0) return await verifyEmbedded(settings, abort.signal);
    const target = await targetOf(addresses as [string, ...string[]], settings, config);
    await confirm(target, settings.yes);
    return await verifyAll([target], settings, abort.signal);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

/** Both systems, each in a fresh embedded server of its own: one process is busy with one core's worth of work. */
async function verifyEmbedded(settings: Settings, signal: AbortSignal): Promise<number> {
  if (!settings.json) console.error("Starting the embedded server …");
  const systems = systemNames.filter((system) => settings.system === undefined || settings.system === system);
  await using servers = await startServers(systems);
  const targets = systems.map(
    (system): Target => ({
      name: `embedded ${system}`,
      system,
      instances: [servers.urls[system]],
      capabilities: new Set<Capability>(["admin", ...settings.capabilities]),
      admin: demoAdmin,
      ours: true,
    }),
  );
  return await verifyAll(targets, settings, signal);
}

async function targetOf(instances: [string, ...string[]], settings: Settings, config: TargetConfig | undefined): Promise<Target> {
  const ca = settings.ca ?? config?.ca;
  const admin = adminOf(config, instances[0]);
  const proxy = settings.proxy ?? config?.proxy;
  const brokers = settings.kafka?.brokers ?? config?.kafka?.brokers;
  const system = settings.system ?? config?.system ?? (await detect(instances[0], ca, settings));
  const capabilities = new Set<Capability>([...(config?.capabilities ?? []), ...settings.capabilities]);
  if (instances.length > 1) capabilities.add("two-instances");
  if (admin !== undefined) capabilities.add("admin");
  if (proxy !== undefined) capabilities.add("proxy");
  if (brokers !== undefined) capabilities.add("kafka-tap");
  return {
    name: config?.name ?? instances[0],
    system,
    instances,
    capabilities,
    ours: false,
    ...(ca === undefined ? {} : { ca }),
    ...(admin === undefined ? {} : { admin }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(brokers === undefined ? {} : { kafka: { brokers, topicPrefix: settings.kafka?.topicPrefix ?? config?.kafka?.topicPrefix ?? system } }),
  };
}

/** ROLLCALL_ADMIN, the config file, or the demo admin where the server is on loopback. */
function adminOf(config: TargetConfig | undefined, url: string): Target["admin"] {
  const given = process.env["ROLLCALL_ADMIN"];
  if (given !== undefined) {
    const colon = given.indexOf(":");
    if (colon <= 0) throw new UsageError("ROLLCALL_ADMIN takes name:password");
    return { username: given.slice(0, colon), password: given.slice(colon + 1) };
  }
  return config?.admin ?? (isLoopback(url) ? demoAdmin : undefined);
}

async function detect(url: string, ca: string | undefined, settings: Settings): Promise<SystemName> {
  const network = new Network(ca === undefined ? {} : { ca });
  try {
    if (!isLoopback(url) && !settings.yes) throw new UsageError(`${url} is not on this machine: say --system, or --yes to let rollcall find out with a throw-away account`);
    const { system, how } = await detectSystem(url, network);
    if (!settings.json) console.error(`${url} speaks ${system}: ${how}`);
    return system;
  } finally {
    await network.close();
  }
}

/** Before a server that is not on loopback is filled: the list, and a yes. */
async function confirm(target: Target, yes: boolean): Promise<void> {
  if (yes || target.instances.every(isLoopback)) return;
  const list = `rollcall will create on ${target.instances.join(", ")}: up to ${accountsMax} accounts named rollcall-<run>-…, about 250 channels with some 1,500 messages among them, and delete them all at the end.`;
  if (!process.stdin.isTTY) throw new UsageError(`${list} It is not on this machine: add --yes to agree`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${list}\nGo on? (y/N) `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError("nothing was done");
}

async function verifyAll(targets: readonly Target[], settings: Settings, signal: AbortSignal): Promise<number> {
  const secrets = new Secrets();
  const progress = new Progress({ quiet: settings.json });
  const settled = await Promise.allSettled(
    targets.map((target) =>
      runContract({
        target,
        jobs: settings.jobs,
        patient: settings.patient,
        known: settings.known,
        secrets,
        signal,
        ...(settings.only === undefined ? {} : { only: settings.only }),
        ...(settings.timeoutMs === undefined ? {} : { timeoutMs: settings.timeoutMs }),
        ...(settings.seed === undefined ? {} : { seed: settings.seed }),
        onPhase: (phase) => progress.phase(target.name, phase),
        onVerdict: (verdict, done, total) => progress.verdict(target.name, verdict, done, total),
      }),
    ),
  );
  progress.end();
  const runs = settled.filter((item) => item.status === "fulfilled").map(({ value }) => reportOf(value, settings.strict));
  const report: Report = { schema: 1, rollcall: version, createdAt: new Date().toISOString(), runs };
  const redact = (text: string): string => secrets.redact(text);
  if (settings.json) console.log(redact(JSON.stringify(report, undefined, 2)));
  else for (const run of runs) printReport(run);
  if (settings.report !== undefined) {
    writeReport(settings.report, report, redact);
    if (!settings.json) console.log(`report: ${join(settings.report, "report.html")}`);
  }
  const failures = settled.filter((item) => item.status === "rejected").map(({ reason }: PromiseRejectedResult): unknown => reason);
  for (const reason of failures) console.error(`rollcall: ${secrets.redact(reason instanceof Error ? reason.message : String(reason))}${nextStep(reason)}`);
  if (signal.aborted) return 130;
  return worst([...runs.map(({ exitCode }) => exitCode), ...(failures.length > 0 ? [4] : [])]);
}

function reportOf(result: RunResult, strict: boolean): RunReport {
  const { target, verdicts } = result;
  const counts = countsOf(verdicts);
  return {
    run: result.run,
    target: { name: target.name, system: target.system, instances: target.instances, capabilities: [...target.capabilities] },
    manifest: {
      contractVersion: version,
      seed: result.seed,
      clausesInSet: result.clausesInSet,
      clausesSelected: result.clausesSelected,
      clausesJudged: verdicts.length,
      clausesScored: verdicts.length - counts.unsupported,
      interrupted: result.interrupted,
      leftBehind: result.leftBehind,
    },
    canary: result.canary,
    baseline: result.baseline,
    strict,
    exitCode: exitCodeOf(counts, strict),
    durationMs: result.durationMs,
    counts,
    verdicts,
  };
}

function nextStep(reason: unknown): string {
  if (reason instanceof TargetError && reason.code === "unreachable") return "\nIs the server running, and is the address right? Try: curl -i <url>/api/auth/csrf-token";
  if (reason instanceof TargetError && /certificate|self.signed|CERT_/i.test(reason.message)) return "\nA private certificate authority is given by --ca FILE";
  if (reason instanceof TargetError) return "\nSign-up, login and one message must work before anything can be verified. Is --system right?";
  return "";
}

/** Precedence 1 > 4 > 2 > 0. */
const worst = (codes: readonly number[]): number => [1, 4, 2].find((code) => codes.includes(code)) ?? 0;
