// `rollcall serve`: the reference server in the foreground, embedded unless the environment says otherwise.

import { fileURLToPath } from "node:url";
import { Option, type Command } from "commander";
import { buildPage } from "../deploy/page.ts";
import { start } from "../drivers/programs.ts";
import { heapFlags } from "../server/heap.ts";
import { demoAdmin } from "../systems/discodeit/wire.ts";
import { portVariable, served, servedSystems } from "../systems/served/wire.ts";
import { systemNamed } from "../systems/systems.ts";
import { demoRefusal, demoTable, isInDemo, makeDemo, type DemoUser } from "./demo.ts";
import { takeOver } from "./interrupt.ts";
import { wholeNumber } from "./verify/settings.ts";
import { UsageError } from "./verify/usage-error.ts";

export function addServeCommand(program: Command): void {
  const command = program.command("serve");
  for (const [at, name] of servedSystems.entries())
    command.addOption(
      new Option(`--port-${at + 1} <port>`, `port of ${name}`)
        .default(String(served[name].port))
        .env(portVariable(name)),
    );
  command
    .description(
      "run the reference server (embedded database and bus unless DATABASE_URL, KAFKA_BROKERS, REDIS_URL are set)",
    )
    .option("--json", "print the addresses (and who is there by --demo) as one line of JSON")
    .option(
      "--demo",
      "with a few users and rooms, for whoever shows the page in a class; on this machine alone, and nothing is kept",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  rollcall serve                                       all systems, each on its usual port\n  rollcall serve --port-1 9080 --port-2 0              0 is any free port\n  SYSTEMS=redis-chat rollcall serve --json             one system; its address as JSON\n  DATABASE_URL=postgres://… rollcall serve             what is said is kept\n  rollcall serve --demo                                users, rooms and a conversation are there; who and where is printed\n\n--demo: in both revisions of Discodeit users, a public and a private channel, a file, messages that are unread;\nin study-room and redis-chat users and a room; the other systems have neither. Its passwords are known to everybody:\nit is refused with a HOST that others can reach, and with DATABASE_URL.\n\nThe environment decides the rest: HOST, SYSTEMS, DATABASE_URL, KAFKA_BROKERS, REDIS_URL, ADMIN_USERNAME, ADMIN_PASSWORD, LOG_LEVEL …\nStop it with Ctrl-C: it drains and exits 0.",
    )
    .action(async (options: ServeOptions, command: Command) => {
      try {
        for (const at of servedSystems.keys()) checkPort(options[`port${at + 1}`] ?? "", `--port-${at + 1}`);
        const refusal = options.demo === true ? demoRefusal(process.env) : undefined;
        if (refusal !== undefined) throw new UsageError(refusal);
      } catch (error) {
        if (error instanceof UsageError) command.error(`error: ${error.message}`);
        throw error;
      }
      process.exitCode = await serve(options);
    });
}

/** `port1`, `port2` …: of the systems in the order of the table. */
type ServeOptions = Record<`port${number}`, string | undefined> & { json?: boolean; demo?: boolean };

/** 0 is any free one. */
function checkPort(text: string, flag: string): void {
  if (wholeNumber(text, flag, 0) > 65_535)
    throw new UsageError(`${flag} takes a port up to 65535, not ${JSON.stringify(text)}`);
}

async function serve(options: ServeOptions): Promise<number> {
  const main = fileURLToPath(
    new URL(`../server/main.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
  );
  const ports = Object.fromEntries(servedSystems.map((name, at) => [portVariable(name), options[`port${at + 1}`]]));
  const child = start(process.execPath, [...heapFlags, main], {
    env: { LOG_LEVEL: "warn", ...process.env, ...ports },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  let started = false;
  let isEnding = false;
  let failed = false;
  child.on("message", ({ listening }: { listening?: Record<string, string> }) => {
    if (listening === undefined) return;
    started = true;
    announce(listening, options).catch((error: Error) => {
      if (isEnding) return;
      console.error(`Cannot make the demo: ${error.message}`);
      failed = true;
      child.kill("SIGTERM");
    });
    // The server is there without it, and gives it as soon as it is.
    buildPage({ onStep: console.error }).catch((error: Error) => console.error(error.message));
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      isEnding = true;
      child.kill(signal);
    });
  takeOver();
  const exitCode = await new Promise<number>((resolve) =>
    child.once("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 0))),
  );
  if (exitCode !== 0 && !started)
    console.error("next: --port-1, --port-2 … choose other ports; `npx rollcall serve --help` names the rest");
  return failed ? 1 : exitCode;
}

/** Says where the server is, and who is there when the demo is. */
async function announce(listening: Record<string, string>, { json, demo }: ServeOptions): Promise<void> {
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = process.env;
  // An empty variable is one that is not set, as the server reads it.
  const admin = { username: username || demoAdmin.username, password: password || demoAdmin.password };
  if (json !== true) printAddresses(listening);
  const users = demo === true ? await makeDemo(listening, admin) : undefined;
  if (json === true) console.log(JSON.stringify(users === undefined ? listening : { ...listening, demo: users }));
  else if (users !== undefined) printDemo(Object.keys(listening), users);
}

function printDemo(systems: readonly string[], users: readonly DemoUser[]): void {
  const without = systems.filter((name) => !isInDemo(name));
  if (users.length > 0) console.log(`\n${demoTable(users).join("\n")}`);
  if (without.length > 0)
    console.log(`Without users or rooms that are kept, and not in the demo: ${without.join(", ")}`);
}

/** Of what the system has. */
export function addressesOf(name: string, url: string): string {
  const { accounts, http, stomp, events } = systemNamed(name) ?? {};
  const hasRest = http?.base !== undefined || accounts?.signUp !== undefined;
  return [
    `page ${url}/`,
    ...(hasRest ? [`REST ${url}${http?.base ?? ""}`] : []),
    ...(stomp === undefined ? [] : [`STOMP ${url}${stomp.url}`]),
    ...(stomp?.sockjs === undefined ? [] : [`SockJS ${url}${stomp.sockjs}`]),
    ...(events === undefined ? [] : [`events ${url}${events.url}`]),
  ].join(" · ");
}

const hasAdmin = (listening: Record<string, string>): boolean =>
  Object.keys(listening).some((name) => systemNamed(name)?.accounts?.appoint !== undefined);

function printAddresses(listening: Record<string, string>): void {
  for (const [system, url] of Object.entries(listening)) console.log(`${system}  ${url}   ${addressesOf(system, url)}`);
  if (process.env["DATABASE_URL"] === undefined)
    console.log(
      `Embedded: nothing is kept.${hasAdmin(listening) ? ` Demo admin: ${demoAdmin.username} / ${demoAdmin.password}` : ""}`,
    );
  const [system, url] = Object.entries(listening)[0] ?? [];
  if (url !== undefined) console.log(`Verify it: npx rollcall verify ${url} --system ${system} --strict`);
}
