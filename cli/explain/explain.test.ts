import { expect, test } from "vitest";
import { catalogue, type ClauseId } from "../../contract/catalogue.ts";
import { diagnosisById } from "../../reports/cause-ids.ts";
import { unknown } from "./explain.ts";
import { proofs } from "../../tests/contract/proofs.ts";
import { clausesWith, factsOf, peersIn } from "./facts.ts";
import { moduleIn, textWithHelpers } from "./helpers.ts";

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

test.each([
  ["fanout.stomp-crosses", "one-instance"], // of its own module
  ["login.connections-end-with-logout", "outlives-login"], // of another module
  ["sockjs.polls-queue", "duplicate"], // that a helper calls
] as const)("%s finds the cause %s in a helper", (id, cause) => {
  expect(proofs[id].toString()).not.toContain("diagnoses.");
  expect(factsOf(id).diagnoses).toContain(diagnosisById.get(cause));
  expect(clausesWith(diagnosisById.get(cause)!)).toContain(id);
});

test("a clause has no cause of a helper that its proof does not call", () => {
  expect(factsOf("channels.last-message-at").diagnoses).not.toContain(diagnosisById.get("private-leak"));
  expect(factsOf("reads.created").diagnoses).not.toContain(diagnosisById.get("private-leak"));
});

test("textWithHelpers() follows names into other modules, and no properties, strings or proofs", () => {
  const root = new URL("../../tests/contract/", import.meta.url).href;
  const texts: Record<string, string> = {
    [`${root}shared/area.ts`]: `import { far, type Kind } from "../steps/far.ts";
import { driver } from "../../../drivers/driver.ts";
function near(world: World) {
  return far(world);
}
export async function other() {}
const told = (world: World) => "other";
export const area: Proofs<typeof clauses> = {
  "area.one": async (world) => near(world),
};
`,
    [`${root}steps/far.ts`]:
      "export const far = (world: World) => end(world);\nfunction end() {}\nfunction unused() {}\n",
  };
  const read = (url: string) => moduleIn(texts[url]!, url);
  const proof = "async (world) => { await near(world); world.other(); world.area(told); driver(area, 'other'); }";
  const found = textWithHelpers(proof, "tests/contract/shared/area.ts", read).split("\n");
  expect(found.filter((line) => /^\S/.test(line) && line !== "}")).toEqual([
    proof,
    "function near(world: World) {",
    "export const far = (world: World) => end(world);",
    "function end() {}",
    'const told = (world: World) => "other";',
  ]);
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
