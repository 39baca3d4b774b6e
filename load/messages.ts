// What the processes of a load run say to each other, by structured clone: NaN and typed arrays stay what they are.

import type { Account, Lane } from "../checkers/deliveries.ts";
import type { CrowdCounts, CrowdShare } from "./crowd.ts";
import type { LatencyCounts, SparseCounts } from "./latencies.ts";
import type { LoadPlan } from "./plan.ts";

/** To a worker. */
export type Order =
  | { type: "start"; plan: LoadPlan; share: CrowdShare }
  | { type: "storm"; rampMs: number }
  /** Whoever does not read reads again. */
  | { type: "wake" }
  /** What was said so far, and what became of it? */
  | { type: "settle"; lanes: readonly Lane[] }
  /** Nothing more will be said. */
  | { type: "end" };

/** From a worker. */
export type Word =
  | { type: "ready" }
  /** Now, and the times of what was heard since the last word. */
  | { type: "counts"; counts: CrowdCounts; recent: SparseCounts }
  | {
      type: "settled";
      counts: CrowdCounts;
      account: Account;
      /** How connections ended that should not have, and how often. */
      reasons: ReadonlyMap<string, number>;
      latencies: LatencyCounts;
      /** How long each took to be there again, and what it had missed to come. */
      returns: LatencyCounts;
      replays: LatencyCounts;
      /** How late its event loop was, p99; CPU: shares of one processor. */
      generator: Generator;
    };

export interface Generator {
  loopDelayMsP99: number;
  cpu: number;
}
