// Who is online over all instances? Each instance writes its present users to Redis and holds a lease of 10 s, renewed
// every 3 s; users of an instance without a lease do not count, and a survivor announces them. Redis away: presence is
// that of this instance alone. Keys (prefix = presence:<system>): <prefix>:instances, :lease:<instance>,
// :users:<instance>, :told (announced as online), :flip:<user> (told within the last 5 s). One Lua script per decision,
// so that two instances never tell the same flip.

import { Redis } from "ioredis";
import { flipEveryMs, LocalPresence, type PresenceState, type Settlement } from "./presence.ts";

const leaseMs = 10_000;
const renewEveryMs = 3_000;
/** A command that takes longer counts as "Redis away". */
const commandTimeoutMs = 1_000;

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
   * Renews the lease of ARGV[1] for ARGV[2] ms, forgets instances without one; returns whether ours was lost, then the
   * users to look at again.
   */
  renew: `
local lost = redis.call('EXISTS', KEYS[1] .. ':lease:' .. ARGV[1]) == 0
redis.call('SET', KEYS[1] .. ':lease:' .. ARGV[1], '1', 'PX', ARGV[2])
redis.call('SADD', KEYS[1] .. ':instances', ARGV[1])
local sets = { KEYS[1] .. ':told' }
for _, instance in ipairs(redis.call('SMEMBERS', KEYS[1] .. ':instances')) do
  if redis.call('EXISTS', KEYS[1] .. ':lease:' .. instance) == 1 then sets[#sets + 1] = KEYS[1] .. ':users:' .. instance
  else
    redis.call('SREM', KEYS[1] .. ':instances', instance)
    redis.call('DEL', KEYS[1] .. ':users:' .. instance)
  end
end
local stray = redis.call('SDIFF', unpack(sets))
table.insert(stray, 1, lost and '1' or '0')
return stray`,
} as const;

interface RedisPresenceOptions {
  system: string;
  /** Unique for this run of this instance: a restarted one must not inherit connections that died. */
  instance: string;
  onFault: (error: unknown) => void;
}

/** @throws when Redis cannot be reached. */
export async function openRedis(url: string, onFault: (error: unknown) => void): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: commandTimeoutMs,
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

  async join(userId: string): Promise<void> {
    await this.#local.join(userId);
    await this.#try(() => this.#redis.sadd(this.#usersKey(), userId));
  }

  async leave(userId: string): Promise<void> {
    await this.#local.leave(userId);
    await this.#try(() => this.#redis.srem(this.#usersKey(), userId));
  }

  async online(userIds: readonly string[]): Promise<Set<string>> {
    if (userIds.length === 0) return new Set();
    const found = await this.#try(() => this.#run("online", ...userIds));
    return found ? new Set(found as string[]) : this.#local.online(userIds);
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
    await this.#try(() => this.#redis.pexpire(`${this.#prefix}:lease:${this.#instance}`, graceMs));
  }

  async #renew(review: (userIds: readonly string[]) => void): Promise<void> {
    const wasAway = this.#away !== undefined;
    const answer = (await this.#ask(() => this.#run("renew", this.#instance, String(leaseMs)))) as string[] | undefined;
    if (!answer) return;
    const [lost, ...strays] = answer;
    if (lost === "1" || wasAway) await this.#writeAll(review);
    review(strays);
  }

  /** Redis missed changes, or forgot us: it is told everything again. */
  async #writeAll(review: (userIds: readonly string[]) => void): Promise<void> {
    const users = [...this.#local.users];
    const rewrite = this.#redis.multi().del(this.#usersKey());
    if (users.length > 0) rewrite.sadd(this.#usersKey(), ...users);
    await this.#try(() => rewrite.exec());
    review(users);
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
