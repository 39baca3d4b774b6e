// What one invocation came to, as data: the shape of report.json. Everything in it is redacted before it gets here.

import type { Counts, Verdict } from "../checkers/verdict.ts";

/** Why a run is not green: one mistake, or one clause. */
export interface ListedCause {
  /** Stays the same from run to run; `verify --only` and `explain` know it. */
  id: string;
  diagnosis?: string;
  /** Those that it breaks, worst first. */
  clauses: readonly string[];
  untested: readonly string[];
}

export interface RunReport {
  run: string;
  target: {
    name: string;
    system: string;
    instances: readonly string[];
    /** The URLs as they were given, where they say more than the instances. */
    addresses?: readonly string[];
    /** What stands behind `rollcall verify` to do it again: URLs and flags, where the instances are not all. */
    again?: string;
    /** ` --config FILE` where one was named: `--clean` needs it, too. */
    config?: string;
    capabilities: readonly string[];
    /** The page that the clients stood for: "own", or its origin; absent: none was let in. */
    origin?: string;
  };
  /** The anti-omission manifest: how much had to run, and did. */
  manifest: {
    contractVersion: string;
    seed: number;
    clausesInSet: number;
    clausesSelected: number;
    clausesJudged: number;
    clausesScored: number;
    interrupted: boolean;
    leftBehind: readonly string[];
    /** What the system's definition cannot delete, in words. */
    stays?: string;
    /** When the target did not answer, in ms since the start of the run, and which clauses were under way then. */
    outages?: readonly { fromMs: number; lastedMs: number; isOver: boolean; underWay?: readonly string[] }[];
    /** How often the target asked us to come again later, and how long we waited, in all; absent: never. */
    limited?: { count: number; waitedMs: number };
  };
  canary: { honest: boolean; because?: string };
  baseline: {
    receipts: boolean;
    ordered: boolean;
    greets: boolean;
    deliveryMsP50: number;
    deliveryMsP99: number;
    deadlineMs: number;
    clockOffsetMs: number;
    note: string;
    /** Who hears what is said on which instance, where that is not everybody everything. */
    crossing?: string;
  };
  strict: boolean;
  exitCode: number;
  durationMs: number;
  counts: Counts;
  /** Worst first; absent in reports of older versions. */
  causes?: readonly ListedCause[];
  verdicts: readonly Verdict[];
}

/** A target that could not even be set up: no clause was judged. */
export interface BrokenRun {
  target: string;
  system: string;
  because: string;
  /** What to do about it; may be empty. */
  next: string;
}

export interface Report {
  /** Version of this shape. */
  schema: 1;
  rollcall: string;
  createdAt: string;
  runs: readonly RunReport[];
  broken: readonly BrokenRun[];
}

/** Where no message was heard, nobody could ask for one. */
export const receiptsOf = ({ receipts, deliveryMsP50 }: RunReport["baseline"]): string =>
  receipts ? "yes" : deliveryMsP50 === 0 ? "unknown" : "no";
