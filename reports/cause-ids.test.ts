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
