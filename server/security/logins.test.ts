import { setImmediate as round } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import type { Queryable } from "../store/store.ts";
import { LoginLimits, TooManyFailuresError } from "./login-limits.ts";
import { openLoginGuard, userOf, type LoginGuard } from "./logins.ts";

const here = "10.0.0.1";

/** Nobody is a user, and `ann` alone is known at the address; `asked` is how often the store was. */
function opened(): { guard: LoginGuard; asked: () => number } {
  let count = 0;
  const query = (_: string, [account]: readonly unknown[]): Promise<unknown[]> => {
    count += 1;
    return Promise.resolve([{ user: null, isKnown: account === "ann", isSeen: true }]);
  };
  const guard = openLoginGuard(new Uint8Array(32), 10);
  const loginLimits = new LoginLimits({ system: "s", onFault: (error) => expect.fail(String(error)) });
  return { guard: { ...guard, store: { query } as unknown as Queryable, loginLimits }, asked: () => count };
}

const guess = (guard: LoginGuard, account: string): Promise<unknown> =>
  userOf(guard, { account, password: "wrong", address: here, user: { sql: "", parameters: [account] } }).catch(
    (error: unknown) => error,
  );

/** As many failures of the address as it may have. */
async function failed(guard: LoginGuard): Promise<void> {
  for (let count = 0; count < 100; count += 1)
    await guard.loginLimits.failed({ account: `no${count}`, address: here, isKnown: false });
}

test("userOf() looks nobody up again who is refused as a stranger, but whoever is known", async () => {
  const { guard, asked } = opened();
  await failed(guard);
  for (let count = 0; count < 50; count += 1) expect(await guess(guard, "no")).toBeInstanceOf(TooManyFailuresError);
  expect(asked()).toBe(1);
  expect(await guess(guard, "ann")).toBeUndefined();
  expect(asked()).toBe(2);
});

test("userOf() looks a stranger up again after five seconds: it may be known by now", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const { guard, asked } = opened();
    await failed(guard);
    for (const ms of [0, 4_999, 1]) {
      vi.advanceTimersByTime(ms);
      await guess(guard, "no");
    }
    expect(asked()).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});

test("userOf() refuses four a round of the event loop, in the order of asking", async () => {
  const { guard } = opened();
  await failed(guard);
  await guess(guard, "no");
  const refused: number[] = [];
  const guesses = Array.from({ length: 10 }, (_, at) => guess(guard, "no").then(() => refused.push(at)));
  for (const count of [0, 4, 8, 10]) {
    await round();
    expect(refused).toEqual(Array.from({ length: count }, (_, at) => at));
  }
  await Promise.all(guesses);
});

test("userOf() refuses four a round of those, too, who waited for their turn or found no room", async () => {
  const { guard } = opened();
  // As many as may try, hash and wait at once, and a hundred more: these find no room.
  const refused: number[] = [];
  const rounds: number[] = [];
  const guesses = Array.from({ length: 200 }, () => guess(guard, "no").then((why) => why && refused.push(1)));
  const all = Promise.all(guesses).then(() => true);
  while (!(await Promise.race([all, round(false)]))) rounds.push(refused.length);
  rounds.push(refused.length);
  expect(refused.length).toBeGreaterThan(150);
  expect(Math.max(...rounds.map((count, at) => count - (rounds[at - 1] ?? 0)))).toBeLessThanOrEqual(4);
});
