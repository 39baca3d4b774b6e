// The embedded target: the reference server in its own process, without configuration or Docker, on free ports.

import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePortVariables, type ServedSystem } from "../systems/served/wire.ts";
import { compileCacheFolder } from "../drivers/compile-cache.ts";
import { within } from "../drivers/deadline.ts";
import { HarnessError } from "../drivers/errors.ts";
import { startNode, type ChildProcess } from "../drivers/programs.ts";
import { heapFlags } from "../server/heap.ts";
import { preparedDatabaseFile } from "../server/store/prepared-database.ts";
import { closedEnvironment } from "./environment.ts";

/**
 * scrypt's cost for passwords that live as long as one run: N = 2^10, 2 ms. Those of a server that is kept cost what
 * its configuration says.
 */
const throwAwayPasswords = { PASSWORD_COST_LOG2: "10" };

/** The page of another origin that it lets in, one of those from which front ends are usually developed. */
const friendOrigin = "http://localhost:5173";

export interface ServerProcess extends AsyncDisposable {
  /** Base URL per system. */
  urls: Readonly<Record<ServedSystem, string>>;
  /** Of stomp without WebSocket. */
  tcp: string | undefined;
  readonly pid: number;
  /** The exit code, once it exited (null: by a signal). */
  readonly exited: Promise<number | null>;
}

export interface ServerOptions {
  /** The server's configuration: it gets none of the caller's variables. Ports are free ones unless given. */
  environment?: Readonly<Record<string, string>>;
  /** Modules preloaded in the server's process (mutants). */
  preload?: readonly string[];
  startTimeoutMs?: number;
  /** Told each line that the server prints, on either stream. */
  onLine?: (line: string) => void;
  /** Ends a start that is under way, at once. */
  signal?: AbortSignal | undefined;
}

/**
 * Starts a server and waits until it listens. Throws HarnessError with the end of its log when it does not, or when it
 * was interrupted.
 */
export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  const { signal } = options;
  const child = forkServer(options);
  let log = "";
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-8_000)));
  if (options.onLine !== undefined)
    for (const input of [child.stdout!, child.stderr!]) createInterface({ input }).on("line", options.onLine);
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  // Later than the exit: all that it printed was read.
  const closed = new Promise((resolve) => child.once("close", resolve));
  const close = async (): Promise<void> => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await closed;
    clearTimeout(timer);
  };
  const timeoutMs = options.startTimeoutMs ?? 120_000;
  let onAbort: (() => void) | undefined;
  try {
    const settled = Promise.race([
      new Promise<Pick<ServerProcess, "urls" | "tcp">>((resolve) =>
        child.on(
          "message",
          ({ listening, tcp }: { listening?: Record<ServedSystem, string>; tcp?: string }) =>
            listening !== undefined && resolve({ urls: listening, tcp }),
        ),
      ),
      exited.then((code): never => {
        throw new HarnessError(`Cannot start the server: it exited with ${code}\n${log.slice(-2_000)}`);
      }),
      new Promise<never>((_, reject) => {
        onAbort = () => {
          child.kill("SIGKILL");
          reject(new HarnessError("Cannot start the server: interrupted"));
        };
        if (signal?.aborted === true) onAbort();
        else signal?.addEventListener("abort", onAbort, { once: true });
      }),
    ]);
    const addresses = await within(timeoutMs, settled, () => {
      throw new HarnessError(`Cannot start the server: not listening after ${timeoutMs} ms\n${log.slice(-2_000)}`);
    });
    return { ...addresses, pid: child.pid!, exited, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}

function forkServer({ preload = [], environment }: ServerOptions): ChildProcess {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return startNode(fileURLToPath(new URL(`../server/main.${extension}`, import.meta.url)), {
    execArgv: [...heapFlags, ...preload.flatMap((module) => ["--import", module])],
    env: closedEnvironment({
      ...freePortVariables,
      LOG_LEVEL: "warn",
      NODE_COMPILE_CACHE: compileCacheFolder,
      ...throwAwayPasswords,
      ALLOWED_ORIGINS: friendOrigin,
      ...environment,
    }),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // Its own group: the terminal's Ctrl-C is for us, who still want to tidy up there. It ends when we are gone,
    // however we went.
    detached: true,
  });
}

/** A server per system, started beside each other. Throws as startServer does, after the others were closed. */
export async function startServers(
  systems: readonly ServedSystem[],
  signal?: AbortSignal,
): Promise<AsyncDisposable & Pick<ServerProcess, "urls" | "tcp">> {
  const start = (system: ServedSystem): Promise<ServerProcess> =>
    startServer({ environment: { SYSTEMS: system }, signal });
  const preparedDatabase = await preparedDatabaseFile();
  const starting = systems.slice(0, 1).map(start);
  // The very first one makes the database that all others copy.
  if (!existsSync(preparedDatabase)) await Promise.allSettled(starting);
  const settled = await Promise.allSettled([...starting, ...systems.slice(1).map(start)]);
  const servers = settled.filter((item) => item.status === "fulfilled").map(({ value }) => value);
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  };
  const failure = settled.find((item) => item.status === "rejected");
  if (failure !== undefined) {
    await close();
    throw failure.reason;
  }
  return {
    urls: Object.assign({}, ...servers.map(({ urls }) => urls)) as Record<ServedSystem, string>,
    tcp: servers.find(({ tcp }) => tcp !== undefined)?.tcp,
    [Symbol.asyncDispose]: close,
  };
}
