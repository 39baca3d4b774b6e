// `rollcall serve`: the reference server in the foreground, embedded unless the environment says otherwise.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { demoAdmin } from "../contract/wire.ts";

export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .description("run the reference server (embedded database and bus unless DATABASE_URL, KAFKA_BROKERS, REDIS_URL are set)")
    .option("--port-1 <port>", "port of discodeit-1", "8080")
    .option("--port-2 <port>", "port of discodeit-2", "8081")
    .option("--json", "print the addresses as one line of JSON")
    .addHelpText(
      "after",
      "\nThe environment decides the rest: HOST, SYSTEMS, DATABASE_URL, KAFKA_BROKERS, REDIS_URL, ADMIN_USERNAME, ADMIN_PASSWORD, LOG_LEVEL …\nStop it with Ctrl-C: it drains and exits 0.",
    )
    .action(async (options: { port1: string; port2: string; json?: boolean }) => {
      process.exitCode = await serve(options);
    });
}

async function serve(options: { port1: string; port2: string; json?: boolean }): Promise<number> {
  const main = fileURLToPath(new URL(`../server/main.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { DISCODEIT_1_PORT: options.port1, DISCODEIT_2_PORT: options.port2, LOG_LEVEL: "warn", ...process.env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.on("message", (message: { listening?: Record<string, string> }) => {
    if (message.listening === undefined) return;
    if (options.json === true) console.log(JSON.stringify(message.listening));
    else printAddresses(message.listening);
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 0))));
}

function printAddresses(listening: Record<string, string>): void {
  for (const [system, url] of Object.entries(listening)) console.log(`${system}  ${url}   REST ${url}/api · STOMP ${url}/ws · events ${url}/api/sse`);
  if (process.env["DATABASE_URL"] === undefined) console.log(`Embedded: nothing is kept. Demo admin: ${demoAdmin.username} / ${demoAdmin.password}`);
  const [system, url] = Object.entries(listening)[0] ?? [];
  if (url !== undefined) console.log(`Verify it: npx rollcall verify ${url} --system ${system} --strict`);
}
