import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { KnownFailure, Verdict, VerdictKind } from "../../checkers/verdict.ts";
import type { ClauseId } from "../../contract/catalogue.ts";
import { nextList, readKnownFailures, readListToWrite, writeKnownFailures } from "./known-failing.ts";

const [token, ended, crlf, grammar] = [
  "connect.with-a-token",
  "connect.with-an-ended-token",
  "frames.crlf",
  "frames.grammar",
] as const;

const verdict = (id: ClauseId, kind: VerdictKind, because?: string): Verdict => ({
  id,
  kind,
  level: kind === "weak" ? "SHOULD" : "MUST",
  text: "It holds.",
  source: "C1",
  durationMs: 1,
  ...(because === undefined ? {} : { because }),
});

const listOf = (reasons: Partial<Record<ClauseId, string>>): Map<ClauseId, KnownFailure> =>
  new Map(Object.entries(reasons).map(([id, reason]) => [id as ClauseId, { reason }]));

const nothing = new Map<ClauseId, KnownFailure>();

function openFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "rollcall-known-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test("nextList() takes what failed, with the run's reason, and nothing else", () => {
  const verdicts = [
    verdict(token, "fail", "closed with 1002\u0000\u001B[31m"),
    verdict(ended, "pass"),
    verdict(crlf, "weak", "no answer"),
    verdict(grammar, "untested", "Cannot connect"),
  ];
  const { list, added } = nextList(verdicts, nothing, nothing, false);
  expect([...list]).toEqual([[token, { reason: "closed with 1002 [31m" }]]);
  expect(added).toEqual([token]);
  expect([...nextList(verdicts, nothing, nothing, true).list.keys()]).toEqual([token, crlf]);
});

test("nextList() keeps reasons, also of what this run did not judge, and drops what holds now", () => {
  const old = listOf({ [token]: "we know", [ended]: "fixed since", [crlf]: "not asked today" });
  const { list, added, kept, dropped } = nextList(
    [verdict(token, "fail", "other words"), verdict(ended, "pass"), verdict(grammar, "fail", "new")],
    nothing,
    old,
    false,
  );
  expect(Object.fromEntries(list)).toEqual({
    [token]: { reason: "we know" },
    [crlf]: { reason: "not asked today" },
    [grammar]: { reason: "new" },
  });
  expect({ added, kept, dropped }).toEqual({ added: [grammar], kept: [token, crlf], dropped: [ended] });
});

test("nextList() drops a stale entry of the list that excused it, and keeps what failed on one of two targets", () => {
  const known = listOf({ [token]: "excused", [ended]: "stale" });
  const stale = verdict(ended, "fail", "it passes, but is listed as known failing (stale): take it off the list");
  expect(Object.fromEntries(nextList([verdict(token, "expected"), stale], known, known, false).list)).toEqual({
    [token]: { reason: "excused" },
  });
  const onOne = nextList([verdict(token, "pass"), verdict(token, "fail", "here")], nothing, nothing, false);
  expect([...onOne.list.keys()]).toEqual([token]);
});

test("what writeKnownFailures() writes, readKnownFailures() reads", () => {
  using folder = openFolder();
  const path = join(folder.path, "known.json");
  expect(readListToWrite(path).size).toBe(0);
  const list = new Map<ClauseId, KnownFailure>([[token, { reason: "r", link: "https://example.org/1" }]]);
  expect(writeKnownFailures(path, { list, added: [token], kept: [], dropped: [] })).toBe(
    `known failing: ${path} lists 1; added 1 (${token})`,
  );
  expect(readKnownFailures(path)).toEqual(list);
});

test("readListToWrite() refuses a file that it would have to overwrite without understanding it", () => {
  using folder = openFolder();
  const path = join(folder.path, "known.json");
  writeFileSync(path, "# my notes");
  expect(() => readListToWrite(path)).toThrow(`--write-known-failing: ${path} is no JSON`);
  expect(() => readListToWrite(folder.path)).toThrow(`--write-known-failing: cannot read ${folder.path}`);
});
