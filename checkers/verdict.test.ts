import { expect, test } from "vitest";
import {
  countsOf,
  exitCodeOf,
  judge,
  rootOf,
  tellRoot,
  verdictKinds,
  type Verdict,
  type VerdictKind,
} from "./verdict.ts";

test("judge() passes what held", () => {
  expect(judge("MUST", { kind: "held" })).toEqual({ kind: "pass" });
  expect(judge("house", { kind: "held" })).toEqual({ kind: "pass" });
});

test("judge() fails a broken MUST, and calls a broken SHOULD or house rule weak", () => {
  const outcome = { kind: "violated", because: "silence", diagnosis: "dots, not slashes" } as const;
  expect(judge("MUST", outcome)).toEqual({ kind: "fail", because: "silence", diagnosis: "dots, not slashes" });
  expect(judge("SHOULD", outcome)).toEqual({ kind: "weak", because: "silence", diagnosis: "dots, not slashes" });
  expect(judge("house", { kind: "violated", because: "silence" })).toEqual({ kind: "weak", because: "silence" });
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
  const ways = ["a user: set ROLLCALL_STOMP_USERS=name:password"];
  expect(judge("MUST", { kind: "unsupported", missing: [], ways })).toEqual({
    kind: "unsupported",
    because: `needs ${ways[0]!}`,
  });
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

test("judge() says of what is untested who owns the step", () => {
  const outcome = { kind: "untested", owner: "login.returns-the-token", because: "Cannot log in" } as const;
  expect(judge("MUST", outcome, { reason: "x" })).toEqual({
    kind: "untested",
    owner: "login.returns-the-token",
    because: "Cannot log in",
  });
});

test("rootOf() follows a chain of owners to its end, and does not run in circles", () => {
  const untested = (owner: string) => ({ kind: "untested", owner }) as const;
  const verdicts = new Map<string, Pick<Verdict, "kind" | "owner">>([
    ["a.sign-up", { kind: "fail" }],
    ["b.log-in", untested("a.sign-up")],
    ["c.connect", untested("b.log-in")],
    ["d.one", untested("d.other")],
    ["d.other", untested("d.one")],
  ]);
  expect(rootOf("c.connect", verdicts)).toBe("a.sign-up");
  expect(rootOf("a.sign-up", verdicts)).toBe("a.sign-up");
  expect(rootOf("never.ran", verdicts)).toBe("never.ran");
  expect(rootOf("d.one", verdicts)).toBe("d.one");
});

const clause = (kind: VerdictKind, because?: string): Verdict => ({
  id: `a.${kind}`,
  level: "MUST",
  kind,
  text: "It holds.",
  source: "x",
  durationMs: 1,
  ...(because === undefined ? {} : { because }),
});

test("tellRoot() gives what is untested the sentence of the clause that says why, and keeps what its own proof met", () => {
  const untested = { ...clause("untested", "Cannot await a probe: nothing within 1500 ms"), owner: "a.fail" };
  expect(tellRoot(untested, clause("fail", "POST /login was answered 500"))).toEqual({
    ...untested,
    because: "a.fail says why: POST /login was answered 500",
    met: "Cannot await a probe: nothing within 1500 ms",
  });
});

test.each<[string, Verdict | undefined, string]>([
  ["did not run", undefined, "nothing came"],
  ["is untested itself, in a circle", clause("untested", "nothing came there"), "nothing came"],
  [
    "found nothing wrong",
    clause("unsupported", "needs admin"),
    "nothing came; a.unsupported, which is about that, is unsupported",
  ],
])("tellRoot() keeps the own sentence where the clause that would say why %s", (_, root, because) => {
  const untested = { ...clause("untested", "nothing came"), owner: "a.x" };
  expect(tellRoot(untested, root)).toEqual({ ...untested, because });
});

test("countsOf() counts every kind", () => {
  expect(countsOf(verdictKinds.map((kind) => ({ kind })))).toEqual(
    Object.fromEntries(verdictKinds.map((kind) => [kind, 1])) as Record<VerdictKind, number>,
  );
});

/** Each of a kind in an area of its own, unless an area is given. */
const some = (...kinds: readonly string[]): Pick<Verdict, "kind" | "id" | "level">[] =>
  kinds.map((kind, at) => {
    const [name = "", area = `area${at}`, level = "MUST"] = kind.split(" in ");
    return { kind: name as VerdictKind, id: `${area}.it`, level: level as "MUST" };
  });

test.each([
  [0, 0, some("pass", "pass")],
  [0, 1, some("pass", "weak", "unsupported")],
  [0, 0, some("pass", "not scored")],
  [0, 0, some("expected")],
  [0, 1, some("weak")],
  [1, 1, some("pass", "fail")],
  [1, 1, some("fail", "broken", "inconclusive", "untested")],
  [4, 4, some("pass", "broken", "inconclusive")],
  [2, 2, some("pass", "inconclusive")],
  [2, 2, []],
  [2, 2, some("unsupported", "not scored")],
  [0, 2, some("pass in a", "untested in a")],
  [2, 2, some("pass in a", "untested in b")],
  [0, 2, some("pass in a", "untested in b in SHOULD")],
] as const)("exitCodeOf() is %i, and %i when strict, for %j", (code, strict, verdicts) => {
  expect([exitCodeOf(verdicts, false), exitCodeOf(verdicts, true)]).toEqual([code, strict]);
});
