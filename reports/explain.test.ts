import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { diagnoses } from "../contract/diagnoses.ts";
import { explainCause, explainClause, linesOfCause, linesOfClause, type ProofFacts } from "./explain.ts";

const facts: ProofFacts = {
  line: 12,
  steps: ["deliver once"],
  planted: ["every MESSAGE is written twice"],
  alsoRed: [],
  peers: [{ server: "spring", because: "the simple broker does" }],
  diagnoses: [diagnoses.duplicate],
};
const words = (lines: readonly string[]): string => stripVTControlCharacters(lines.join("\n"));

test("a clause is explained by its sentence, its source, its proof, its faults and the mistake behind it", () => {
  const text = words(linesOfClause(explainClause("subscribe.exactly-once", facts)));
  expect(text).toMatch(/^subscribe\.exactly-once \(MUST\)\n/);
  for (const line of [
    "What must hold\n  Each subscription gets one copy of each message, and no second one.\n",
    "Why\n  C1: Each subscription gets one copy",
    "How it is proved\n  tests/contract/shared/subscribe.ts:12\n",
    "other proofs rest on it (deliver once): while it fails, they are untested",
    "How it usually breaks\n  a planted fault: every MESSAGE is written twice\n  in the field: spring: the simple broker does\n",
    `How it is mended\n  duplicate  ${diagnoses.duplicate}\n`,
    "next: npx rollcall verify URL --only subscribe.exactly-once",
  ])
    expect(text).toContain(line);
});

test("a clause that no mistake of the field is known for says so, and what it needs", () => {
  const explained = explainClause("send.without-destination", { ...facts, diagnoses: [], planted: ["a", "b"] });
  expect(explained).toMatchObject({
    levels: { stomp: "MUST", "discodeit-1": "house" },
    why: [{ source: "SND-01", where: "STOMP 1.2, SEND" }],
    proof: { negative: true, features: { send: "stomp.send and stomp.textOf" } },
    mends: [],
  });
  const text = words(linesOfClause(explained));
  expect(text).toContain("https://stomp.github.io/stomp-specification-1.2.html");
  expect(text).toContain("plant 2 faults in a server");
  expect(text).toContain("How it is mended\n  no mistake of the field is known for it");
});

test("of many faults the first are shown, and how many there are", () => {
  const planted = Array.from({ length: 7 }, (_, at) => `fault ${at}`);
  const text = words(linesOfClause(explainClause("sse.content-type", { ...facts, planted })));
  const none = { ...facts, planted: [], peers: [] };
  expect(words(linesOfClause(explainClause("sse.content-type", none)))).toContain(
    "breaks\n  no fault of it is on record",
  );
  expect(text).toContain("a planted fault: fault 4\n  … and 2 more");
  expect(text).not.toContain("fault 5");
});

test("a cause is explained by its name, what to do, and the clauses that find it", () => {
  const cause = explainCause("duplicate", diagnoses.duplicate, ["subscribe.exactly-once"]);
  expect([cause.seen, cause.mend]).toEqual([
    "duplicate delivery",
    "it is published twice, for instance by the controller and by a listener of the same event, or by two consumers",
  ]);
  const text = words(linesOfCause(cause));
  expect(text).toContain("subscribe.exactly-once  Each subscription gets one copy");
  expect(text).toContain("verify URL --only subscribe.exactly-once");
  expect(words(linesOfCause(explainCause("x", "what is so", [])))).toContain("a probe asks the target for it");
});
