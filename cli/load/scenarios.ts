// What a load run can ask of a server, by the names that `rollcall load` takes. Each holds so many connections and says
// something to them; what it does meanwhile is its question.

import type { Search } from "../../load/knee.ts";

/** Who can drive it: k6 runs our script (tests/load), the engine is our own (load/). */
export type Driver = "k6" | "engine";

export interface Scenario {
  question: string;
  /** The first is taken where it is there. */
  drivers: readonly Driver[];
  /** When half of the messages are said, all who listen are dropped, and come back in this time. */
  storm?: { rampMs: number };
  /** Messages a second, instead of one. */
  search?: Search;
  /** Where they are not said: how long, and the threshold of the delivery time. */
  seconds: number;
  p99Ms: number;
}

export const scenarios = {
  connections: {
    question: "does everybody who is connected hear everything, once and in order?",
    drivers: ["k6", "engine"],
    seconds: 30,
    p99Ms: 2_000,
  },
  "fan-out": {
    question: "how many messages a second reach everybody in time? the rate is doubled until they do not",
    drivers: ["engine"],
    // 1,024 a second from one sender are more than any system here stores.
    search: { from: 1, to: 1_024, halvings: 3 },
    // Each rate. As long as people take a chat for live, and no longer.
    seconds: 5,
    p99Ms: 250,
  },
  "reconnect-storm": {
    question: "all connections are lost at once: how soon is everybody back, who fails, what is missed?",
    drivers: ["engine"],
    // As after a restart of the proxy in front: clients wait for the same time, and come back together.
    storm: { rampMs: 1_000 },
    seconds: 30,
    p99Ms: 2_000,
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

export const scenarioNames = Object.keys(scenarios) as ScenarioName[];

export const isScenario = (name: string): name is ScenarioName => name in scenarios;
