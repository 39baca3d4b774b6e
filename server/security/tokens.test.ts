import { SignJWT, UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { AccessTokens, newRefreshToken, refreshTokenHash } from "./tokens.ts";

const key = new Uint8Array(32).fill(1);
const claims = { userId: "u", loginId: "l" };
const tokens = new AccessTokens(key, "discodeit-1", 60);
const signed = (header: Record<string, string>, signingKey = key): Promise<string> =>
  new SignJWT({ sid: "l" })
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", ...header })
    .setSubject("u")
    .setIssuer("rollcall")
    .setAudience("discodeit-1")
    .setExpirationTime("1m")
    .sign(signingKey);

test("read() gives back what issue() was given", async () => {
  expect(await tokens.read(await tokens.issue(claims))).toEqual(claims);
  expect(await tokens.read(await signed({}))).toEqual(claims);
});

test("issue() never gives the same token twice within a second", async () => {
  const issued = await Promise.all(Array.from({ length: 50 }, () => tokens.issue(claims)));
  expect(new Set(issued).size).toBe(50);
});

test("read() refuses algorithm none", async () => {
  const unsecured = new UnsecuredJWT({ sid: "l" }).setSubject("u").setIssuer("rollcall").setAudience("discodeit-1").setExpirationTime("1m").encode();
  expect(await tokens.read(unsecured)).toBeUndefined();
});

test("read() refuses another key, algorithm, type or audience", async () => {
  expect(await tokens.read(await signed({}, new Uint8Array(32).fill(2)))).toBeUndefined();
  expect(await tokens.read(await signed({ alg: "HS512" }, new Uint8Array(64).fill(1)))).toBeUndefined();
  expect(await tokens.read(await signed({ typ: "JWT" }))).toBeUndefined();
  expect(await tokens.read(await new AccessTokens(key, "discodeit-2", 60).issue(claims))).toBeUndefined();
});

test("read() refuses what has expired", async () => {
  expect(await tokens.read(await new AccessTokens(key, "discodeit-1", -1).issue(claims))).toBeUndefined();
});

test("read() refuses a token in which any character was changed", async () => {
  const token = await tokens.issue(claims);
  for (const at of [0, token.indexOf(".") + 3, token.lastIndexOf(".") + 3]) {
    const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
    expect(await tokens.read(changed)).toBeUndefined();
  }
});

test("read() refuses garbage of any length", async () => {
  for (const garbage of ["", "a", "a.b.c", "..", "x".repeat(100_000)]) expect(await tokens.read(garbage)).toBeUndefined();
});

test("newRefreshToken() is stored as a hash only", () => {
  const token = newRefreshToken();
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(refreshTokenHash(token)).not.toContain(token);
  expect(refreshTokenHash(token)).toBe(refreshTokenHash(token));
});
