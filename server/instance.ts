// How does one process become an instance of the configured systems, and how does it go away? Opening: stores, bus,
// presence, systems, realtime layer, then the ports. Draining, in this order: not ready, nothing new accepted,
// connections told, frames and requests finished, committed work published, everything closed.

import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "pino";
import { portVariable, stompTcp, type ServedSystem } from "../systems/served/wire.ts";
import type { Bus } from "./bus/bus.ts";
import { MemoryBus } from "./bus/memory-bus.ts";
import { OutboxRelay } from "./bus/outbox-relay.ts";
import { importPeer } from "../peers.ts";
import { ConfigError, type Config } from "./config.ts";
import { countRefusals, openEdge, type Edge } from "./edge.ts";
import { drainInSteps, type DrainStep } from "./drain.ts";
import type { Dependency } from "./health.ts";
import { createHttpServer, listen } from "./http.ts";
import { openMetrics, type RealtimeMetrics } from "./realtime/metrics.ts";
import { graceMs, LocalPresence, PresenceTracker } from "./presence/presence.ts";
import { openAround } from "./realtime/own-sockets.ts";
import { guestsPerAddressMax, type RealtimePorts } from "./realtime/ports.ts";
import type { Realtime } from "./realtime/realtime.ts";
import { loadRedis, openRedis, RedisPresence } from "./presence/redis-presence.ts";
import { LoginLimits } from "./security/login-limits.ts";
import { openTcp, type TcpDoor } from "./stomp/tcp.ts";
import { openStores } from "./store/open-store.ts";
import { noStore, type Store } from "./store/store.ts";
import { openTrace } from "./trace.ts";
import { open as openDiscodeit1 } from "./systems/discodeit/discodeit-1.ts";
import { open as openDiscodeit2 } from "./systems/discodeit/discodeit-2.ts";
import { open as openGatewayChat, openSecure as openGatewayChatSecure } from "./systems/gateway-chat/open.ts";
import { RedisBus } from "./systems/redis-chat/redis-bus.ts";
import { open as openRedisChat } from "./systems/redis-chat/open.ts";
import { open as openSse } from "./systems/sse/open.ts";
import { open as openStudyRoom } from "./systems/study-room/open.ts";
import { open as openStomp } from "./systems/stomp/open.ts";
import type { ChatSystem, OpenSystem } from "./systems/system.ts";

const openers: Record<ServedSystem, OpenSystem> = {
  "discodeit-1": openDiscodeit1,
  "discodeit-2": openDiscodeit2,
  "study-room": openStudyRoom,
  "redis-chat": openRedisChat,
  "gateway-chat": openGatewayChat,
  "gateway-chat-secure": openGatewayChatSecure,
  stomp: openStomp,
  sse: openSse,
};

/** They publish what they committed over Redis themselves, without an outbox, and lose what it misses. */
const overRedis: ReadonlySet<ServedSystem> = new Set<ServedSystem>(["redis-chat"]);
/** They store nothing, and each of their instances is alone. */
const inMemory: ReadonlySet<ServedSystem> = new Set<ServedSystem>(["stomp"]);
/** They need no database: what is published goes to the bus at once. */
const withoutStore: ReadonlySet<ServedSystem> = new Set<ServedSystem>([...inMemory, "sse"]);
const withoutOutbox: ReadonlySet<ServedSystem> = new Set<ServedSystem>([...overRedis, ...withoutStore]);

export interface Instance {
  urls: Record<string, string>;
  /** `tcp://host:port` of stomp without WebSocket, if it is served. */
  tcp: string | undefined;
  /** Resolves when all is closed. Work that does not end in its share of DRAIN_MS is left to the other instances. */
  drain(): Promise<void>;
}

interface RunningSystem {
  server: Server;
  realtime: Realtime;
  presence: PresenceTracker;
  redisPresence: RedisPresence | undefined;
  system: ChatSystem;
  relay: OutboxRelay | undefined;
  bus: Bus;
  onFault: (error: unknown) => void;
}

type Redis = Awaited<ReturnType<typeof openRedis>>;

