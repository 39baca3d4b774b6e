import { expect, test } from "vitest";
import { LoginLimits, TooManyFailuresError } from "../../security/login-limits.ts";
import type { Refusal } from "../../trace.ts";
import type { SystemContext } from "../system.ts";
import { Logins } from "./logins.ts";

const stompUsers = [{ name: "ann", password: "secret" }];

function opened(): { logins: Logins; refusals: Refusal[] } {
  const refusals: Refusal[] = [];
  const loginLimits = new LoginLimits({ system: "stomp", onFault: (error) => expect.fail(String(error)) });
  const trace = { refused: (refusal: Refusal) => void refusals.push(refusal) };
  const context = { config: { stompUsers }, loginLimits, trace } as unknown as SystemContext;
  return { logins: new Logins(context), refusals };
}

const guess = (logins: Logins, login: string, address: string): Promise<unknown> =>
  logins.logIn(login, "wrong", address).catch((error: unknown) => error);

test("Logins.logIn() lets in whoever is known at an address, whatever others fail at there", async () => {
  const { logins } = opened();
  expect(await logins.logIn("ann", "secret", "10.0.0.1")).toMatchObject({ userId: "ann" });
  for (let count = 0; count < 100; count += 1) await guess(logins, `nobody${count}`, "10.0.0.1");
  for (let count = 0; count < 100; count += 1) await guess(logins, "ann", `10.1.0.${count}`);
  expect(await logins.logIn("ann", "secret", "10.0.0.1")).toMatchObject({ userId: "ann" });
  await expect(logins.logIn("ann", "secret", "10.2.0.1")).rejects.toThrow(TooManyFailuresError);
  expect(await guess(logins, "nobody", "10.0.0.1")).toBeInstanceOf(TooManyFailuresError);
});

test("Logins.logIn() remembers a user's twenty addresses", async () => {
  const { logins } = opened();
  for (let count = 0; count <= 20; count += 1) await logins.logIn("ann", "secret", `10.0.0.${count}`);
  for (let count = 0; count < 100; count += 1) await guess(logins, "ann", `10.1.0.${count}`);
  await expect(logins.logIn("ann", "secret", "10.0.0.0")).rejects.toThrow(TooManyFailuresError);
  expect(await logins.logIn("ann", "secret", "10.0.0.1")).toBeDefined();
});

test("Logins.logIn() notes each refusal once, and counts no CONNECT without a passcode as a guess", async () => {
  const { logins, refusals } = opened();
  for (let count = 0; count < 20; count += 1) await logins.logIn("ann", undefined, "10.0.0.1");
  for (let count = 0; count < 11; count += 1) await guess(logins, "ann", "10.0.0.1");
  expect(refusals.map(({ why }) => why?.replace(/\d+ s/, "300 s"))).toEqual([
    ...Array.from({ length: 20 }, () => "no login or no passcode"),
    ...Array.from({ length: 10 }, () => "wrong login or passcode"),
    "Cannot log in: too many attempts failed; the next one counts in 300 s",
  ]);
});
