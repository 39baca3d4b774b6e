// How often may one guess? Only failures count: per account and address, per address, and per account from everywhere.
// An account that lately logged in from an address is known there, and only its own failures from there count against
// it: neither an office's guesser nor one with many addresses locks an owner out of the usual place. The figures stand
// in docs/bounds.md. All instances count together in Redis; each counts what it sees in memory too, which is what holds
// while Redis is away.

import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterAbstract } from "rate-limiter-flexible";

/** Failures, and the seconds from the first of them after which they are forgotten. */
const bounds = {
  pair: { points: 10, duration: 5 * 60 },
  address: { points: 100, duration: 10 * 60 },
  account: { points: 100, duration: 15 * 60 },
} as const;
type Bound = keyof typeof bounds;
const boundNames = Object.keys(bounds) as Bound[];

/** After Redis did not answer, it is not asked for so long: a login must not wait for it each time. */
const awayMs = 5_000;

export interface Attempt {
  /** The name that was typed, in the form in which accounts are compared. */
  account: string;
  address: string;
  /** Whether the account logged in from this address lately. */
  isKnown: boolean;
}

/** Too many failures; the caller may come again later (429). */
export class TooManyFailuresError extends Error {
  override readonly name = "TooManyFailuresError";
  readonly retryAfterSeconds: number;

  constructor(waitMs: number) {
    const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
    super(`Cannot log in: too many attempts failed; the next one counts in ${seconds} s`);
    this.retryAfterSeconds = seconds;
  }
}

type Limiters = Record<Bound, RateLimiterAbstract>;

export class LoginLimits {
  readonly #here: Limiters;
  readonly #shared: Limiters | undefined;
  readonly #onFault: (error: unknown) => void;
  #awayUntilMs = 0;
  /** The last of those attempts that are made one after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor({
    system,
    redis,
    onFault,
  }: {
    system: string;
    redis?: Redis | undefined;
    onFault: (error: unknown) => void;
  }) {
    const open = (make: (name: Bound) => RateLimiterAbstract): Limiters =>
      Object.fromEntries(boundNames.map((name) => [name, make(name)])) as Limiters;
    this.#here = open((name) => new RateLimiterMemory({ ...bounds[name], keyPrefix: name }));
    this.#shared =
      redis &&
      open(
        (name) =>
          new RateLimiterRedis({
            ...bounds[name],
            storeClient: redis,
            keyPrefix: `logins:${system}:${name}`,
            rejectIfRedisNotReady: true,
          }),
      );
    this.#onFault = onFault;
  }

  /** Throws TooManyFailuresError when this attempt must not be tried. */
  async check(attempt: Attempt): Promise<void> {
    await this.checkHere(attempt);
    await this.#ask(async (limiters) => {
      const waits = await waitsOf(limiters, attempt);
      // Remembered, so that Redis is not asked each time; of a pair it is not, since a success elsewhere forgets it.
      for (const { name, waitMs } of waits)
        if (waitMs > 0 && name !== "pair") await this.#here[name].block(keyOf(name, attempt), waitMs / 1_000);
      refuse(waits);
    });
  }

  /** As `check`, by what this instance saw: for the moment before the work, after a wait in which others failed. */
  async checkHere(attempt: Attempt): Promise<void> {
    refuse(await waitsOf(this.#here, attempt));
  }

  /**
   * An attempt whose check costs nothing: checked, made and counted in one go, so that of many that come at once each
   * sees the failures of those before it. undefined: it failed.
   */
  async tryOne<T>(attempt: Attempt, check: () => T | undefined): Promise<T | undefined> {
    await this.check(attempt);
    let counted: Promise<void> | undefined;
    const turn = this.#last.then(async () => {
      await this.checkHere(attempt);
      const found = check();
      // Not awaited here: others do not wait for Redis.
      counted = found === undefined ? this.failed(attempt) : this.succeeded(attempt);
      return found;
    });
    this.#last = turn.then(
      () => undefined,
      () => undefined,
    );
    const found = await turn;
    await counted;
    return found;
  }

  async failed(attempt: Attempt): Promise<void> {
    const count = async (limiters: Limiters): Promise<void> => {
      await Promise.all(boundNames.map((name) => limiters[name].penalty(keyOf(name, attempt))));
    };
    await count(this.#here);
    await this.#ask(count);
  }

  /** Forgets the account's failures from there; those of the address and of the account elsewhere stay. */
  async succeeded(attempt: Attempt): Promise<void> {
    const forget = async (limiters: Limiters): Promise<void> =>
      void (await limiters.pair.delete(keyOf("pair", attempt)));
    await forget(this.#here);
    await this.#ask(forget);
  }

  /** Asks the shared counters, if they are there; their absence is no answer. */
  async #ask(work: (limiters: Limiters) => Promise<void>): Promise<void> {
    if (!this.#shared || performance.now() < this.#awayUntilMs) return;
    try {
      await work(this.#shared);
    } catch (error) {
      if (error instanceof TooManyFailuresError) throw error;
      this.#awayUntilMs = performance.now() + awayMs;
      this.#onFault(
        new Error("Cannot reach Redis: failed logins are counted by this instance alone", { cause: error }),
      );
    }
  }
}

interface Wait {
  name: Bound;
  /** 0: it holds nobody up. */
  waitMs: number;
}

async function waitsOf(limiters: Limiters, attempt: Attempt): Promise<Wait[]> {
  const names = attempt.isKnown ? (["pair"] as const) : boundNames;
  const states = await Promise.all(names.map((name) => limiters[name].get(keyOf(name, attempt))));
  return names.map((name, index) => {
    const state = states[index];
    return { name, waitMs: state && state.consumedPoints >= bounds[name].points ? state.msBeforeNext : 0 };
  });
}

function refuse(waits: readonly Wait[]): void {
  const waitMs = Math.max(...waits.map((wait) => wait.waitMs));
  if (waitMs > 0) throw new TooManyFailuresError(waitMs);
}

/** An account at an address. */
export const pairOf = (attempt: Pick<Attempt, "account" | "address">): string => keyOf("pair", attempt);

/** Names are as long as a stranger likes: a key is not. */
function keyOf(bound: Bound, { account, address }: Pick<Attempt, "account" | "address">): string {
  if (bound === "address") return address;
  const name = createHash("sha256").update(account).digest("base64url").slice(0, 22);
  return bound === "account" ? name : `${name}@${address}`;
}
