// The stack as a target: `compose.test.yml`, brought up by Testcontainers, with everything removed again when its scope
// ends, when the process exits and on Ctrl-C. Two runs beside each other share nothing: each has its project name, free
// ports and a free /24 network. A stack's owner is the process that must clean it up ("" after `rollcall stack up`); it
// is a label on all that the stack consists of.

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type * as Testcontainers from "testcontainers";
import { checkPeers, importPeer } from "../../peers.ts";
import { demoAdmin } from "../../systems/discodeit/wire.ts";
import { demoSecret } from "../../systems/gateway-chat/wire.ts";
import { demoToken } from "../../systems/sse/wire.ts";
import { demoUser } from "../../systems/stomp/wire.ts";
import { served, servedSystems, type ServedSystem } from "../../systems/served/wire.ts";
import { imagesInUse, packageDir } from "../../deploy/images.ts";
import { buildPage } from "../../deploy/page.ts";
import { HarnessError } from "../../drivers/errors.ts";
import { watchDeaths } from "./deaths.ts";
import { killChildrenSync, missingForStack, removeStackSync } from "./leftovers.ts";
import { freeNetwork, freePorts, whereRoomIs } from "./room.ts";
import { programMount } from "./program.ts";

const services = ["proxy", "server-1", "server-2", "postgres", "redis", "kafka"] as const;
type Service = (typeof services)[number];

/** Addresses of a running stack; what `rollcall stack up --json` prints. */
export interface StackAddresses {
  proxy: Record<ServedSystem, string>;
  instances: Record<ServedSystem, string[]>;
  /** Where the first instance speaks STOMP without WebSocket. */
  tcp: string;
  kafka: string;
  redis: { host: string; port: number; password: string };
  containers: Record<Service, string>;
}

export interface Stack extends StackAddresses, AsyncDisposable {
  project: string;
}

export interface StackOptions {
  /** The stack outlives this process. */
  keep?: boolean;
  /** The proxy's ports are those of the table, where they are free; others otherwise. */
  usualPorts?: boolean;
  /** More variables for deploy/compose.yml, such as BALANCE. */
  environment?: Record<string, string>;
  /** The caller catches SIGINT and its kin: a start that is under way is given up, and the scope ended. */
  signal?: AbortSignal;
  /** Told what happens, for progress. */
  onStep?: (text: string) => void;
}

/** Kafka and two servers start within 10 s; a cold machine that runs something else takes longer. */
const startDeadlineMs = 120_000;
const instanceNames = ["server-1", "server-2"] as const;

/**
 * Brings the stack up and resolves once every service is healthy. Throws at once, naming the command that helps, when
 * the engine, the Compose plugin or an image is missing. Whatever was started is removed when it throws.
 */
export async function openStack(options: StackOptions = {}): Promise<Stack> {
  // The servers in it are this program, with what is installed here.
  checkPeers(["testcontainers", "@platformatic/kafka", "ioredis", "kafkajs"], "the stack needs");
  const testcontainers = await importPeer("testcontainers", "the stack needs", () => import("testcontainers"));
  const missing = missingForStack();
  if (missing !== undefined) throw new HarnessError(`Cannot start the stack: ${missing.what}; next: ${missing.next}`);
  // Nginx gives it away. Without it the stack is as good; a page says that it is not built.
  await buildPage(options).catch((error: Error) => options.onStep?.(error.message));
  return await whereRoomIs(() => openOnce(testcontainers, options), options.onStep);
}

async function openOnce(testcontainers: typeof Testcontainers, options: StackOptions): Promise<Stack> {
  const project = `rollcall-${randomBytes(4).toString("hex")}`;
  const ports = await choosePorts(
    options.usualPorts === true ? servedSystems.map((name) => served[name].proxyPort) : [],
  );
  const { names, built } = imagesInUse();
  const keep = options.keep === true;
  const secrets = secretsOfRun();
  const release = removeAtExit(project, options.signal !== undefined);
  const deaths = watchDeaths(project);
  options.onStep?.(`${project}: starting ${services.join(", ")}`);
  try {
    const environment = new testcontainers.DockerComposeEnvironment(packageDir, "compose.test.yml")
      .withProjectName(project)
      .withEnvironment({
        ...unsetVariables(),
        ...names,
        ...programMount(),
        ...portVariables(ports),
        ...options.environment,
        ROLLCALL_NET: freeNetwork(),
        ROLLCALL_STACK: "run",
        ROLLCALL_OWNER: keep ? "" : String(process.pid),
        ROLLCALL_FOLDER: process.cwd(),
        ...secrets,
      })
      // Ryuk, which removes what a killed process leaves, is an image of its own: only where images are pulled.
      .withAutoCleanup(!keep && !built)
      .withDefaultWaitStrategy(testcontainers.Wait.forHealthCheck())
      .withStartupTimeout(startDeadlineMs);
    const started = await unlessAborted(environment.up(), options.signal);
    // A container that ended right after its start is not waited for: ask for each.
    for (const service of services) started.getContainer(`${service}-1`);
  } catch (error) {
    if (options.signal?.aborted === true) {
      // A `docker compose up` under way would go on making containers. At once: Testcontainers would tidy up, too, and
      // be in the way.
      killChildrenSync();
      removeStackSync(project);
    }
    const lastWords = await deaths.end();
    release();
    removeStackSync(project);
    options.onStep?.(`${project}: removed`);
    throw new HarnessError(`Cannot start the stack ${project}: ${reasonOf(error)}\n${lastWords}`, { cause: error });
  }
  await deaths.end();
  if (keep) release();
  options.onStep?.(`${project}: all services are healthy`);
  return {
    ...addresses(project, ports, secrets.REDIS_PASSWORD),
    project,
    [Symbol.asyncDispose]() {
      release();
      removeStackSync(project);
      options.onStep?.(`${project}: removed`);
      return Promise.resolve();
    },
  };
}

