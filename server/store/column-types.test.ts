import { expect, test } from "vitest";
import { instantFromSql } from "./column-types.ts";
import { statementsOf } from "./migrate.ts";
import { brokenConstraint, storeError, StoreUnavailableError } from "./store-errors.ts";

test("instantFromSql() keeps microseconds", () => {
  expect(instantFromSql("2026-11-21 09:01:07.123456+00")).toBe("2026-11-21T09:01:07.123456Z");
  expect(instantFromSql("2026-11-21 09:01:07.5+00")).toBe("2026-11-21T09:01:07.500000Z");
  expect(instantFromSql("2026-11-21 09:01:07+00")).toBe("2026-11-21T09:01:07.000000Z");
});

test("instantFromSql() refuses another zone and infinity", () => {
  expect(() => instantFromSql("2026-11-21 18:01:07+09")).toThrow("not in UTC");
  expect(() => instantFromSql("infinity")).toThrow("not in UTC");
});

test("statementsOf() splits at line ends and drops comments", () => {
  expect(statementsOf("-- a; b;\nCREATE TABLE a (\n  b text DEFAULT 'x;y'\n);\n\nSELECT 1;\n")).toEqual([
    "CREATE TABLE a (\n  b text DEFAULT 'x;y'\n)",
    "SELECT 1",
  ]);
});

const answer = (code: string): Error =>
  Object.assign(new Error("no"), {
    severity: "ERROR",
    code,
    constraint: "users_email",
    detail: "Key (email)=(a@b.c)",
    params: ["secret"],
  });

test("storeError() passes answers on, without data", () => {
  const error = storeError(answer("23505"));
  expect(error).not.toBeInstanceOf(StoreUnavailableError);
  expect(brokenConstraint(error)).toBe("users_email");
  expect(JSON.stringify(error)).not.toMatch(/a@b\.c|secret/);
});

test("storeError() takes time-outs, shutdowns and lost connections for absence", () => {
  for (const error of [
    answer("57014"),
    answer("57P01"),
    answer("53300"),
    new Error("Connection terminated unexpectedly"),
    Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }),
  ]) {
    expect(storeError(error)).toBeInstanceOf(StoreUnavailableError);
  }
});
