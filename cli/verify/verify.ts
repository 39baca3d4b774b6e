// `rollcall verify [url…]`: the contract against the embedded server, one URL, or several instances of one target.

import type { Command } from "commander";
import { clausesOf } from "../../contract/catalogue.ts";
import { capabilities as allCapabilities, type Capability } from "../../contract/clause.ts";
import { demoAdmin } from "../../systems/discodeit/wire.ts";
import { servedSystems, type ServedSystem } from "../../systems/served/wire.ts";
import { systemNamed, systemNames, systems as builtIn } from "../../systems/systems.ts";
import { HarnessError, TargetError } from "../../drivers/errors.ts";
import { webSocketUrl } from "../../drivers/network.ts";
import { Secrets } from "../../drivers/transcript.ts";
import { printLeftBehind, Progress } from "../../reports/console.ts";
import type { BrokenRun } from "../../reports/report.ts";
import { prepareReport } from "../../reports/write.ts";
import { startServers, type ServerProcess } from "../../targets/embedded.ts";
import { ownCapabilities } from "../../targets/own.ts";
import type { System } from "../../systems/define.ts";
import type { Target } from "../../systems/target.ts";
import { runContract } from "../../runner/run.ts";
import { againOf, configFlag, withoutCredentials } from "./again.ts";
import { clean } from "./clean.ts";
import { configOf, type TargetConfig } from "./config.ts";
import { openInterrupt } from "../interrupt.ts";
import { isExpected, nextStep } from "../next-step.ts";
import { reportOf, reportWith, tellReport } from "./result.ts";
import { runOptionsOf } from "./run-options.ts";
import { readSettings, type Settings, type VerifyOptions } from "./settings.ts";
import {
  outagesOf,
  readFaultSettings,
  verifyFaults,
  verifyOwnStack,
  type FaultRun,
  type FaultSettings,
} from "./faults.ts";
import { checkEndpoint } from "./endpoint.ts";
import { AuthorOf } from "./author.ts";
import { confirm, detectAt, targetOf } from "./target.ts";
import { UsageError } from "./usage-error.ts";
import { watchTarget } from "./watch/watch.ts";
import { checkOnly, whatToVerify } from "./what-to-verify.ts";

const examples = `
Examples:
  rollcall verify                                                        Rollcall's own server, embedded
  rollcall verify http://localhost:8080 --strict --report report         a server of yours; finds out what it speaks
  rollcall verify http://localhost:8080 http://localhost:8081            two instances of one: also what crosses
  rollcall verify --config rollcall.config.ts --only connect,subscribe   a backend of yours, some areas
  rollcall verify http://localhost:8080 --only 'sockjs.*' --report report
  rollcall verify http://localhost:8080 --only duplicate --from report   what one cause of a report broke, again
  rollcall verify ws://localhost:8080/ws                                 any STOMP broker; users: ROLLCALL_STOMP_USERS
  rollcall verify http://localhost:3000/events --system sse              any event stream; its token: ROLLCALL_SSE_TOKEN
  rollcall verify http://localhost:3000/events --publish 'redis-cli publish events {marker}'
  rollcall verify http://localhost:8080 --watch --only connect           again at each restart of the server
  rollcall verify --faults instance-killed                               kills an instance of a stack meanwhile`;

const more =
  "\nExit codes: 0 all scored MUSTs passed · 1 some failed · 2 inconclusive or nothing ran · 3 usage · 4 broken (harness, network) · 130 interrupted\nAdmin of the target: ROLLCALL_ADMIN=name:password, or the config file. Password of its Redis: ROLLCALL_REDIS_PASSWORD, or the config file. Secret of gateway-chat-secure: ROLLCALL_JWT_SECRET. Token of an event stream: ROLLCALL_SSE_TOKEN. Users of a STOMP broker: ROLLCALL_STOMP_USERS=name:password,… (empty: it asks nobody); its virtual host: ROLLCALL_STOMP_HOST; its TCP, where it is not port 61613: ROLLCALL_STOMP_TCP=tcp://host:port.";

