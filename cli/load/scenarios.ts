// What a load run can ask of a server, by the names that `rollcall load` takes. Each holds so many connections and says
// one message a second; what it does to them meanwhile is its question.

/** Who can drive it: k6 runs a script of ours (tests/load), the engine is our own (load/). */
export type Driver = "k6" | "engine";

export interface Scenario {
  question: string;
  /** The first is taken where it is there. */
  drivers: readonly Driver[];
  /** When half of the messages are said, all who listen are dropped, and come back in this time. */
  storm?: { rampMs: number };
}

export const scenarios = {
  connections: {
    question: "does everybody who is connected hear everything, once and in order?",
    drivers: ["k6", "engine"],
  },
  "reconnect-storm": {
    question: "all connections are lost at once: how soon is everybody back, who fails, what is missed?",
    drivers: ["engine"],
    // As after a restart of the proxy in front: clients wait for the same time, and come back together.
    storm: { rampMs: 1_000 },
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

export const scenarioNames = Object.keys(scenarios) as ScenarioName[];

export const isScenario = (name: string): name is ScenarioName => name in scenarios;
