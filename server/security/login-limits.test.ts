import type { Redis } from "ioredis";
import { expect, test, vi } from "vitest";
import { LoginLimits, TooManyFailuresError, type Attempt } from "./login-limits.ts";

const attempt = (account: string, address = "10.0.0.1", isKnown = false): Attempt => ({ account, address, isKnown });
const noFault = (error: unknown): never => expect.fail(String(error));
const opened = (): LoginLimits => new LoginLimits({ system: "s", onFault: noFault });

async function fail(limits: LoginLimits, times: number, of: (index: number) => Attempt): Promise<void> {
  for (let index = 0; index < times; index += 1) await limits.failed(of(index));
}
const mayTry = (limits: LoginLimits, one: Attempt): Promise<boolean> =>
  limits.check(one).then(
    () => true,
    (error: unknown) => {
      if (!(error instanceof TooManyFailuresError)) throw error;
      return false;
    },
  );

test("check() refuses an account at an address after ten failures, with the time to wait", async () => {
  const limits = opened();
  await fail(limits, 9, () => attempt("admin"));
  expect(await mayTry(limits, attempt("admin"))).toBe(true);
  await fail(limits, 1, () => attempt("admin"));
  const error = await limits.check(attempt("admin")).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TooManyFailuresError);
  expect((error as TooManyFailuresError).retryAfterSeconds).toBeGreaterThan(0);
  expect((error as TooManyFailuresError).retryAfterSeconds).toBeLessThanOrEqual(300);
  // Others at the address, and the owner elsewhere, are let in.
  expect(await mayTry(limits, attempt("ann"))).toBe(true);
  expect(await mayTry(limits, attempt("admin", "10.0.0.2"))).toBe(true);
});

test("check() counts failures only, and a success forgets those of the account there", async () => {
  const limits = opened();
  for (let index = 0; index < 500; index += 1) await limits.succeeded(attempt(`user${index}`));
  expect(await mayTry(limits, attempt("user1"))).toBe(true);
  await fail(limits, 9, () => attempt("ann"));
  await limits.succeeded(attempt("ann"));
  await fail(limits, 9, () => attempt("ann"));
  expect(await mayTry(limits, attempt("ann"))).toBe(true);
});

test("check() refuses an address that guesses at many accounts, but not who is known there", async () => {
  const limits = opened();
  await fail(limits, 100, (index) => attempt(`victim${index}`));
  expect(await mayTry(limits, attempt("another"))).toBe(false);
  expect(await mayTry(limits, attempt("ann", "10.0.0.1", true))).toBe(true);
  expect(await mayTry(limits, attempt("ann", "10.0.0.2"))).toBe(true);
});

test("check() refuses guesses at one account from many addresses, but not where it is known", async () => {
  const limits = opened();
  await fail(limits, 100, (index) => attempt("admin", `10.1.0.${index}`));
  expect(await mayTry(limits, attempt("admin", "10.2.0.1"))).toBe(false);
  expect(await mayTry(limits, attempt("admin", "10.0.0.1", true))).toBe(true);
  // Who is known guesses no more often than others.
  await fail(limits, 10, () => attempt("admin", "10.0.0.1", true));
  expect(await mayTry(limits, attempt("admin", "10.0.0.1", true))).toBe(false);
});

test("failures are forgotten after their time", async () => {
  vi.useFakeTimers();
  try {
    const limits = opened();
    await fail(limits, 10, () => attempt("admin"));
    vi.advanceTimersByTime(299_000);
    expect(await mayTry(limits, attempt("admin"))).toBe(false);
    vi.advanceTimersByTime(1_001);
    expect(await mayTry(limits, attempt("admin"))).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test("tryOne() lets ten of those fail that come at once, though Redis answers all of them in one go", async () => {
  const answered = Promise.withResolvers<[null, null][]>();
  const multi = { get: () => multi, pttl: () => multi, exec: () => answered.promise };
  const redis = {
    status: "ready",
    defineCommand: () => undefined,
    rlflxIncr: () => Promise.resolve([1, 300_000]),
    multi: () => multi,
  } as unknown as Redis;
  const limits = new LoginLimits({ system: "s", redis, onFault: noFault });
  let checks = 0;
  const guess = (): undefined => void (checks += 1);
  const guesses = Array.from({ length: 200 }, () =>
    limits.tryOne(attempt("ann"), guess).catch((error: unknown) => error),
  );
  answered.resolve([
    [null, null],
    [null, null],
  ]);
  const ends = await Promise.all(guesses);
  expect(checks).toBe(10);
  expect(ends.filter((end) => end instanceof TooManyFailuresError)).toHaveLength(190);
});

test("check() asks Redis no more about an address that it said has had too many failures", async () => {
  let asked = 0;
  const multi = {
    get: () => multi,
    pttl: () => multi,
    exec: () => {
      asked += 1;
      return Promise.resolve([
        [null, "100"],
        [null, 60_000],
      ]);
    },
  };
  const redis = { status: "ready", defineCommand: () => undefined, multi: () => multi } as unknown as Redis;
  const limits = new LoginLimits({ system: "s", redis, onFault: noFault });
  expect(await mayTry(limits, attempt("ann"))).toBe(false);
  // One question for each bound.
  expect(asked).toBe(3);
  const error = await limits.check(attempt("ben")).catch((thrown: unknown) => thrown);
  expect((error as TooManyFailuresError).retryAfterSeconds).toBeLessThanOrEqual(60);
  expect(asked).toBe(3);
});

test("check() neither opens nor closes the door while Redis is away", async () => {
  const faults: unknown[] = [];
  let asked = 0;
  const away = (): Promise<never> => {
    asked += 1;
    return Promise.reject(new Error("Command timed out"));
  };
  const multi = { get: () => multi, pttl: () => multi, exec: away };
  const redis = {
    status: "ready",
    defineCommand: () => undefined,
    rlflxIncr: away,
    multi: () => multi,
    del: away,
  } as unknown as Redis;
  const limits = new LoginLimits({ system: "s", redis, onFault: (error) => faults.push(error) });
  await fail(limits, 10, () => attempt("admin"));
  expect(await mayTry(limits, attempt("admin"))).toBe(false);
  expect(await mayTry(limits, attempt("ann"))).toBe(true);
  // It is asked once, not for each login, and said once.
  expect(asked).toBe(3);
  expect(faults).toHaveLength(1);
});
