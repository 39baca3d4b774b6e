import { expect, test } from "vitest";
import { countsOf, exitCodeOf, judge, verdictKinds, type Counts, type VerdictKind } from "./verdict.ts";

test("judge() passes what held", () => {
  expect(judge("MUST", { kind: "held" })).toEqual({ kind: "pass" });
  expect(judge("MAY", { kind: "held" })).toEqual({ kind: "pass" });
});

test("judge() fails a broken MUST, and calls a broken SHOULD or MAY weak", () => {
  const outcome = { kind: "violated", because: "silence", diagnosis: "dots, not slashes" } as const;
  expect(judge("MUST", outcome)).toEqual({ kind: "fail", because: "silence", diagnosis: "dots, not slashes" });
  expect(judge("SHOULD", outcome)).toEqual({ kind: "weak", because: "silence", diagnosis: "dots, not slashes" });
  expect(judge("MAY", { kind: "violated", because: "silence" })).toEqual({ kind: "weak", because: "silence" });
});

test("judge() expects a listed failure, and fails a list that is stale", () => {
  const known = { reason: "no receipts", link: "https://example.org/1" };
  expect(judge("MUST", { kind: "violated", because: "silence" }, known)).toEqual({
    kind: "expected",
    because: "no receipts (https://example.org/1): silence",
  });
  expect(judge("SHOULD", { kind: "violated", because: "silence" }, { reason: "no receipts" })).toEqual({
    kind: "expected",
    because: "no receipts: silence",
  });
  expect(judge("SHOULD", { kind: "held" }, known)).toMatchObject({
    kind: "fail",
    because: expect.stringContaining("take it off the list") as string,
  });
});

test("judge() names the capability that is missing, and keeps what is not the target's fault apart", () => {
  expect(judge("MUST", { kind: "unsupported", missing: ["admin", "proxy"] })).toEqual({
    kind: "unsupported",
    because: "needs admin, proxy, which the target does not declare",
  });
  expect(judge("MUST", { kind: "broken", because: "Docker" }, { reason: "x" })).toEqual({
    kind: "broken",
    because: "Docker",
  });
  expect(judge("MUST", { kind: "inconclusive", because: "interrupted" }, { reason: "x" })).toEqual({
    kind: "inconclusive",
    because: "interrupted",
  });
});

const counts = (some: Partial<Counts>): Counts => ({ ...countsOf([]), ...some });

test("countsOf() counts every kind", () => {
  expect(countsOf(verdictKinds.map((kind) => ({ kind })))).toEqual(
    Object.fromEntries(verdictKinds.map((kind) => [kind, 1])) as Record<VerdictKind, number>,
  );
});

test.each([
  [0, { pass: 3 }],
  [0, { pass: 1, weak: 1, unsupported: 5 }],
  [0, { expected: 1 }],
  [0, { weak: 1 }],
  [1, { pass: 9, fail: 1 }],
  [1, { fail: 1, broken: 1, inconclusive: 1 }],
  [4, { pass: 9, broken: 1, inconclusive: 1 }],
  [2, { pass: 9, inconclusive: 1 }],
  [2, {}],
  [2, { unsupported: 5 }],
] as const)("exitCodeOf() is %i for %j", (code, some) => {
  expect(exitCodeOf(counts(some), false)).toBe(code);
});

test("exitCodeOf() counts weak as failed when strict", () => {
  expect(exitCodeOf(counts({ pass: 1, weak: 1 }), true)).toBe(1);
  expect(exitCodeOf(counts({ pass: 1 }), true)).toBe(0);
});
