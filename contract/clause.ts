// What a clause is: one sentence that must hold, as data. Proofs (tests/contract/) and mutants (targets/mutants/) refer
// to it by id. Terms: level – what it means that a target breaks the clause; it belongs to the clause and the system:
// MUST (the system's description says so) fails · SHOULD (a protocol's specification, security, good practice) is weak ·
// house (only our own server promises it) is scored with `--house` alone, and weak then.

import type { SystemName } from "../systems/discodeit/wire.ts";

export type Level = "MUST" | "SHOULD" | "house";

/**
 * What a target may be able to do. A clause that needs an undeclared capability is `unsupported`. `receipts`,
 * `order` and `heart-beats` are measured.
 */
export const capabilities = [
  "two-instances",
  "kafka-tap",
  "admin",
  "proxy",
  "patience",
  "faults",
  "order",
  "receipts",
  "heart-beats",
] as const;
export type Capability = (typeof capabilities)[number];

export interface Clause {
  /** One for all systems, or one for each. */
  level: Level | Readonly<Record<SystemName, Level>>;
  /** One sentence whose subject is the target. */
  text: string;
  /** Where it stands: a section of the contract, or an obligation id. */
  source: string;
  needs?: readonly Capability[];
  /** Its pass rests on a refusal or on silence: inconclusive on a target that fails the liar canary. */
  negative?: true;
  /** A target that breaks it gives something to somebody who must not have it: first in every report. */
  security?: true;
  /** The requirement sets it belongs to; absent: all. */
  sets?: readonly SystemName[];
}

export const levelOf = ({ level }: Pick<Clause, "level">, system: SystemName): Level =>
  typeof level === "string" ? level : level[system];

/** The clauses of one area; every id begins with the area's name. An object cannot hold an id twice, and prefixes keep areas apart. */
export type Area<Name extends string> = Readonly<Record<`${Name}.${string}`, Clause>>;