export async function openInstance(config: Config, log: Logger, open = openStores): Promise<Instance> {
  if (config.databaseUrl !== undefined && (!config.kafkaBrokers || config.redisUrl === undefined)) {
    log.warn("single instance only: DATABASE_URL without KAFKA_BROKERS and REDIS_URL");
  }
  const draining = { is: false };
  const redis = config.redisUrl === undefined ? undefined : await tryRedis(config.redisUrl, log);
  const storing = config.systems.filter((name) => !withoutStore.has(name));
  const stores = storing.length === 0 ? new Map<ServedSystem, Store>() : await open(config.databaseUrl, storing);
  const edge = openEdge(config, log);
  const openOne = async (name: ServedSystem): Promise<RunningSystem> => {
    const store = stores.get(name) ?? noStore;
    return await openSystem(name, config, log.child({ system: name }), store, redis, edge, draining);
  };
  const running = await Promise.all(config.systems.map(openOne));
  // All ports open when all systems are ready: whoever asks one of them knows about the others.
  const urls: Record<string, string> = {};
  for (const [index, name] of config.systems.entries()) {
    const { server, onFault } = running[index]!;
    urls[name] = await listen(server, config.host, config.ports[name], onFault).catch((error: unknown) => {
      throw new ConfigError(
        `${portVariable(name)}: cannot listen on ${config.host}:${config.ports[name]}: ${messageOf(error)}`,
      );
    });
  }
  const tcp = await openTcpOf(running[config.systems.indexOf("stomp")], config);
  const drain = async (): Promise<void> => {
    draining.is = true;
    tcp?.close();
    const onFault = (error: unknown): void => log.warn({ err: error }, "fault");
    await Promise.all(running.map((system) => drainSystem(system, config.drainMs)));
    // Last: the embedded database is one for all systems.
    const closeStores = (): Promise<unknown> => Promise.all([...stores.values()].map((store) => store.close()));
    const steps: DrainStep[] = [
      { name: "stores", withinMs: config.drainMs * 0.05, run: closeStores },
      { name: "Redis", withinMs: 0, run: () => redis?.disconnect() },
    ];
    await drainInSteps(steps, onFault);
  };
  return { urls, tcp: tcp?.url, drain };
}

async function openTcpOf(stomp: RunningSystem | undefined, config: Config): Promise<TcpDoor | undefined> {
  if (!stomp?.realtime.accept) return undefined;
  const { host, stompTcpPort: port } = config;
  return await openTcp(stomp.realtime.accept, { host, port, onFault: stomp.onFault }).catch((error: unknown) => {
    throw new ConfigError(`${stompTcp.variable}: cannot listen on ${host}:${port}: ${messageOf(error)}`);
  });
}

