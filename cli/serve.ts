// `rollcall serve`: the reference server in the foreground, embedded unless the environment says otherwise.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Option, type Command } from "commander";
import { heapFlags } from "../server/heap.ts";
import { demoAdmin } from "../systems/discodeit/wire.ts";
import { takeOver } from "./interrupt.ts";
import { wholeNumber } from "./verify/settings.ts";
import { UsageError } from "./verify/usage-error.ts";

export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .description(
      "run the reference server (embedded database and bus unless DATABASE_URL, KAFKA_BROKERS, REDIS_URL are set)",
    )
    .addOption(new Option("--port-1 <port>", "port of discodeit-1").default("8080").env("DISCODEIT_1_PORT"))
    .addOption(new Option("--port-2 <port>", "port of discodeit-2").default("8081").env("DISCODEIT_2_PORT"))
    .option("--json", "print the addresses as one line of JSON")
    .addHelpText(
      "after",
      "\nThe environment decides the rest: HOST, SYSTEMS, DATABASE_URL, KAFKA_BROKERS, REDIS_URL, ADMIN_USERNAME, ADMIN_PASSWORD, LOG_LEVEL …\nStop it with Ctrl-C: it drains and exits 0.",
    )
    .action(async (options: { port1: string; port2: string; json?: boolean }, command: Command) => {
      try {
        checkPort(options.port1, "--port-1");
        checkPort(options.port2, "--port-2");
      } catch (error) {
        if (error instanceof UsageError) command.error(`error: ${error.message}`);
        throw error;
      }
      process.exitCode = await serve(options);
    });
}

/** 0 is any free one. */
function checkPort(text: string, flag: string): void {
  if (wholeNumber(text, flag, 0) > 65_535)
    throw new UsageError(`${flag} takes a port up to 65535, not ${JSON.stringify(text)}`);
}

async function serve(options: { port1: string; port2: string; json?: boolean }): Promise<number> {
  const main = fileURLToPath(
    new URL(`../server/main.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
  );
  const child = spawn(process.execPath, [...heapFlags, main], {
    env: { LOG_LEVEL: "warn", ...process.env, DISCODEIT_1_PORT: options.port1, DISCODEIT_2_PORT: options.port2 },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  let started = false;
  child.on("message", (message: { listening?: Record<string, string> }) => {
    if (message.listening === undefined) return;
    started = true;
    if (options.json === true) console.log(JSON.stringify(message.listening));
    else printAddresses(message.listening);
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  takeOver();
  const exitCode = await new Promise<number>((resolve) =>
    child.once("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 0))),
  );
  if (exitCode !== 0 && !started)
    console.error("next: --port-1 and --port-2 choose other ports; `npx rollcall serve --help` names the rest");
  return exitCode;
}

function printAddresses(listening: Record<string, string>): void {
  for (const [system, url] of Object.entries(listening))
    console.log(`${system}  ${url}   REST ${url}/api · STOMP ${url}/ws · events ${url}/api/sse`);
  if (process.env["DATABASE_URL"] === undefined)
    console.log(`Embedded: nothing is kept. Demo admin: ${demoAdmin.username} / ${demoAdmin.password}`);
  const [system, url] = Object.entries(listening)[0] ?? [];
  if (url !== undefined) console.log(`Verify it: npx rollcall verify ${url} --system ${system} --strict`);
}
