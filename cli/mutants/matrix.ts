// The kill matrix: which clauses each mutant turns red, neighbours included. It is kept in docs/mutant-matrix.json, one
// mutant a line, so that a change of the server or of a proof shows in a diff which clauses it made blind, or touchy.
// Terms: key – a hash of what a row rests on: the mutant, the code around what it patches, the proofs of its clauses. A
// row with another key is outdated, and only such are run again. The rest of the server is not in the key, or one line
// of a session would outdate a hundred rows: `.ci/run` checks a share of all rows, a different one each time.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { proofFileOf, type ClauseId } from "../../contract/catalogue.ts";
import { packageDir } from "../../deploy/images.ts";
import type { Mutant } from "../../targets/faulty.ts";
import { isSwap, surroundingsOf, type Patch } from "../../targets/patch.ts";

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

/** Of code, on each side of a patch: a method or two. */
const surroundingChars = 600;

/** The proof of a clause, and the declarations of its file that it rests on. */
function proofIn(text: string, id: ClauseId): string[] {
  const proof = text.match(
    new RegExp(`^ {2}"${id.replace(".", "\\.")}":[\\s\\S]*?(?=^ {2}"[\\w-]+\\.[\\w-]+":|^\\S)`, "m"),
  );
  const declarations = new Map<string, string>();
  for (const declaration of text.split(/\n(?=\w)/)) {
    const name = /^(?:export )?(?:async )?(?:const|function|interface|type|class) (\w+)/.exec(declaration)?.[1];
    if (name !== undefined && !declaration.includes(`"${id}":`)) declarations.set(name, declaration);
  }
  const found = [proof?.[0] ?? text];
  for (const piece of found)
    for (const [word] of piece.matchAll(/\w+/g)) {
      const declaration = declarations.get(word);
      if (declaration !== undefined) found.push(declaration);
      declarations.delete(word);
    }
  return found;
}

/** What a patch rests on. A module that stands in for another one was written for the whole of it. */
function groundOf(patch: Patch, textOf: (file: string) => string): string[] {
  if (isSwap(patch)) return [patch.file, patch.by].map(textOf);
  return [surroundingsOf(textOf(patch.file), patch, surroundingChars), ...importedBy(patch.replace).map(textOf)];
}

/**
 * @param textOf the text of a file below the package.
 * @throws Error when a patch does not fit.
 */
export function keyOf(
  { id, red, patches, system, environment, stack }: Mutant,
  textOf: (file: string) => string = readText,
): string {
  const hash = createHash("sha256").update(JSON.stringify([id, red, patches, system, environment, stack]));
  const grounds = [
    ...patches.flatMap((patch) => groundOf(patch, textOf)),
    ...red.flatMap((clause) => proofIn(textOf(proofFileOf(clause)), clause)),
  ];
  for (const ground of grounds) hash.update(`\0${ground}`);
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
