// Guessing passwords, floods of logins, and what a new password ends, as clients see it. Each loopback address is
// another client.

import { afterAll, beforeAll, expect, test } from "vitest";
import { systemNames } from "../../../../systems/discodeit/wire.ts";
import { ask, logInAt, multipart, newUser, openTestInstance, sessionOf, type TestInstance } from "../../../fakes.ts";

let instance: TestInstance;
beforeAll(async () => {
  instance = await openTestInstance({ SYSTEMS: systemNames.join() });
}, 60_000);
afterAll(() => instance[Symbol.asyncDispose]());

const count = (statuses: readonly number[], status: number): number => statuses.filter((one) => one === status).length;

test.each(systemNames)("%s: who guesses is stopped with Retry-After, and nobody else is", async (system) => {
  const base = instance.urls[system];
  const from = "127.0.1.1";
  const statuses: number[] = [];
  for (let index = 0; index < 30; index += 1)
    statuses.push((await logInAt(system, base, "admin", `guess-${index}!`, { from })).status);
  expect([count(statuses, 401), count(statuses, 429)]).toEqual([10, 20]);
  const right = await logInAt(system, base, "admin", "admin1234!", { from });
  expect(right).toMatchObject({ status: 429 });
  expect(JSON.parse(right.text)).toMatchObject({ code: "TOO_MANY_FAILED_LOGINS", status: 429 });
  expect(Number(right.headers["retry-after"])).toBeGreaterThan(0);
  expect(await logInAt(system, base, "admin", "admin1234!", { from: "127.0.1.2" })).toMatchObject({ status: 200 });
});

test.each(systemNames)("%s: guesses at once are no more than guesses one by one", async (system) => {
  const base = instance.urls[system];
  const from = "127.0.2.1";
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => logInAt(system, base, "admin", `guess-${index}!`, { from })),
  );
  const statuses = answers.map(({ status }) => status);
  expect(count(statuses, 401)).toBeLessThanOrEqual(14);
  expect(count(statuses, 401) + count(statuses, 429) + count(statuses, 503)).toBe(100);
});

// Both revisions go through one gate.
test("an anonymous flood shuts nobody out who is known, at its own address or elsewhere", async () => {
  const system = "discodeit-1";
  const base = instance.urls[system];
  const user = await newUser(system, base);
  // Each goes on until its address is refused.
  const flood = Array.from({ length: 40 }, async (_, index) => {
    const from = index % 2 === 0 ? "127.0.0.1" : "127.0.3.1";
    let status = 0;
    for (let round = 0; status !== 429; round += 1) {
      ({ status } = await logInAt(system, base, `nobody${index}x${round}`, "wrong-123!", { from }));
      expect([401, 429, 503]).toContain(status);
    }
  });
  const logIns = async (): Promise<void> => {
    for (let index = 0; index < 5; index += 1)
      expect(await logInAt(system, base, user.username, user.password)).toMatchObject({ status: 200 });
    // Who is new at another address waits beside the flood, not behind it.
    expect((await newUser(system, base, { from: "127.0.3.2" })).token).not.toBe("");
  };
  await logIns();
  await Promise.all(flood);
  await logIns();
  // The flood's address is closed to strangers' names, and open to who signs up there.
  expect((await newUser(system, base, { from: "127.0.0.1" })).token).not.toBe("");
});

test("discodeit-1: a new password ends every other login", async () => {
  const base = instance.urls["discodeit-1"];
  const user = await newUser("discodeit-1", base);
  const other = sessionOf(await logInAt("discodeit-1", base, user.username, user.password));
  const change = multipart([
    ['Content-Disposition: form-data; name="userUpdateRequest"', JSON.stringify({ newPassword: "another-1!" })],
  ]);
  const changed = await ask(base, "PATCH", `/api/users/${user.id}`, { token: user.token, ...change });
  expect(changed.status, changed.text).toBe(200);
  expect(await ask(base, "GET", "/api/users", { token: other.token })).toMatchObject({ status: 401 });
  expect(await ask(base, "GET", "/api/auth/me", { cookie: other.cookie })).toMatchObject({ status: 401 });
  expect(await ask(base, "GET", "/api/users", { token: user.token })).toMatchObject({ status: 200 });
  expect(await ask(base, "GET", "/api/auth/me", { cookie: user.cookie })).toMatchObject({ status: 200 });
});