export function addVerifyCommand(program: Command): void {
  program
    .command("verify")
    .description("verify a server against the contract; without a URL and a config: Rollcall's own server, embedded")
    .argument("[url...]", "base URL, or ws:// and where STOMP is; several are instances of one target")
    .option("--system <name>", `what it speaks: ${systemNames.join(", ")} (default: found out)`)
    .option("--config <file>", "a target's description (default: rollcall.config.ts, .js, .mjs or .json here)")
    .option("--embedded", "Rollcall's own server, whatever a rollcall.config here says")
    .option("--ca <file>", "PEM file of a private certificate authority")
    .option("--proxy <url>", "the proxy in front of the instances")
    .option("--origin <origin>", "the page that the clients stand for (default: one that is let in)")
    .option("--browser <path>", "a Chromium, for the clauses about real pages (default: one that is installed)")
    .option("--kafka <brokers>", "host:port of the target's Kafka, to watch its topics")
    .option("--redis <address>", "host:port of the target's Redis, to watch what is published there")
    .option("--topic-prefix <prefix>", "how the names of its topics begin (default: the system's name)")
    .option("--publish-url <url>", "of an event stream: where a POST makes an event come, the marker in its body")
    .option("--publish-body <text>", 'with --publish-url: the body, as \'{"data": "{marker}"}\' (default: {marker})')
    .option("--publish <command>", "of an event stream: a command that makes an event come, as 'send {marker}'")
    .option("--replay", "of an event stream: it promises to send again what was missed (Last-Event-ID)")
    .option("--capability <name...>", `declare a capability: ${allCapabilities.join(", ")}`)
    .option("--timeout <ms>", "how long to wait for what must come (default: from a measured baseline)")
    .option("--patient", "also the clauses about time over 5 s")
    .option("--only <ids>", "only these, comma-separated: clauses, areas, patterns as 'sockjs.*', causes of a report")
    .option("--from <report>", "the report whose causes --only names (default: the one in --report DIR)")
    .option("--strict", "count weak (a broken SHOULD) as failed")
    .option("--house", "also the house rules: what only Rollcall's own server promises")
    .option("--known-failing <file>", 'JSON: {"clause.id": {"reason": …, "link": …}}')
    .option(
      "--write-known-failing <file>",
      "write what fails in this run as such a list, to be edited; reasons in it stay",
    )
    .option("--jobs <n>", "proofs at a time (default: 8)")
    .option("--seed <n>", "the order of the proofs, from an earlier run")
    .option(
      "--faults [scenarios]",
      "let parts fail while everybody talks: all scenarios, or a comma-separated list; without a URL on a stack of its own",
    )
    .option("--times <n>", "with --faults: run each scenario n times, until one fails")
    .option("--minutes <n>", "with --faults: one long run with random faults, in an order that --seed repeats")
    .option("--watch", "run what failed again whenever the target restarts; keys: a all, f failed, o one, q quit")
    .option("--on-change <dir>", "with --watch: also when a file in it changes")
    .option("--report <dir>", "write report.json, junit.xml and report.html there; one run at a time")
    .option("--json", "print the report as JSON instead of the table")
    .option("--yes", "do not ask before a target that is not on loopback is filled with accounts")
    .option("--clean <run>", "tidy up after a run that was killed, and do nothing else")
    .addHelpText("after", examples)
    .addHelpText("after", more)
    .action(async (urls: string[], options: VerifyOptions, command: Command) => {
      try {
        process.exitCode = options.clean === undefined ? await verify(urls, options) : await cleanUp(options);
      } catch (error) {
        if (error instanceof UsageError) command.error(`error: ${error.message}`);
        if (!isExpected(error)) throw error;
        tell(error.message, nextStep(error));
        process.exitCode = 4;
      }
    });
}

const tell = (message: string, next: string): void =>
  console.error(`rollcall: ${message}${next === "" ? "" : `\nnext: ${next}`}`);

async function cleanUp({ clean: run, config }: VerifyOptions): Promise<number> {
  return await clean(run!, (await configOf(config))?.config.system, { config: configFlag(config) });
}

/** What a report calls it: as its user does. */
function asNamed(
  named: readonly string[],
  { instances }: Target,
  config: TargetConfig | undefined,
): Pick<Target, "name" | "addresses"> {
  const saysMore = named.some((address, at) => address !== instances[at]);
  const shown = named.map(withoutCredentials);
  return { name: config?.name ?? shown[0]!, ...(saysMore ? { addresses: shown } : {}) };
}

const configIn = ({ config }: VerifyOptions): Pick<Target, "config"> =>
  config === undefined ? {} : { config: configFlag(config) };

/** Throws UsageError. */
function checkWatchFlags(options: VerifyOptions, addresses: readonly string[]): void {
  if (options.watch !== true) {
    if (options.onChange !== undefined) throw new UsageError("--on-change needs --watch");
    return;
  }
  for (const flag of ["faults", "report", "json", "writeKnownFailing"] as const)
    if (options[flag] !== undefined)
      throw new UsageError(`--watch shows one screen until you quit: ${flagOf(flag)} does not go with it`);
  if (addresses.length === 0)
    throw new UsageError("--watch waits for a server to restart: name its URL; Rollcall's own is started for each run");
}

