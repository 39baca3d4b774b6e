import { randomUUID } from "node:crypto";
import { decodeJwt, SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { expect, test } from "vitest";
import { AccessTokens, newRefreshToken, refreshTokenHash, tokenCharactersMax } from "./tokens.ts";

const key = new Uint8Array(32).fill(1);
const claims = { userId: "u", loginId: "l" };
const user = { username: "Una" };
const tokens = new AccessTokens(key, "discodeit-1", 60);
const signed = (
  header: Record<string, string>,
  signingKey = key,
  payload: JWTPayload = { uid: "u", sid: "l" },
): Promise<string> =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", ...header })
    .setSubject("Una")
    .setIssuer("rollcall")
    .setAudience("discodeit-1")
    .setExpirationTime("1m")
    .sign(signingKey);

test("read() gives back what issue() was given", async () => {
  expect(await tokens.read(await tokens.issue(claims, user))).toEqual(claims);
  expect(await tokens.read(await signed({}))).toEqual(claims);
});

test("issue() gives clients the name, and the user when asked to", async () => {
  expect(decodeJwt(await tokens.issue(claims, { username: "우나", userDto: { id: "u", online: true } }))).toMatchObject(
    {
      sub: "우나",
      userDto: { id: "u", online: true },
    },
  );
  expect(decodeJwt(await tokens.issue(claims, user))).not.toHaveProperty("userDto");
});

test("read() refuses a token without the ids of user and login, whatever its subject says", async () => {
  for (const payload of [
    { sid: "l" },
    { uid: "u" },
    { uid: 1, sid: "l" },
    { uid: "u", sid: ["l"] },
    { userDto: { id: "u" }, sid: "l" },
  ]) {
    expect(await tokens.read(await signed({}, key, payload))).toBeUndefined();
  }
});

test("issue() keeps a user with every field at its limit below what headers take, and read() accepts it", async () => {
  // The longest in UTF-8: three bytes for each UTF-16 code unit.
  const username = "가".repeat(50);
  const id = randomUUID();
  const profile = {
    id,
    fileName: "가".repeat(255),
    size: 10_485_760,
    contentType: `${"a".repeat(100)}/${"b".repeat(100)}`,
    uploadStatus: "WAITING",
  };
  const userDto = { id, username, email: "e".repeat(100), profile, online: false, role: "CHANNEL_MANAGER" };
  const token = await tokens.issue({ userId: id, loginId: id }, { username, userDto });
  expect(token.length).toBeLessThan(tokenCharactersMax);
  expect(`Authorization:Bearer ${"x".repeat(tokenCharactersMax)}`.length).toBeLessThan(4_096);
  expect(await tokens.read(token)).toEqual({ userId: id, loginId: id });
});

test("issue() never gives the same token twice within a second", async () => {
  const issued = await Promise.all(Array.from({ length: 50 }, () => tokens.issue(claims, user)));
  expect(new Set(issued).size).toBe(50);
});

test("read() refuses algorithm none", async () => {
  const unsecured = new UnsecuredJWT({ uid: "u", sid: "l" })
    .setIssuer("rollcall")
    .setAudience("discodeit-1")
    .setExpirationTime("1m")
    .encode();
  expect(await tokens.read(unsecured)).toBeUndefined();
});

test("read() refuses another key, algorithm, type or audience", async () => {
  expect(await tokens.read(await signed({}, new Uint8Array(32).fill(2)))).toBeUndefined();
  expect(await tokens.read(await signed({ alg: "HS512" }, new Uint8Array(64).fill(1)))).toBeUndefined();
  expect(await tokens.read(await signed({ typ: "JWT" }))).toBeUndefined();
  expect(await tokens.read(await new AccessTokens(key, "discodeit-2", 60).issue(claims, user))).toBeUndefined();
});

test("read() refuses what has expired", async () => {
  expect(await tokens.read(await new AccessTokens(key, "discodeit-1", -1).issue(claims, user))).toBeUndefined();
});

test("isExpired() distinguishes a token of ours whose time is over from a forged one", async () => {
  const old = await new AccessTokens(key, "discodeit-1", -1).issue(claims, user);
  expect(await tokens.isExpired(old)).toBe(true);
  expect(await tokens.isExpired(await tokens.issue(claims, user))).toBe(false);
  expect(
    await tokens.isExpired(await new AccessTokens(new Uint8Array(32).fill(2), "discodeit-1", -1).issue(claims, user)),
  ).toBe(false);
  expect(await tokens.isExpired("garbage")).toBe(false);
});

test("read() refuses a token in which any character was changed", async () => {
  const token = await tokens.issue(claims, user);
  for (const at of [0, token.indexOf(".") + 3, token.lastIndexOf(".") + 3]) {
    const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
    expect(await tokens.read(changed)).toBeUndefined();
  }
});

test("read() refuses garbage of any length", async () => {
  for (const garbage of ["", "a", "a.b.c", "..", "x".repeat(100_000)])
    expect(await tokens.read(garbage)).toBeUndefined();
});

test("newRefreshToken() is stored as a hash only", () => {
  const token = newRefreshToken();
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(refreshTokenHash(token)).not.toContain(token);
  expect(refreshTokenHash(token)).toBe(refreshTokenHash(token));
});
