// What a clause is: one sentence that must hold, as data. Proofs (tests/contract/) and mutants (targets/faulty.ts)
// refer to it by id. Terms: level – MUST breaks the contract, SHOULD is reported as weak; set – the frozen requirement
// set of one system revision.

import type { SystemName } from "../systems/discodeit/wire.ts";

export type Level = "MUST" | "SHOULD" | "MAY";

/**
 * What a target may be able to do. A clause that needs an undeclared capability is `unsupported`. `receipts` and
 * `order` are measured.
 */
export const capabilities = [
  "two-instances",
  "kafka-tap",
  "admin",
  "proxy",
  "short-tokens",
  "patience",
  "faults",
  "order",
  "receipts",
] as const;
export type Capability = (typeof capabilities)[number];

export interface Clause {
  level: Level;
  /** One sentence whose subject is the target. */
  text: string;
  /** Where it stands: a section of the contract, or an obligation id. */
  source: string;
  needs?: readonly Capability[];
  /** Its pass rests on a refusal or on silence: inconclusive on a target that fails the liar canary. */
  negative?: true;
  /** The requirement sets it belongs to; absent: all. */
  sets?: readonly SystemName[];
}

/**
 * The clauses of one area; every id begins with the area's name. An object cannot hold an id twice, and prefixes keep
 * areas apart.
 */
export type Area<Name extends string> = Readonly<Record<`${Name}.${string}`, Clause>>;