const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Throws UsageError. */
function checkFaultFlags(options: VerifyOptions): void {
  const isWithFaults = options.faults !== undefined;
  for (const flag of ["minutes", "times"] as const)
    if (options[flag] !== undefined && !isWithFaults) throw new UsageError(`--${flag} needs --faults`);
  for (const flag of ["only", "jobs", "patient", "timeout", "knownFailing", "writeKnownFailing"] as const)
    if (options[flag] !== undefined && isWithFaults)
      throw new UsageError(`${flagOf(flag)} is about clauses: it does not go with --faults`);
}

async function verify(urls: readonly string[], options: VerifyOptions): Promise<number> {
  const given = readSettings(options);
  checkFaultFlags(options);
  const { config, path, addresses, at } = await whatToVerify(urls, options);
  checkWatchFlags(options, addresses);
  const isAtPath = at !== undefined;
  // Then the config has the system, at its path.
  const settings = isAtPath ? { ...given, system: undefined } : given;
  using _ = settings.report === undefined ? undefined : takeFolder(settings.report);
  using interrupt = openInterrupt();
  const faults = options.faults === undefined ? undefined : readFaultSettings(options.faults, options, settings.seed);
  if (addresses.length === 0)
    return faults === undefined
      ? await verifyEmbedded(settings, againOf([], options), interrupt.signal)
      : await verifyWithFaults(undefined, undefined, faults, settings, interrupt.signal, againOf([], options));
  if (
    faults !== undefined &&
    config?.faults === undefined &&
    faults.scenarios.every(({ clients }) => clients === undefined)
  )
    throw new UsageError(
      `--faults: a target by URL needs a config file whose target's "faults" says how, as {"${faults.scenarios[0]!.id}": {"begin": "command", "end": "command"}}`,
    );
  let target: Target;
  const endInterrupted = (error?: unknown): number => tellInterrupted(settings, interrupt.signal, error);
  try {
    target = await targetOf(addresses as [string, ...string[]], settings, config, interrupt.signal);
    if (at !== undefined) await checkEndpoint(target.instances[0], at, target.ca);
    const named = at === undefined ? addresses : addresses.map((url) => webSocketUrl(url) + at);
    target = { ...target, ...asNamed(named, target, config), again: againOf(named, options), ...configIn(options) };
  } catch (error) {
    if (interrupt.signal.aborted) return endInterrupted(error);
    if (!isExpected(error)) throw error;
    const [because, next] = [error.message, nextStep(error)];
    tell(because, next);
    return tellReport(
      reportWith([], [{ target: addresses.join(", "), system: settings.system ?? "unknown", because, next }]),
      settings,
      (text) => text,
      interrupt.signal,
    );
  }
  if (interrupt.signal.aborted) return endInterrupted();
  checkOnly(settings.only, target.system.name);
  try {
    await confirm(target, settings.yes);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    return endInterrupted();
  }
  if (faults !== undefined)
    return await verifyWithFaults(target, config, faults, settings, interrupt.signal, target.again!);
  if (options.watch === true) return await watchTarget(target, settings, options.onChange, interrupt.signal);
  const isOwn = path !== undefined && !isAtPath && systemNamed(target.system.name) !== target.system;
  return await verifyAll(
    [target],
    settings,
    interrupt.signal,
    isOwn ? new AuthorOf(path, target.system, options.config) : undefined,
  );
}

/** Before anything was verified. The error may say what is left behind. */
function tellInterrupted(settings: Settings, signal: AbortSignal, error: unknown): number {
  const { hint: left } = error instanceof HarnessError ? error : {};
  if (left !== undefined) console.error(left);
  return tellReport(reportWith([], []), settings, (text) => text, signal, left !== undefined);
}

function takeFolder(dir: string): Disposable {
  try {
    return prepareReport(dir);
  } catch (error) {
    throw new UsageError(`--report: cannot write into ${dir}: ${(error as Error).message}`);
  }
}

/** Scenarios with faults. Without a target: on our own stack. */
async function verifyWithFaults(
  target: Target | undefined,
  config: TargetConfig | undefined,
  faults: FaultSettings,
  settings: Settings,
  signal: AbortSignal,
  again: string,
): Promise<number> {
  const progress = new Progress({ quiet: settings.json });
  let done = 0;
  const faultRun: FaultRun = {
    settings: faults,
    strict: settings.strict,
    signal,
    report: settings.report,
    again,
    ...(target === undefined || settings.json
      ? {}
      : {
          onStart: (name: string) =>
            console.error(
              `run ${name} of ${target.system.name} at ${(target.addresses ?? target.instances).join(", ")}`,
            ),
        }),
    onPhase: (name, phase) => progress.phase(name, phase),
    onVerdict: (name, verdict) => progress.verdict(name, verdict, ++done, faults.scenarios.length),
  };
  const tellStep = (text: string): void => {
    if (!settings.json) console.error(text);
  };
  const run =
    target === undefined
      ? await verifyOwnStack(settings.system ?? "discodeit-1", faultRun, tellStep)
      : await verifyFaults(target, outagesOf(config, signal), faultRun);
  progress.end();
  const runs = run === undefined ? [] : [run];
  return tellReport(reportWith(runs, []), settings, (text) => text, signal);
}

