// What `rollcall verify` is to verify: the description of a target from flags, config file and environment.

import type { Capability } from "../../contract/clause.ts";
import type { System } from "../../systems/define.ts";
import { demoAdmin } from "../../systems/discodeit/wire.ts";
import { systemNamed, systems } from "../../systems/systems.ts";
import { Network } from "../../drivers/network.ts";
import { isLoopback, type Target } from "../../systems/target.ts";
import { accountsMax } from "../../runner/account-pool.ts";
import { sse } from "../../systems/sse/definition.ts";
import { checkPeers } from "../../peers.ts";
import { askYes, canAsk } from "../ask.ts";
import type { TargetConfig } from "./config.ts";
import { detectSystem, type Detection } from "./detect.ts";
import { checkOrigin, type Settings } from "./settings.ts";
import { streamTargetOf, type StreamTarget } from "./stream-target.ts";
import { UsageError } from "./usage-error.ts";

/** Flags come before the config file. Finds the system out when nobody said it. Throws UsageError, TargetError. */
export async function targetOf(
  urls: [string, ...string[]],
  settings: Settings,
  config: TargetConfig | undefined,
  signal: AbortSignal,
): Promise<Target> {
  const ca = settings.ca ?? config?.ca;
  const origin = settings.origin ?? (config?.origin === undefined ? undefined : checkOrigin(config.origin, "origin"));
  const { browser } = settings;
  const brokers = settings.kafka?.brokers ?? config?.kafka?.brokers;
  const redis = redisOf(settings, config);
  if (brokers !== undefined) checkPeers(["kafkajs"], "--kafka needs");
  if (redis !== undefined) checkPeers(["ioredis"], "--redis needs");
  const named = settings.system === undefined ? config?.system : systems[settings.system];
  const spoken = named ?? (await detect(urls[0], ca, settings, signal));
  const { system, instances, proxy } = await placesOf(spoken, urls, { settings, config, ca, signal });
  const admin = adminOf(config, instances[0], system);
  const capabilities = new Set<Capability>([...(config?.capabilities ?? []), ...settings.capabilities]);
  if (instances.length > 1) capabilities.add("two-instances");
  if (admin !== undefined) capabilities.add("admin");
  if (proxy !== undefined) capabilities.add("proxy");
  if (browser !== undefined) capabilities.add("browser");
  if (brokers !== undefined) capabilities.add("kafka-tap");
  if (redis !== undefined) capabilities.add("redis-tap");
  return {
    name: config?.name ?? urls[0],
    system,
    instances,
    capabilities,
    throwAway: false,
    ...(ca === undefined ? {} : { ca }),
    ...(admin === undefined ? {} : { admin }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(origin === undefined ? {} : { origin }),
    ...(browser === undefined ? {} : { browser }),
    ...(redis === undefined ? {} : { redis }),
    ...(brokers === undefined
      ? {}
      : { kafka: { brokers, topicPrefix: settings.kafka?.topicPrefix ?? config?.kafka?.topicPrefix ?? system.name } }),
  };
}

/** Of an event stream the URL may be the stream's own. */
async function placesOf(
  system: System,
  instances: [string, ...string[]],
  {
    settings,
    config,
    ca,
    signal,
  }: { settings: Settings; config: TargetConfig | undefined; ca: string | undefined; signal: AbortSignal },
): Promise<StreamTarget> {
  const proxy = settings.proxy ?? config?.proxy;
  return system === sse
    ? await streamTargetOf(instances, proxy, settings.stream, ca, signal)
    : { system, instances, proxy };
}

/** The address and the password may come from different places: the one is no secret. */
function redisOf({ redis }: Settings, config: TargetConfig | undefined): Target["redis"] {
  const password = process.env["ROLLCALL_REDIS_PASSWORD"];
  const address = redis ?? config?.redis;
  return address === undefined ? undefined : { ...address, ...(password === undefined ? {} : { password }) };
}

/**
 * ROLLCALL_ADMIN, the config file, the definition, or our server's demo admin where a server like ours is on loopback.
 */
function adminOf(config: TargetConfig | undefined, url: string, system: System): Target["admin"] {
  const given = process.env["ROLLCALL_ADMIN"];
  if (given !== undefined) {
    const colon = given.indexOf(":");
    if (colon <= 0) throw new UsageError("ROLLCALL_ADMIN takes name:password");
    return { username: given.slice(0, colon), password: given.slice(colon + 1) };
  }
  const isOurs = systemNamed(system.name) === system && system.accounts?.appoint !== undefined;
  return (
    config?.admin ??
    system.accounts?.admin?.() ??
    (isOurs && isLoopback(url) ? { ...demoAdmin, guessed: true } : undefined)
  );
}

async function detect(url: string, ca: string | undefined, settings: Settings, signal: AbortSignal): Promise<System> {
  if (!isLoopback(url) && !settings.yes)
    throw new UsageError(
      `${url} is not on this machine: say --system, or --yes to let rollcall find out with a throw-away account`,
    );
  if (!settings.json) console.error(`finding out what ${url} speaks (--system says it) …`);
  const { system, how } = await detectAt(url, ca, signal);
  if (!settings.json) console.error(`${url} speaks ${system.name}: ${how}`);
  return system;
}

export async function detectAt(url: string, ca: string | undefined, interrupt?: AbortSignal): Promise<Detection> {
  const network = new Network({ interrupt, ...(ca === undefined ? {} : { ca }) });
  try {
    return await detectSystem(url, network);
  } finally {
    await network.close();
  }
}

/** Before a server that is not on loopback is filled: the list, and a yes. Throws UsageError without one. */
export async function confirm(target: Target, yes: boolean): Promise<void> {
  if (yes || target.instances.every(isLoopback)) return;
  const { accounts, rooms } = target.system;
  if (rooms === undefined && !target.system.features.has("events")) return;
  if (rooms === undefined)
    return await agree(`rollcall will publish some 500 events on ${target.instances.join(", ")}.`);
  const deletes = accounts?.remove !== undefined && rooms?.remove !== undefined;
  const after = deletes ? "and delete them all at the end" : "which stay, because the definition cannot delete them";
  await agree(
    `rollcall will create on ${target.instances.join(", ")}: up to ${accountsMax} accounts, about 250 rooms with some 1,500 messages among them, ${after}.`,
  );
}

async function agree(list: string): Promise<void> {
  if (!canAsk()) throw new UsageError(`${list} It is not on this machine: add --yes to agree`);
  if (!(await askYes(`${list}\nGo on? (y/N) `))) throw new UsageError("nothing was done");
}
