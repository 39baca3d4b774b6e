import { expect, test } from "vitest";
import { ownTurn, Passwords } from "./passwords.ts";

const passwords = new Passwords(10);

test("hash() says its cost and salts each hash", async () => {
  const [one, two] = await Promise.all([passwords.hash("passw0rd!", ownTurn), passwords.hash("passw0rd!", ownTurn)]);
  expect(one).toMatch(/^scrypt\$10\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(one).not.toBe(two);
});

test("verify() distinguishes the right password from a wrong one", async () => {
  const hash = await passwords.hash("passw0rd!", ownTurn);
  expect(await passwords.verify("passw0rd!", hash, ownTurn)).toBe(true);
  expect(await passwords.verify("passw0rd?", hash, ownTurn)).toBe(false);
});

test("verify() reads hashes of another cost", async () => {
  const hash = await new Passwords(11).hash("passw0rd!", ownTurn);
  expect(await passwords.verify("passw0rd!", hash, ownTurn)).toBe(true);
});

test("verify() refuses an unknown user after the same work", async () => {
  expect(await passwords.verify("passw0rd!", undefined, ownTurn)).toBe(false);
});

test("verify() takes composed and decomposed letters for the same", async () => {
  const hash = await passwords.hash("pässw0rd!".normalize("NFD"), ownTurn);
  expect(await passwords.verify("pässw0rd!".normalize("NFC"), hash, ownTurn)).toBe(true);
});

test("verify() throws on a hash of unknown form", async () => {
  await expect(passwords.verify("passw0rd!", "bcrypt$x", ownTurn)).rejects.toThrow("unknown form");
});
