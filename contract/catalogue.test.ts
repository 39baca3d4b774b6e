import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { areas, catalogue, clausesOf, isClauseId, levelOf, owes, type ClauseId } from "./catalogue.ts";
import { capabilities, type Clause } from "./clause.ts";
import { servedSystems as systemNames } from "../systems/served/wire.ts";

const clauses = Object.entries(catalogue) as [ClauseId, Clause][];

test("every id begins with its area and is written in small letters", () => {
  for (const [area, ofArea] of Object.entries(areas))
    for (const id of Object.keys(ofArea)) expect(id).toMatch(new RegExp(`^${area}\\.[a-z0-9]+(-[a-z0-9]+)*$`));
});

test("ids are unique over all areas", () => {
  expect(clauses).toHaveLength(Object.values(areas).reduce((count, area) => count + Object.keys(area).length, 0));
});

test("no two clauses say the same within a system", () => {
  for (const system of systemNames) {
    const texts = clausesOf(system).map((id) => catalogue[id].text);
    expect(texts.filter((text, at) => texts.indexOf(text) !== at)).toEqual([]);
  }
});

test.each(clauses)("%s is a clause: a sentence, a level, a source, known capabilities and systems", (id, clause) => {
  expect(clause.text).toMatch(/^\S.*[^.]\.$/s);
  for (const system of systemNames) expect(["MUST", "SHOULD", "house"]).toContain(levelOf(id, system));
  expect(clause.source.trim()).not.toBe("");
  for (const need of clause.needs ?? []) expect(capabilities).toContain(need);
  for (const system of clause.of ?? systemNames) expect(systemNames).toContain(system);
});

test("a text that all systems owe names nothing that one of them alone has", () => {
  const shared = clauses.filter(([id]) => systemNames.every((system) => owes(system, id)));
  expect(shared.length).toBeGreaterThan(50);
  const named = shared.filter(([, { text }]) => /Discodeit|Dto\b|\/(sub|pub|api|ws)\b|channel/i.test(text));
  expect(named.map(([id]) => id)).toEqual([]);
});

test("isClauseId() knows clauses, not areas or names of objects", () => {
  expect(isClauseId(clauses[0]![0])).toBe(true);
  for (const text of ["accounts", "", "toString", "__proto__"]) expect(isClauseId(text)).toBe(false);
});

test("systems/discodeit/wire.ts imports nothing", () => {
  expect(readFileSync(new URL("../systems/discodeit/wire.ts", import.meta.url), "utf8")).not.toMatch(/^\s*import\b/m);
});

test.each([
  ["discodeit-1", "rooms.strangers-read-no-history", "messages.private-history-by-stranger"],
  ["discodeit-2", "rooms.strangers-read-no-history", "messages.private-history-by-stranger"],
  ["study-room", "rooms.strangers-hear-no-event", "news.not-to-strangers"],
] as const)("in %s, %s is worth what %s is", (system, shared, own) => {
  expect(levelOf(shared, system)).toBe(levelOf(own, system));
  expect(levelOf(shared, "own-backend")).toBe("MUST"); // whose definition promises it
});