/** All systems, each in a fresh embedded server of its own: one process is busy with one core's worth of work. */
async function verifyEmbedded(settings: Settings, again: string, signal: AbortSignal): Promise<number> {
  if (!settings.json)
    console.error("verifying Rollcall's own server, embedded (for yours: rollcall verify URL); starting it …");
  const wanted = servedSystems.filter((system) => settings.system === undefined || settings.system === system);
  // A system of whose set no clause was selected would only say that nothing ran.
  const touched = wanted.filter(
    (system) => settings.only === undefined || clausesOf(system).some((id) => settings.only!.includes(id)),
  );
  if (settings.system !== undefined) checkOnly(settings.only, settings.system);
  const systems = touched.length > 0 ? touched : wanted;
  await using servers = await startServers(systems, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
  if (servers === undefined) return tellReport(reportWith([], []), settings, (text) => text, signal);
  const targets = systems.map((system) => ({ ...embeddedTarget(builtIn[system]!, servers, settings), again }));
  return await verifyAll(targets, settings, signal);
}

function embeddedTarget(
  system: System,
  { urls, tcp }: Pick<ServerProcess, "urls" | "tcp">,
  { browser, capabilities }: Settings,
): Target {
  const hasAdmin = system.accounts?.appoint !== undefined;
  return {
    name: `embedded ${system.name}`,
    system,
    instances: [urls[system.name as ServedSystem]],
    tcp,
    capabilities: new Set<Capability>([
      ...ownCapabilities(system),
      ...(hasAdmin ? (["admin"] as const) : []),
      ...capabilities,
      ...(browser === undefined ? [] : (["browser"] as const)),
    ]),
    ...(browser === undefined ? {} : { browser }),
    ...(hasAdmin ? { admin: demoAdmin } : {}),
    throwAway: true,
  };
}

/** `author`: whoever wrote the definition hears in which line of it something is wrong. */
async function verifyAll(
  targets: readonly Target[],
  settings: Settings,
  signal: AbortSignal,
  author?: AuthorOf,
): Promise<number> {
  const secrets = new Secrets();
  const redact = (text: string): string => secrets.redact(text);
  const progress = new Progress({ quiet: settings.json });
  let isLeft = false;
  const settled = await Promise.allSettled(
    targets.map((target) =>
      runContract({
        ...runOptionsOf(target, settings, progress),
        onLeftBehind: (run, leftBehind) => {
          isLeft = true;
          printLeftBehind(run, leftBehind, target);
        },
        target,
        secrets,
        signal,
        ...(author === undefined ? {} : { onDefinition: (wrong) => author.tell(wrong, redact) }),
      }),
    ),
  );
  progress.end();
  const runs = settled
    .filter((item) => item.status === "fulfilled")
    .map(({ value }) => reportOf(value, settings.strict));
  const broken: BrokenRun[] = [];
  for (const [at, item] of settled.entries())
    if (item.status === "rejected") {
      const run = await brokenRun(targets[at]!, item.reason, { settings, redact, signal });
      broken.push(author === undefined ? run : author.explain(run, item.reason));
    }
  const report = reportWith(runs, broken);
  // What Ctrl-C cut short broke for no other reason.
  if (!signal.aborted) for (const { because, next } of broken) tell(because, next);
  return tellReport(report, settings, redact, signal, isLeft);
}

/**
 * Why a target could not be verified at all, and what to do. An error that is none of ours keeps its stack: it is a bug
 * here.
 */
async function brokenRun(
  target: Target,
  reason: unknown,
  { settings, redact, signal }: { settings: Settings; redact: (text: string) => string; signal: AbortSignal },
): Promise<BrokenRun> {
  const because = isExpected(reason)
    ? reason.message
    : reason instanceof Error
      ? (reason.stack ?? reason.message)
      : String(reason);
  const other =
    settings.system !== undefined &&
    !signal.aborted &&
    reason instanceof TargetError &&
    (reason.code === "refused" || reason.code === "malformed")
      ? await systemAt(target, signal)
      : undefined;
  const next =
    other === undefined || other === target.system.name
      ? nextStep(reason)
      : `It speaks ${other}: say --system ${other}, or leave --system away`;
  return { target: target.name, system: target.system.name, because: redact(because), next };
}

async function systemAt(target: Target, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await detectAt(target.instances[0], target.ca, signal)).system.name;
  } catch (error) {
    if (isExpected(error)) return undefined; // then the first error is all that there is to tell
    throw error;
  }
}
