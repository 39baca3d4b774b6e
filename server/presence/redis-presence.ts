// Who is online over all instances? Each instance writes its present users to Redis and holds a lease of 10 s, renewed
// every 3 s; users of an instance without a lease do not count, and a survivor announces them. Redis away: presence is
// that of this instance alone. Keys (prefix = presence:<system>): <prefix>:instances, :lease:<instance>,
// :users:<instance>, :since (from when on leases were kept without a gap), :told (announced as online), :flip:<user>
// (told within the last 5 s). One Lua script per decision, so that two instances never tell the same flip. Each key
// ends by itself when nobody renews it, and holds no more than the connections of its instances.

import type { Redis } from "ioredis";
import { importPeer } from "../../peers.ts";
import { flipEveryMs, LocalPresence, type PresenceState, type Settlement } from "./presence.ts";

const leaseMs = 10_000;
const renewEveryMs = 3_000;
/** Outlasts a restart of all instances: whoever was told to be online is told to be offline afterwards. */
const toldLifeMs = 24 * 60 * 60 * 1_000;
/** A command that takes longer counts as "Redis away". */
const commandTimeoutMs = 1_000;
/** Users that one command names, at most. */
const usersPerCommand = 1_000;

const onlineLua = `
local function present(user)
  for _, instance in ipairs(redis.call('SMEMBERS', KEYS[1] .. ':instances')) do
    if redis.call('EXISTS', KEYS[1] .. ':lease:' .. instance) == 1
      and redis.call('SISMEMBER', KEYS[1] .. ':users:' .. instance, user) == 1 then return true end
  end
  return false
end`;

const scripts = {
  /** Which of ARGV are present on an instance with a lease. */
  online: `
local live = {}
for _, instance in ipairs(redis.call('SMEMBERS', KEYS[1] .. ':instances')) do
  if redis.call('EXISTS', KEYS[1] .. ':lease:' .. instance) == 1 then live[#live + 1] = KEYS[1] .. ':users:' .. instance end
end
local found = {}
for _, user in ipairs(ARGV) do
  for _, users in ipairs(live) do
    if redis.call('SISMEMBER', users, user) == 1 then found[#found + 1] = user break end
  end
end
return found`,
  /** 1 or 0: tell online or offline now. -1: nothing to tell. Below -1: ask again in as many milliseconds. */
  settle: `${onlineLua}
local user = ARGV[1]
local now = present(user)
if now == (redis.call('SISMEMBER', KEYS[1] .. ':told', user) == 1) then return -1 end
if not redis.call('SET', KEYS[1] .. ':flip:' .. user, '1', 'NX', 'PX', ARGV[2]) then
  return -1 - math.max(1, redis.call('PTTL', KEYS[1] .. ':flip:' .. user))
end
if now then redis.call('SADD', KEYS[1] .. ':told', user) return 1 end
redis.call('SREM', KEYS[1] .. ':told', user)
return 0`,
  /**
   * Renews the lease of ARGV[1] for ARGV[2] ms, and what is told for ARGV[3] ms; forgets instances without a lease.
   * Returns whether ours was lost, whether leases are kept for less than one of them lasts, then the users to look at
   * again.
   */
  renew: `
local lost = redis.call('EXISTS', KEYS[1] .. ':lease:' .. ARGV[1]) == 0
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1] .. ':lease:' .. ARGV[1], '1', 'PX', ARGV[2])
redis.call('SADD', KEYS[1] .. ':instances', ARGV[1])
redis.call('SET', KEYS[1] .. ':since', now, 'NX')
for _, key in ipairs({ ':instances', ':since', ':users:' .. ARGV[1] }) do
  redis.call('PEXPIRE', KEYS[1] .. key, ARGV[2])
end
redis.call('PEXPIRE', KEYS[1] .. ':told', ARGV[3])
local young = now - redis.call('GET', KEYS[1] .. ':since') < tonumber(ARGV[2])
local sets = { KEYS[1] .. ':told' }
for _, instance in ipairs(redis.call('SMEMBERS', KEYS[1] .. ':instances')) do
  if redis.call('EXISTS', KEYS[1] .. ':lease:' .. instance) == 1 then sets[#sets + 1] = KEYS[1] .. ':users:' .. instance
  else
    redis.call('SREM', KEYS[1] .. ':instances', instance)
    redis.call('DEL', KEYS[1] .. ':users:' .. instance)
  end
end
local stray = redis.call('SDIFF', unpack(sets))
table.insert(stray, 1, young and '1' or '0')
table.insert(stray, 1, lost and '1' or '0')
return stray`,
} as const;

interface RedisPresenceOptions {
  system: string;
  /** Unique for this run of this instance: a restarted one must not inherit connections that died. */
  instance: string;
  onFault: (error: unknown) => void;
}

/** Loaded only where there is a Redis. */
export const loadRedis = () => importPeer("ioredis", "REDIS_URL needs", () => import("ioredis"));

