import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { importing, patch, type Mutant } from "../../targets/faulty.ts";
import { mutants } from "../../targets/mutants.ts";
import { changedNeighbours, keyOf, outdated, readMatrix, shareOf, shares, writeMatrix, type Row } from "./matrix.ts";

const mutant: Mutant = { id: "one", what: "", patches: [patch("server/a.ts", "x", "y")], red: ["sse.not-cached"] };
const far = "const far = 1;".repeat(100);
const proofs = `import { claim } from "a";

const used = (): void => deep();
const deep = (): void => claim();
const unused = (): void => claim();

export const sse = {
  "sse.not-cached": () => used(),

  "sse.ping-first": () => claim(),
};
`;
const texts: Readonly<Record<string, string>> = {
  "server/a.ts": `${far} x ${far}`,
  "tests/contract/shared/sse.ts": proofs,
};
const changed = (from: string, to: string) => ({ "tests/contract/shared/sse.ts": proofs.replace(from, to) });
const textOf =
  (changed: Readonly<Record<string, string>> = {}) =>
  (file: string): string =>
    ({ ...texts, ...changed })[file] ?? file;
const rowOf = (item: Mutant): Row => ({ mutant: item.id, key: keyOf(item, textOf()), red: item.red, neighbours: [] });

test.each([
  ["nothing changed", mutant, {}, []],
  ["another explanation", { ...mutant, what: "something else" }, {}, []],
  ["another patch", { ...mutant, patches: [patch("server/a.ts", "x", "z")] }, {}, ["one"]],
  ["other code around the patch", mutant, { "server/a.ts": `${far} x and more ${far}` }, ["one"]],
  ["other code far from the patch", mutant, { "server/a.ts": `and more ${far} x ${far}` }, []],
  ["another proof", mutant, changed("() => used()", "() => claim()"), ["one"]],
  ["another step of its proof", mutant, changed("deep = (): void => claim()", "deep = (): void => {}"), ["one"]],
  ["a step of other proofs", mutant, changed("unused = (): void => claim()", "unused = (): void => {}"), []],
  ["the proof of a neighbour", mutant, changed('ping-first": () => claim()', 'ping-first": () => used()'), []],
  ["another layout", mutant, { "server/a.ts": `${far}\n  x\n${far}` }, []],
  ["another clause", { ...mutant, red: ["sse.ping-first"] }, {}, ["one"]],
  ["another revision", { ...mutant, system: "discodeit-2" }, {}, ["one"]],
  ["a proof of another area", mutant, { "tests/contract/discodeit/rest.ts": "another" }, []],
] as const)("a row is outdated by what it rests on: %s", (_, now, changed, expected) => {
  expect(outdated([now], new Map([["one", rowOf(mutant)]]), textOf(changed)).map(({ id }) => id)).toEqual(expected);
});

test("a mutant without a row is outdated", () => {
  expect(outdated([mutant], new Map(), textOf())).toEqual([mutant]);
});

test("a swapped module outdates the row, and so does the module that stands in", () => {
  const swapped: Mutant = { ...mutant, patches: [{ file: "server/a.ts", by: "targets/b.ts" }] };
  const keys = [textOf(), textOf({ "server/a.ts": "other" }), textOf({ "targets/b.ts": "other" })].map((texts) =>
    keyOf(swapped, texts),
  );
  expect(new Set(keys).size).toBe(3);
});

test("a module that a patch imports outdates the row", () => {
  const importer: Mutant = { ...mutant, patches: [importing("server/a.ts", "b", "b.ts")] };
  expect(keyOf(importer, textOf({ "targets/mutants/discodeit/modules/b.ts": "other" }))).not.toBe(
    keyOf(importer, textOf()),
  );
});

test("the file has a mutant a line, in the order of the mutants, without those that are gone", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "rollcall-matrix-"));
  const file = path.join(folder, "matrix.json");
  const [first, second] = [mutant, { ...mutant, id: "two" }];
  const matrix = new Map([second, { ...mutant, id: "gone" }, first].map((item) => [item.id, rowOf(item)]));
  writeMatrix(matrix, [first, second], file);
  expect(readFileSync(file, "utf8").split("\n")).toEqual([
    "[",
    expect.stringMatching(/^\{"mutant":"one".*\},$/),
    expect.stringMatching(/^\{"mutant":"two".*\}$/),
    "]",
    "",
  ]);
  expect([...readMatrix(file).values()]).toEqual([rowOf(first), rowOf(second)]);
  rmSync(folder, { recursive: true });
});

test("changed neighbours are reported with their direction", () => {
  const before: Row = { ...rowOf(mutant), neighbours: ["sse.ping-first", "sse.stays-open"] };
  expect(changedNeighbours(before, ["sse.stays-open", "sse.head-at-once"])).toEqual([
    "+ sse.head-at-once",
    "- sse.ping-first",
  ]);
});

test("the shares cover each mutant once", () => {
  const ids = Array.from({ length: shares }, (_, number) => shareOf(mutants, number + 1_000)).flat();
  expect(ids.map(({ id }) => id).toSorted()).toEqual(mutants.map(({ id }) => id).toSorted());
});

test("each mutant has a row that names its clauses, or is reported as outdated", () => {
  const matrix = readMatrix();
  const reported = new Set(outdated(mutants, matrix).map(({ id }) => id));
  const upToDate = mutants.filter(({ id }) => !reported.has(id));
  expect(upToDate.map(({ id }) => [id, matrix.get(id)?.red])).toEqual(upToDate.map(({ id, red }) => [id, red]));
});