const randomPassword = (): string => randomBytes(24).toString("hex");

const secretsOfRun = () => ({
  // Reachable on loopback only, and `verify` knows them.
  ADMIN_PASSWORD: demoAdmin.password,
  GATEWAY_CHAT_SECRET: demoSecret,
  STOMP_USERS: `${demoUser.name}:${demoUser.password}`,
  SSE_TOKENS: demoToken,
  POSTGRES_PASSWORD: randomPassword(),
  REDIS_PASSWORD: randomPassword(),
});

/**
 * Every variable of the Compose files, empty: Compose takes the default for an empty one, and would take the caller's
 * for one that is not there.
 */
export function unsetVariables(folder: string = path.join(packageDir, "deploy")): Record<string, string> {
  const text = readdirSync(folder)
    .filter((name) => name.endsWith(".yml"))
    .map((name) => readFileSync(path.join(folder, name), "utf8"))
    .join("\n");
  return Object.fromEntries([...text.matchAll(/(?<!\$)\$\{?([A-Z]\w*)/g)].map(([, name]) => [name, ""]));
}

/** What goes on after an abort is not heard any more. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  work.catch(() => undefined);
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new HarnessError("interrupted"));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

interface Ports {
  proxy: number[];
  instances: number[][];
  kafka: number;
  redis: number;
  /** STOMP without WebSocket: at the proxy, and on each instance. */
  tcp: number[];
}

async function choosePorts(wished: readonly number[]): Promise<Ports> {
  const count = servedSystems.length;
  const chosen = await freePorts(count * 3 + 5, wished);
  return {
    proxy: chosen.slice(0, count),
    instances: [chosen.slice(count, 2 * count), chosen.slice(2 * count, 3 * count)],
    kafka: chosen[3 * count] ?? 0,
    redis: chosen[3 * count + 1] ?? 0,
    tcp: chosen.slice(3 * count + 2),
  };
}

function portVariables(ports: Ports): Record<string, string> {
  const variables: Record<string, string> = {
    ROLLCALL_KAFKA_PORT: String(ports.kafka),
    ROLLCALL_REDIS_PORT: String(ports.redis),
    ROLLCALL_STOMP_TCP_PORT: String(ports.tcp[0]),
    ROLLCALL_SERVER_1_STOMP_TCP_PORT: String(ports.tcp[1]),
    ROLLCALL_SERVER_2_STOMP_TCP_PORT: String(ports.tcp[2]),
  };
  servedSystems.forEach((_, system) => {
    variables[`ROLLCALL_PORT_${system + 1}`] = String(ports.proxy[system]);
    instanceNames.forEach((_name, instance) => {
      variables[`ROLLCALL_SERVER_${instance + 1}_PORT_${system + 1}`] = String(ports.instances[instance]?.[system]);
    });
  });
  return variables;
}

function addresses(project: string, ports: Ports, redisPassword: string): StackAddresses {
  const bySystem = <T>(make: (system: number) => T): Record<ServedSystem, T> =>
    Object.fromEntries(servedSystems.map((name, system) => [name, make(system)])) as Record<ServedSystem, T>;
  return {
    proxy: bySystem((system) => `http://127.0.0.1:${ports.proxy[system]}`),
    instances: bySystem((system) => ports.instances.map((instance) => `http://127.0.0.1:${instance[system]}`)),
    tcp: `tcp://127.0.0.1:${ports.tcp[1]}`,
    kafka: `127.0.0.1:${ports.kafka}`,
    redis: { host: "127.0.0.1", port: ports.redis, password: redisPassword },
    containers: Object.fromEntries(services.map((service) => [service, `${project}-${service}-1`])) as Record<
      Service,
      string
    >,
  };
}

/** Compose's last line says what went wrong; the others are its progress. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1) ?? "";

const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Removes the project when the process ends: by itself, by process.exit() or by a signal, which Vitest leaves to its
 * default, too.
 */
function removeAtExit(project: string, signalsCaught: boolean): () => void {
  const onExit = (): void => {
    // A `docker compose up` under way would go on making containers.
    killChildrenSync();
    removeStackSync(project);
  };
  const onSignal = (signal: keyof typeof signalExitCodes): void => {
    process.stderr.write(`interrupted: removing ${project}\n`);
    process.exit(signalExitCodes[signal]);
  };
  const signals = signalsCaught ? [] : (Object.keys(signalExitCodes) as (keyof typeof signalExitCodes)[]);
  process.once("exit", onExit);
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    process.off("exit", onExit);
    for (const signal of signals) process.off(signal, onSignal);
  };
}