/** Clients wrap what happened in what they did: the innermost message says why. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : messageOf(error.cause);
}

async function openSystem(
  name: ServedSystem,
  config: Config,
  log: Logger,
  store: Store,
  redis: Redis | undefined,
  edge: Edge,
  draining: { is: boolean },
): Promise<RunningSystem> {
  const onFault = (error: unknown): void => log.warn({ err: error }, "fault");
  const metrics = openMetrics(name);
  const trace = openTrace(log, metrics.refused);
  const bus = await openBus(name, config, redis, log, metrics);
  const relay = withoutOutbox.has(name) ? undefined : new OutboxRelay(store, bus, name, onFault);
  const instance = `${config.instance}.${randomUUID()}`;
  const redisPresence = redis && new RedisPresence(redis, { system: name, instance, onFault });
  const presence = new PresenceTracker(redisPresence ?? new LocalPresence(), onFault);
  const loginLimits = new LoginLimits({ system: name, redis, onFault });
  const system = await openers[name]({
    name,
    store,
    outbox: relay ?? { kick: () => undefined },
    bus,
    presence,
    instance,
    redis,
    config: config.system,
    loginLimits,
    trace,
    onFault,
  });
  relay?.startSweeping();
  const ports = system.realtime;
  presence.announceBy((userId, online) => ports.announceOnline(userId, online));
  await redisPresence?.start((userIds) => presence.review(userIds));
  const ownEdge = ports.profile.anyOrigin
    ? { ...edge, originAllowed: () => true }
    : countRefusals(edge, metrics.refused);
  const options = { ports, bus, presence, metrics, ...limitsOf(ports, config), ...ownEdge, onFault };
  const realtime = system.openRealtime?.(options) ?? openAround(system.sockets?.({ ...ownEdge, onFault }), options);
  await realtime.follow().catch((error: unknown) => {
    throw config.kafkaBrokers ? unreachableKafka(config.kafkaBrokers, error) : error;
  });
  const server = createHttpServer({
    system,
    realtime,
    registry: metrics.registry,
    dependencies: dependenciesOf(store, bus, redisPresence, draining),
    instance: config.instance,
    edge: ownEdge,
    onFault,
  });
  return { server, realtime, presence, redisPresence, system, relay, bus, onFault };
}

const limitsOf = ({ profile }: RealtimePorts, { socketsPerUserMax, streamsPerUserMax }: Config) => ({
  // A user of a broker is a backend, or whoever was given its passcode.
  socketsPerUserMax: profile.guest || profile.exchange ? guestsPerAddressMax : socketsPerUserMax,
  streamsPerUserMax,
});

const dependenciesOf = (
  store: Store,
  bus: Bus,
  redisPresence: RedisPresence | undefined,
  draining: { is: boolean },
): Dependency[] => [
  { name: "instance", trouble: () => (draining.is ? "draining" : undefined) },
  { name: "PostgreSQL", trouble: () => store.ping().then(() => undefined) },
  { name: "Kafka", trouble: () => bus.trouble() },
  { name: "Redis", trouble: () => redisPresence?.trouble() },
];

async function openBus(
  name: ServedSystem,
  config: Config,
  redis: Redis | undefined,
  log: Logger,
  metrics: RealtimeMetrics,
): Promise<Bus> {
  const onPoison = (topic: string, error: unknown): void => {
    metrics.poisoned.inc({ topic });
    log.error({ err: error, topic }, "record skipped");
  };
  if (overRedis.has(name) && redis && config.redisUrl !== undefined)
    return new RedisBus(redis, await tryRedis(config.redisUrl, log), onPoison);
  if (!config.kafkaBrokers || overRedis.has(name) || inMemory.has(name)) return new MemoryBus(onPoison);
  const needs = "KAFKA_BROKERS needs";
  const { openKafkaBus } = await importPeer("@platformatic/kafka", needs, () => import("./bus/kafka-bus.ts"));
  try {
    const { kafkaBrokers: brokers, kafkaSessionTimeoutMs: sessionTimeoutMs, instance } = config;
    return await openKafkaBus({ brokers, sessionTimeoutMs, prefix: name, instance, log, onPoison });
  } catch (error) {
    throw unreachableKafka(config.kafkaBrokers, error);
  }
}

const unreachableKafka = (brokers: readonly string[], error: unknown): ConfigError =>
  new ConfigError(`KAFKA_BROKERS: cannot reach Kafka at ${brokers.join(",")}: ${messageOf(error)}`);

async function tryRedis(url: string, log: Logger): Promise<Redis> {
  const attemptsMax = 10;
  await loadRedis();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openRedis(url, (error) => log.debug({ err: error }, "redis"));
    } catch (error) {
      if (attempt === attemptsMax) throw new ConfigError(`REDIS_URL: cannot reach Redis: ${messageOf(error)}`);
      log.warn({ attempt, reason: messageOf(error) }, "Redis does not answer, trying again");
      await wait(1_000);
    }
  }
}

async function drainSystem(
  { server, realtime, presence, redisPresence, system, relay, bus, onFault }: RunningSystem,
  drainMs: number,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  const steps: DrainStep[] = [
    { name: "connections", withinMs: drainMs * 0.35, run: () => (server.closeIdleConnections(), realtime.drain()) },
    { name: "requests", withinMs: drainMs * 0.15, run: () => (server.closeIdleConnections(), stopped) },
    { name: "system", withinMs: drainMs * 0.2, run: () => (server.closeAllConnections(), system.close()) },
    { name: "presence", withinMs: drainMs * 0.05, run: () => presence.close() },
    { name: "outbox", withinMs: drainMs * 0.15, run: () => relay?.close(drainMs * 0.15) },
    {
      name: "bus and Redis",
      withinMs: drainMs * 0.1,
      run: () => Promise.all([bus.close(), redisPresence?.close(graceMs)]),
    },
  ];
  await drainInSteps(steps, onFault);
}
