import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Verdict } from "../checkers/verdict.ts";
import { areas, isClauseId } from "../contract/catalogue.ts";
import { diagnoses } from "../contract/diagnoses.ts";
import { causeIdOf, diagnosisById, idOf, listCauses } from "./cause-ids.ts";

const head: Verdict = { id: "sse.not-cached", kind: "weak", level: "SHOULD", text: "x", source: "x", durationMs: 1 };

test("a cause is called by the key of its diagnosis, or by its one clause", () => {
  expect(idOf({ head })).toBe("sse.not-cached");
  expect(idOf({ head: { ...head, diagnosis: diagnoses.oneInstance } })).toBe("one-instance");
});

test("no cause is called as another one, a clause or an area: --only and explain take all of them", () => {
  for (const [id, words] of diagnosisById) {
    expect(causeIdOf(words)).toBe(id);
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(isClauseId(id) || Object.hasOwn(areas, id), id).toBe(false);
  }
});

test.each([
  ["dots, not slashes: heard elsewhere", "dots-not-slashes"],
  ["점: 다른 곳", "점"],
  ["This port speaks TLS: try https://h", "this-port-speaks-tls"],
  [`${"a long word ".repeat(9)}: x`, "a-long-word-a-long-word-a-long-word-a"],
])("a diagnosis of somebody's own, %s, gives the words before its colon", (words, id) => {
  expect(causeIdOf(words)).toBe(id);
});

test("causes are listed with what they broke and what is untested because of them", () => {
  const broken = { ...head, diagnosis: diagnoses.duplicate };
  const verdicts: Verdict[] = [
    broken,
    { ...broken, id: "tabs.three-stomp", kind: "fail" },
    { ...head, id: "frames.crlf", kind: "untested", owner: head.id },
  ];
  expect(listCauses(verdicts)).toEqual([
    {
      id: "duplicate",
      diagnosis: diagnoses.duplicate,
      clauses: ["tabs.three-stomp", head.id],
      untested: ["frames.crlf"],
    },
  ]);
  expect(listCauses([{ ...head, kind: "pass" }])).toEqual([]);
});

test("docs/causes.md says of each cause how it is mended, and knows no other", () => {
  const page = readFileSync(new URL("../docs/causes.md", import.meta.url), "utf8");
  // The first column of its tables, and a paragraph that begins with one.
  const firsts = page.split("\n").flatMap((line) => /^(?:\| )?((?:`[a-z-]+`(?:, )?)+)(?: \||:)/.exec(line)?.[1] ?? []);
  const named = firsts.flatMap((first) => [...first.matchAll(/`([a-z-]+)`/g)].map(([, id]) => id!));
  expect(named.toSorted()).toEqual([...diagnosisById.keys()].toSorted());
});