/** @throws when Redis cannot be reached. */
export async function openRedis(url: string, onFault: (error: unknown) => void): Promise<Redis> {
  const { Redis } = await loadRedis();
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: commandTimeoutMs,
    // Its own subscribing again would end the process when it fails: nobody hears of that.
    autoResubscribe: false,
    retryStrategy: (attempt) => Math.min(attempt * 200, 1_000),
  });
  let lastError: unknown;
  redis.on("error", (error) => {
    lastError = error;
    onFault(error);
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw lastError ?? error;
  }
  return redis;
}

export class RedisPresence implements PresenceState {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #instance: string;
  readonly #onFault: (error: unknown) => void;
  /** What this instance knows by itself; the answer while Redis is away. */
  readonly #local = new LocalPresence();
  #timer: NodeJS.Timeout | undefined;
  #away: string | undefined;
  #young = true;
  #closed = false;

  constructor(redis: Redis, options: RedisPresenceOptions) {
    this.#redis = redis;
    this.#prefix = `presence:${options.system}`;
    this.#instance = options.instance;
    this.#onFault = options.onFault;
  }

  /** Takes the lease and keeps it; `review` is told users whose state may have changed elsewhere. */
  async start(review: (userIds: readonly string[]) => void): Promise<void> {
    const renew = async (): Promise<void> => {
      await this.#renew(review);
      if (!this.#closed) this.#timer = setTimeout(() => void renew(), renewEveryMs);
    };
    await renew();
  }

  trouble(): string | undefined {
    return this.#away === undefined ? undefined : `Redis is away: ${this.#away}`;
  }

  /** Whether every live instance has had the time to say who is there: what Redis does not know is not. */
  knowsAll(): boolean {
    return this.#away === undefined && !this.#young;
  }

  async join(userId: string): Promise<void> {
    await this.#local.join(userId);
    const key = this.#usersKey();
    await this.#try(() => this.#redis.multi().sadd(key, userId).pexpire(key, leaseMs).exec());
  }

  async leave(userId: string): Promise<void> {
    await this.#local.leave(userId);
    await this.#try(() => this.#redis.srem(this.#usersKey(), userId));
  }

  async online(userIds: readonly string[]): Promise<Set<string>> {
    // Whoever is here needs no lease.
    const online = await this.#local.online(userIds);
    for (const some of slices(userIds.filter((userId) => !online.has(userId)))) {
      const found = (await this.#try(() => this.#run("online", ...some))) as string[] | undefined;
      for (const userId of found ?? []) online.add(userId);
    }
    return online;
  }

  async settle(userId: string): Promise<Settlement> {
    const answer = (await this.#try(() => this.#run("settle", userId, String(flipEveryMs)))) as number | undefined;
    if (answer === undefined) return this.#local.settle(userId);
    if (answer === -1) return undefined;
    return answer >= 0 ? { tell: answer === 1 } : { retryMs: -1 - answer };
  }

  /** The lease is left to run out after the grace: clients that move to another instance stay online. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const lease = `${this.#prefix}:lease:${this.#instance}`;
    await this.#try(() => this.#redis.multi().pexpire(lease, graceMs).pexpire(this.#usersKey(), graceMs).exec());
  }

  async #renew(review: (userIds: readonly string[]) => void): Promise<void> {
    const wasAway = this.#away !== undefined;
    const parameters = [this.#instance, String(leaseMs), String(toldLifeMs)];
    const answer = (await this.#ask(() => this.#run("renew", ...parameters))) as string[] | undefined;
    if (!answer) return;
    const [lost, young, ...strays] = answer;
    this.#young = young === "1";
    const missed = lost === "1" || wasAway ? await this.#writeAll() : [];
    review([...strays, ...missed]);
  }

  /** Redis missed changes, or forgot us: it is told everything again. */
  async #writeAll(): Promise<string[]> {
    const users = [...this.#local.users];
    const key = this.#usersKey();
    const rewrite = this.#redis.multi().del(key);
    for (const some of slices(users)) rewrite.sadd(key, ...some);
    await this.#try(() => rewrite.pexpire(key, leaseMs).exec());
    return users;
  }

  #usersKey(): string {
    return `${this.#prefix}:users:${this.#instance}`;
  }

  #run(script: keyof typeof scripts, ...parameters: string[]): Promise<unknown> {
    return this.#redis.eval(scripts[script], 1, this.#prefix, ...parameters);
  }

  /**
   * undefined: Redis is away. Once it is, nothing is asked until the next renewal, so that nobody waits for a time-out.
   */
  #try<T>(command: () => Promise<T>): Promise<T | undefined> {
    return this.#away === undefined ? this.#ask(command) : Promise.resolve(undefined);
  }

  async #ask<T>(command: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await command();
      this.#away = undefined;
      return answer;
    } catch (error) {
      if (this.#away === undefined) this.#onFault(error);
      this.#away = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }
}

const slices = (users: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(users.length / usersPerCommand) }, (_, at) =>
    users.slice(at * usersPerCommand, (at + 1) * usersPerCommand),
  );
