import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { catalogue, clausesOf } from "../contract/catalogue.ts";
import { packageDir } from "../deploy/images.ts";
import { killedElsewhere, mutants } from "./mutants.ts";
import { mistakenServers } from "./mistakes.ts";
import { applyPatches, isSwap, type Patch } from "./patch.ts";
import { variants } from "./variants.ts";

const filesOf = (patches: readonly Patch[]): Map<string, Patch[]> => Map.groupBy(patches, ({ file }) => file);

test.each(mutants.map((mutant) => [mutant.id, mutant] as const))(
  "mutants: %s fits the server",
  (_, { patches, environment }) => {
    expect(patches.length > 0 || environment !== undefined).toBe(true);
    for (const [file, mine] of filesOf(patches)) {
      const text = readFileSync(path.join(packageDir, file), "utf8");
      expect(mine.every(isSwap) || applyPatches(text, mine) !== text).toBe(true);
    }
  },
);

/** Those that the notes and mistakes are made of; each fits the source as the earlier ones left it. */
test.each([
  ...variants.map(({ id, notes }) => [`variant ${id}`, Object.values(notes).flat()] as const),
  ...mistakenServers.map(
    ({ mistakes }) =>
      [
        `mistakes ${mistakes.map(({ diagnosis }) => diagnosis).join(", ")}`,
        mistakes.flatMap(({ patches }) => patches),
      ] as const,
  ),
])("%s fits the server", (_, patches) => {
  for (const [file, mine] of filesOf(patches)) applyPatches(readFileSync(path.join(packageDir, file), "utf8"), mine);
});

test("mutants have different ids", () => {
  const ids = mutants.map(({ id }) => id);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

test("mutants turn clauses of their revision red", () => {
  for (const { id, red, system = "discodeit-1" } of mutants)
    expect.soft([id, red.filter((clause) => !clausesOf(system).includes(clause))]).toEqual([id, []]);
});

test("mutants kill every clause", () => {
  const killed = new Set<string>(mutants.flatMap(({ red }) => red));
  expect(Object.keys(catalogue).filter((id) => !killed.has(id))).toEqual(Object.keys(killedElsewhere));
});
