import { expect, test } from "vitest";
import { catalogue, type ClauseId } from "../../contract/catalogue.ts";
import { diagnosisById } from "../../reports/cause-ids.ts";
import { unknown } from "./explain.ts";
import { clausesWith, factsOf, peersIn } from "./facts.ts";

test("what proofs and planted faults know of a clause is gathered", () => {
  const { line, steps, planted, diagnoses } = factsOf("subscribe.exactly-once");
  expect(line).toBeGreaterThan(1);
  expect(steps).toEqual(["deliver once"]);
  expect(planted).toContain("every MESSAGE is written twice");
  expect(diagnoses).toEqual([diagnosisById.get("duplicate")]);
  expect(factsOf("send.without-destination").peers).toContainEqual({
    server: "spring",
    because: expect.stringContaining("simple broker") as string,
  });
});

test("each clause has a planted fault that it finds", () => {
  const without = (Object.keys(catalogue) as ClauseId[]).filter((id) => factsOf(id).planted.length === 0);
  expect(without).toEqual([]);
});

test("the line of each clause's proof is found", () => {
  for (const id of Object.keys(catalogue) as ClauseId[]) expect(factsOf(id).line, id).toBeDefined();
});

test("a clause finds a cause when its own proof names it, not only where a mistaken server is held against it", () => {
  expect(clausesWith(diagnosisById.get("private-leak")!)).toEqual(
    expect.arrayContaining(["channels.list-holds-no-others", "rooms.strangers-hear-no-socket"]),
  );
  expect(clausesWith(diagnosisById.get("not-sticky")!)).toEqual([]);
});

test("peersIn() reads what each server breaks", () => {
  const page =
    "## nchan\n\n- `sse.content-type`: it says text/plain\n- `no.clause`: x\n\n## spring\n\n- `sse.content-type`: y\n";
  expect([...peersIn(page)]).toEqual([
    [
      "sse.content-type",
      [
        { server: "nchan", because: "it says text/plain" },
        { server: "spring", because: "y" },
      ],
    ],
  ]);
});

test.each([
  ["subscribe.exacly-once", "did you mean subscribe.exactly-once"],
  ["one-instanse", "did you mean one-instance"],
  ["sse.nothing-of-the-kind", "did you mean sse."],
  ["faults.kafka-killed", "is a scenario with faults: `rollcall verify --faults kafka-killed` runs it"],
  ["sse", "is an area: `rollcall clauses sse`"],
  ["xyzzy", '"xyzzy"; `rollcall clauses` lists'],
])("%s is unknown, and what may be meant is named", (id, words) => {
  expect(unknown(id)).toContain(words);
});
