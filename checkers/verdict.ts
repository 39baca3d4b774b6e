// What a clause's proof came to, as a value. Terms and exit codes: README, "How to read a report". Pure: outcomes in,
// verdicts out. Terms: step – what a proof rests on, as "sign up"; owner – the clause that is about the step.

import type { Capability, Level } from "../contract/clause.ts";

export const verdictKinds = [
  "pass",
  "fail",
  "weak",
  "untested",
  "unsupported",
  "expected",
  "inconclusive",
  "broken",
  "not scored",
] as const;
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
  security?: true;
  /** Why it is no pass. */
  because?: string;
  /** untested: the clause that says why, the first of a chain. */
  owner?: string;
  /** untested: what its own proof met, which follows from what the owner says. */
  met?: string;
  /** The field's mistake behind it, and how to mend it. */
  diagnosis?: string;
  evidence?: readonly Evidence[];
  /** Which connection of the evidence it was seen on, where that is known. */
  connection?: string;
  /** Where the proof looked last, and for what: a marker, where it counted one. */
  looked?: { atMs: number; connection: string; name?: string };
  /** The way of each message that went wrong, line by line (fault runs). */
  stories?: readonly (readonly string[])[];
  /** What was measured beside the verdict, line by line. */
  measured?: readonly string[];
  durationMs: number;
}

/** How a proof ended, before level and known failures are considered. */
export type Outcome =
  | { kind: "held" }
  | { kind: "violated"; because: string; diagnosis?: string; connection?: string }
  | { kind: "untested"; owner: string; because: string; connection?: string }
  | { kind: "inconclusive"; because: string }
  | { kind: "broken"; because: string }
  /** `lines`: what the system's definition would have to say; `ways`: what to set or say where nobody writes one. */
  | { kind: "unsupported"; missing: readonly Capability[]; lines?: readonly string[]; ways?: readonly string[] };

export interface KnownFailure {
  reason: string;
  link?: string;
}

/** Why it may fail, and where its makers say so. */
export const reasonOf = ({ reason, link }: KnownFailure): string =>
  link === undefined ? reason : `${reason} (${link})`;

type Judged = Pick<Verdict, "kind" | "because" | "diagnosis" | "owner">;

/**
 * The verdict's kind and reason. A broken MUST fails, a broken SHOULD or house rule is weak; a listed known failure
 * that is violated is `expected`, and one that holds is a failure: the list is stale.
 */
export function judge(level: Level, outcome: Outcome, known?: KnownFailure): Judged {
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
          because: `${reasonOf(known)}: ${outcome.because}`,
        };
      const kind = level === "MUST" ? "fail" : "weak";
      return {
        kind,
        because: outcome.because,
        ...(outcome.diagnosis === undefined ? {} : { diagnosis: outcome.diagnosis }),
      };
    }
    case "unsupported":
      if (outcome.ways !== undefined) return { kind: "unsupported", because: `needs ${outcome.ways.join("; ")}` };
      if (outcome.lines !== undefined)
        return {
          kind: "unsupported",
          because: `needs what the system's definition does not say: ${outcome.lines.join("; ")}`,
        };
      return { kind: "unsupported", because: `needs ${outcome.missing.join(", ")}, which the target does not declare` };
    case "untested":
      return { kind: "untested", owner: outcome.owner, because: outcome.because };
    case "inconclusive":
    case "broken":
      return { kind: outcome.kind, because: outcome.because };
  }
}

/**
 * The owner at the end of a chain: one that is untested itself names another. A chain that closes ends where it began.
 */
export function rootOf(owner: string, verdicts: ReadonlyMap<string, Pick<Verdict, "kind" | "owner">>): string {
  const seen = new Set<string>();
  for (let root = owner; ;) {
    const verdict = verdicts.get(root);
    if (verdict?.kind !== "untested" || verdict.owner === undefined || seen.has(root)) return root;
    seen.add(root);
    root = verdict.owner;
  }
}

/**
 * What is untested, in the words of the clause that says why: `because` is its sentence, `met` what the own proof met.
 * An owner that was not judged, or holds, has no such sentence: then the own one stands, and says what the owner is.
 */
export function tellRoot(untested: Verdict, root: Pick<Verdict, "id" | "kind" | "because"> | undefined): Verdict {
  const { because: met } = untested;
  if (root === undefined || root.kind === "untested" || root.because === undefined || met === undefined)
    return untested;
  if (!isBroken(root)) return { ...untested, because: `${met}; ${root.id}, which is about that, is ${root.kind}` };
  return { ...untested, because: `${root.id} says why: ${root.because}`, met };
}

/** The target breaks it, excused or not. */
export const isBroken = ({ kind }: Pick<Verdict, "kind">): boolean =>
  kind === "fail" || kind === "weak" || kind === "expected";

export type Counts = Record<VerdictKind, number>;

export function countsOf(verdicts: readonly Pick<Verdict, "kind">[]): Counts {
  const counts = Object.fromEntries(verdictKinds.map((kind) => [kind, 0])) as Counts;
  for (const { kind } of verdicts) counts[kind]++;
  return counts;
}

/** How many had to hold and were judged. */
export const scoredCount = (counts: Counts): number =>
  Object.entries(counts).reduce(
    (sum, [kind, count]) => (kind === "unsupported" || kind === "not scored" ? sum : sum + count),
    0,
  );

const areaOf = (id: string): string => id.slice(0, id.indexOf("."));

/**
 * 0 every scored MUST passed · 1 failed · 2 inconclusive or nothing ran · 4 broken; precedence 1 > 4 > 2 > 0. `strict`:
 * weak fails too, and what is untested is inconclusive. Without it, untested MUSTs are so only in an area in which no
 * MUST passed.
 */
export function exitCodeOf(
  verdicts: readonly Pick<Verdict, "kind" | "id" | "level">[],
  strict: boolean,
): 0 | 1 | 2 | 4 {
  const counts = countsOf(verdicts);
  if (counts.fail > 0 || (strict && counts.weak > 0)) return 1;
  if (counts.broken > 0) return 4;
  if (counts.inconclusive > 0 || counts.pass + counts.weak + counts.expected === 0) return 2;
  if (strict && counts.untested > 0) return 2;
  const musts = verdicts.filter(({ level }) => level === "MUST");
  const tested = new Set(musts.filter(({ kind }) => kind === "pass").map(({ id }) => areaOf(id)));
  return musts.some(({ kind, id }) => kind === "untested" && !tested.has(areaOf(id))) ? 2 : 0;
}
