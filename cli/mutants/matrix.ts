// The kill matrix: which clauses each mutant turns red, neighbours included. It is kept in docs/mutant-matrix.json, one
// mutant a line, so that a change of the server or of a proof shows in a diff which clauses it made blind, or touchy.
// Terms: key – a hash of all that a row rests on: the mutant, the files that it patches, the proofs of its clauses. A
// row with another key is outdated, and only such are run again. The rest of the server is not in the key: `.ci/run`
// checks a share of all rows, a different one each time.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { proofFileOf, type ClauseId } from "../../contract/catalogue.ts";
import { packageDir } from "../../deploy/images.ts";
import type { Mutant } from "../../targets/faulty.ts";
import { isSwap } from "../../targets/patch.ts";

export interface Row {
  mutant: string;
  key: string;
  red: readonly ClauseId[];
  neighbours: readonly ClauseId[];
}

export type Matrix = Map<string, Row>;

const matrixFile = path.join(packageDir, "docs/mutant-matrix.json");

const readText = (file: string): string => readFileSync(path.join(packageDir, file), "utf8");

/** Our modules that a text patch imports. */
const importedBy = (replacement: string): string[] =>
  replacement.match(/targets\/mutants\/\w+\/modules\/[\w-]+\.ts/g) ?? [];

/** @param textOf the text of a file below the package. */
export function keyOf(
  { id, red, patches, system, environment, stack }: Mutant,
  textOf: (file: string) => string = readText,
): string {
  const hash = createHash("sha256").update(JSON.stringify([id, red, patches, system, environment, stack]));
  const proofs = red.map(proofFileOf);
  const files = [
    ...patches.flatMap((patch) => [patch.file, ...(isSwap(patch) ? [patch.by] : importedBy(patch.replace))]),
    ...proofs,
  ];
  for (const file of new Set(files)) hash.update(`\0${file}\0${textOf(file)}`);
  return hash.digest("hex").slice(0, 16);
}

/** Those without a row, and those whose row rests on something that has changed. */
export const outdated = (mutants: readonly Mutant[], matrix: Matrix, textOf?: (file: string) => string): Mutant[] =>
  mutants.filter((mutant) => matrix.get(mutant.id)?.key !== keyOf(mutant, textOf));

export function readMatrix(file: string = matrixFile): Matrix {
  if (!existsSync(file)) return new Map();
  const rows = JSON.parse(readFileSync(file, "utf8")) as Row[];
  return new Map(rows.map((row) => [row.mutant, row]));
}

/** In the order of the mutants, and without rows of mutants that are gone. The file is whole at any time. */
export function writeMatrix(matrix: Matrix, mutants: readonly Mutant[], file: string = matrixFile): void {
  const rows = mutants.flatMap(({ id }) => matrix.get(id) ?? []);
  const lines = rows.map(({ mutant, key, red, neighbours }) => JSON.stringify({ mutant, key, red, neighbours }));
  writeFileSync(`${file}.new`, `[\n${lines.join(",\n")}\n]\n`);
  renameSync(`${file}.new`, file);
}

/** What a row says that the one before did not, as "+ clause" and "- clause". */
export function changedNeighbours(before: Row | undefined, neighbours: readonly ClauseId[]): string[] {
  const old = before?.neighbours ?? [];
  return [
    ...neighbours.filter((id) => !old.includes(id)).map((id) => `+ ${id}`),
    ...old.filter((id) => !neighbours.includes(id)).map((id) => `- ${id}`),
  ];
}

/**
 * `.ci/run` checks one of so many shares of the matrix: 12 mutants, one of them on a stack, in less than three minutes.
 */
export const shares = 24;

/**
 * Any number will do, such as a count of commits: it wraps around. Neighbours in the list are of one area, so they go
 * to different shares.
 */
export const shareOf = (mutants: readonly Mutant[], number: number): Mutant[] =>
  mutants.filter((_, index) => index % shares === number % shares);
