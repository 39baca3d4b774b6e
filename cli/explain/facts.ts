// What the proofs and the servers that are broken on purpose know about a clause, for `rollcall explain`: gathered from
// them, so that it cannot go stale.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue, isClauseId, proofFileOf, type ClauseId } from "../../contract/catalogue.ts";
import { diagnoses } from "../../contract/diagnoses.ts";
import { packageDir } from "../../deploy/images.ts";
import type { ProofFacts } from "../../reports/explain.ts";
import { stepsOf } from "../../runner/steps.ts";
import { wiringMistakes } from "../../systems/discodeit/mistakes.ts";
import { mistakenServers } from "../../targets/mistakes.ts";
import { killedElsewhere, mutants } from "../../targets/mutants.ts";
import { proofs } from "../../tests/contract/proofs.ts";
import { readMatrix } from "../mutants/matrix.ts";
import { textWithHelpers } from "./helpers.ts";

const words: Readonly<Record<string, string>> = { ...diagnoses, ...wiringMistakes };
const mistakes = mistakenServers.flatMap((server) => server.mistakes);

/** Those that the proof itself or a helper of it may give, and those that a mistaken server must be given at this clause. */
function diagnosesOf(id: ClauseId): string[] {
  const text = textWithHelpers(proofs[id].toString(), proofFileOf(id));
  const own = [...text.matchAll(/\bdiagnoses\.(\w+)/g)].map(([, key]) => key!);
  const made = mistakes.filter(({ clause }) => clause === id).map(({ diagnosis }) => diagnosis);
  return [...new Set([...made, ...own])].flatMap((key) => words[key] ?? []);
}

export const clausesWith = (diagnosis: string): ClauseId[] =>
  (Object.keys(catalogue) as ClauseId[]).filter((id) => diagnosesOf(id).includes(diagnosis));

/** Of docs/peers.md: "## server", below it a line for each clause that the server breaks. */
export function peersIn(page: string): Map<ClauseId, { server: string; because: string }[]> {
  const found = new Map<ClauseId, { server: string; because: string }[]>();
  let server = "";
  for (const line of page.split("\n")) {
    server = /^## (\S.*)/.exec(line)?.[1] ?? server;
    const [, id = "", because = ""] = /^- `([a-z0-9.-]+)`: (.*)/.exec(line) ?? [];
    if (isClauseId(id)) found.set(id, [...(found.get(id) ?? []), { server, because }]);
  }
  return found;
}

function textOf(file: string): string {
  const path = join(packageDir, file);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** The package has no sources. */
function lineOfProof(id: ClauseId): number | undefined {
  const at = textOf(proofFileOf(id))
    .split("\n")
    .findIndex((line) => line.includes(`"${id}"`));
  return at < 0 ? undefined : at + 1;
}

export function factsOf(id: ClauseId): ProofFacts {
  const line = lineOfProof(id);
  const matrix = readMatrix();
  const elsewhere = killedElsewhere[id];
  return {
    ...(line === undefined ? {} : { line }),
    steps: stepsOf(id),
    planted: [
      ...mutants.filter(({ red }) => red.includes(id)).map(({ what }) => what),
      ...(elsewhere === undefined ? [] : [elsewhere]),
    ],
    alsoRed: mutants.filter((mutant) => matrix.get(mutant.id)?.neighbours.includes(id)).map(({ what }) => what),
    peers: peersIn(textOf("docs/peers.md")).get(id) ?? [],
    diagnoses: diagnosesOf(id),
  };
}
