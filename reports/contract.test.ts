import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clausesOf } from "../contract/catalogue.ts";
import { systemNames } from "../systems/systems.ts";
import { contractMarkdown, listClauses } from "./contract.ts";

test("CONTRACT.md is not stale: `npx rollcall clauses --markdown > CONTRACT.md`", () => {
  expect(readFileSync(new URL("../CONTRACT.md", import.meta.url), "utf8")).toBe(contractMarkdown());
});

test("contractMarkdown() has one row per clause, and no cell breaks its table", () => {
  const rows = contractMarkdown()
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(rows).toHaveLength(listClauses().length);
  for (const row of rows) expect(row.replaceAll("\\|", "").split("|")).toHaveLength(7);
});

test.each(systemNames)("listClauses() of %s is its set, with the proof's file", (system) => {
  expect(listClauses(system).map(({ id }) => id)).toEqual(clausesOf(system));
  for (const { id, proof } of listClauses(system))
    expect(existsSync(new URL(`../${proof}`, import.meta.url)), id).toBe(true);
});
