// What a clause's proof came to, as a value. Terms and exit codes: docs/decisions and README, "How to read a report".
// Pure: outcomes in, verdicts out.

import type { Capability, Level } from "../contract/clause.ts";

export const verdictKinds = ["pass", "fail", "weak", "unsupported", "expected", "inconclusive", "broken"] as const;
export type VerdictKind = (typeof verdictKinds)[number];

/** One line of a wire transcript, secrets already replaced. */
export interface Evidence {
  atMs: number;
  connection: string;
  direction: "sent" | "received" | "opened" | "closed";
  text: string;
}

export interface Verdict {
  id: string;
  level: Level;
  kind: VerdictKind;
  text: string;
  source: string;
  /** Why it is no pass. */
  because?: string;
  /** The field's mistake behind it, and how to mend it. */
  diagnosis?: string;
  evidence?: readonly Evidence[];
  /** The way of each message that went wrong, line by line (fault runs). */
  stories?: readonly (readonly string[])[];
  /** What was measured beside the verdict, line by line. */
  measured?: readonly string[];
  durationMs: number;
}

/** How a proof ended, before level and known failures are considered. */
export type Outcome =
  | { kind: "held" }
  | { kind: "violated"; because: string; diagnosis?: string }
  | { kind: "inconclusive"; because: string }
  | { kind: "broken"; because: string }
  | { kind: "unsupported"; missing: readonly Capability[] };

export interface KnownFailure {
  reason: string;
  link?: string;
}

/**
 * The verdict's kind and reason. A broken MUST fails, a broken SHOULD or MAY is weak; a listed known failure that is
 * violated is
 * `expected`, and one that holds is a failure: the list is stale.
 */
export function judge(
  level: Level,
  outcome: Outcome,
  known?: KnownFailure,
): { kind: VerdictKind; because?: string; diagnosis?: string } {
  switch (outcome.kind) {
    case "held":
      if (known === undefined) return { kind: "pass" };
      return {
        kind: "fail",
        because: `it passes, but is listed as known failing (${known.reason}): take it off the list`,
      };
    case "violated": {
      if (known !== undefined)
        return {
          kind: "expected",
          because: `${known.reason}${known.link === undefined ? "" : ` (${known.link})`}: ${outcome.because}`,
        };
      const kind = level === "MUST" ? "fail" : "weak";
      return {
        kind,
        because: outcome.because,
        ...(outcome.diagnosis === undefined ? {} : { diagnosis: outcome.diagnosis }),
      };
    }
    case "unsupported":
      return { kind: "unsupported", because: `needs ${outcome.missing.join(", ")}, which the target does not declare` };
    case "inconclusive":
    case "broken":
      return { kind: outcome.kind, because: outcome.because };
  }
}

export type Counts = Record<VerdictKind, number>;

export function countsOf(verdicts: readonly Pick<Verdict, "kind">[]): Counts {
  const counts: Counts = { pass: 0, fail: 0, weak: 0, unsupported: 0, expected: 0, inconclusive: 0, broken: 0 };
  for (const { kind } of verdicts) counts[kind]++;
  return counts;
}

/**
 * 0 every scored MUST passed · 1 failed · 2 inconclusive or nothing ran · 4 broken; precedence 1 > 4 > 2 > 0. `strict`:
 * weak fails too.
 */
export function exitCodeOf(counts: Counts, strict: boolean): 0 | 1 | 2 | 4 {
  if (counts.fail > 0 || (strict && counts.weak > 0)) return 1;
  if (counts.broken > 0) return 4;
  if (counts.inconclusive > 0 || counts.pass + counts.weak + counts.expected === 0) return 2;
  return 0;
}
