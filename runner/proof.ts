// The type that ties proofs to clauses: a proof missing, unknown or doubled does not compile.

import type { z } from "zod";
import type { Outcome } from "../checkers/verdict.ts";
import { shapeFaults } from "../drivers/shape.ts";
import type { Capability } from "../contract/clause.ts";
import type { Target } from "../systems/target.ts";
import type { World } from "./world.ts";
import { quoted } from "../drivers/quoted.ts";

/** Resolves when the clause holds; throws Violation (or a driver's error) when it does not. */
export type Proof = (world: World) => Promise<void>;

/** One proof per id of an area, no more and no fewer. */
export type Proofs<AreaOfClauses> = { readonly [Id in keyof AreaOfClauses]: Proof };

/** The target breaks the clause under proof. */
export class Violation extends Error {
  readonly diagnosis: string | undefined;
  constructor(because: string, diagnosis?: string) {
    super(because);
    this.name = "Violation";
    this.diagnosis = diagnosis;
  }
}

/** Nothing can be said: what the proof rests on did not happen. */
export class Inconclusive extends Error {
  override readonly name = "Inconclusive";
}

/** Nothing can be said of a target that does not offer this. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
  readonly missing: readonly [Capability];
  constructor(missing: Capability) {
    super(`needs ${missing}`);
    this.missing = [missing];
  }
}

/** What is lacking, and why: an admin who was given and is not let in is another lack than one whom nobody gave. */
export function lackOf(missing: readonly Capability[], { adminFailure }: Pick<Target, "adminFailure">): Outcome {
  if (adminFailure === undefined || missing.some((capability) => capability !== "admin"))
    return { kind: "unsupported", missing };
  return { kind: "unsupported", missing, ways: [`the admin's login, which fails: ${adminFailure}`] };
}

/** Throws a Violation unless the condition holds. `because` says what the target did, with values. */
export function claim(condition: boolean, because: string | (() => string), diagnosis?: string): asserts condition {
  if (!condition) throw new Violation(typeof because === "string" ? because : because(), diagnosis);
}

/** Throws a Violation that names the fields unless the JSON text has this shape. */
export const claimShape = (text: string | undefined, schema: z.ZodType, what: string): void =>
  void readJson(text, schema, what);

/** What the target said, as JSON in this shape. Throws Violation when it is no JSON, or of another shape. */
export function readJson<T>(text: string | undefined, schema: z.ZodType<T>, what: string): T {
  const value = jsonIn(text);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Violation(
    `${what} has another shape (${shapeFaults(value, parsed.error)}): ${text === undefined ? "nothing" : quoted(text)}`,
  );
}

/** The value of JSON text; undefined when it is none. */
export function jsonIn(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
