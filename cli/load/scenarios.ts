// What a load run can ask of a server, by the names that `rollcall load` takes. Each holds so many connections and says
// something to them; what it does meanwhile is its question.

import type { Search } from "../../load/knee.ts";
import type { VisitsShape } from "../../load/visits.ts";

/** Who can drive it: k6 runs our script (tests/load), the engine is our own (load/). */
export type Driver = "k6" | "engine";

export interface Scenario {
  question: string;
  /** The first is taken where it is there. */
  drivers: readonly Driver[];
  /** Listeners are on event streams instead of STOMP. */
  onStreams?: true;
  /** Listeners are on SockJS over XHR. */
  overSockjs?: true;
  /** When half of the messages are said, all who listen are dropped, and come back in this time. */
  storm?: { rampMs: number };
  /** Looks for the highest rate instead of keeping one. */
  search?: Search;
  /** People come and go: how long a tab is open and closed, on average, and how many each person has. */
  day?: VisitsShape & { tabsEach: number };
  /** One of so many reads slowly, or not at all. */
  slowOneIn?: number;
  /** Where they are not said: how many listen and speak, messages a second, how long, and the threshold of p99. */
  connections: number;
  senders: number;
  rate: number;
  seconds: number;
  p99Ms: number;
}

/** As after a restart of the proxy in front: clients wait for the same time, and come back together. */
const storm = { rampMs: 1_000 };

export const scenarios = {
  connections: {
    question: "does everybody who is connected hear everything, once and in order?",
    drivers: ["k6", "engine"],
    connections: 2_000,
    senders: 1,
    rate: 1,
    seconds: 30,
    p99Ms: 2_000,
  },
  "fan-out": {
    question: "how many messages a second reach everybody in time? the rate is doubled until they do not",
    drivers: ["engine"],
    // 1,024 a second from one sender are more than any system here stores.
    search: { from: 1, to: 1_024, halvings: 3 },
    connections: 2_000,
    senders: 1,
    rate: 1,
    // Each rate. As long as people take a chat for live, and no longer.
    seconds: 5,
    p99Ms: 250,
  },
  publish: {
    question: "how many messages a second are taken from many senders, and heard by a few in time?",
    drivers: ["engine"],
    search: { from: 16, to: 16_384, halvings: 3 },
    connections: 50,
    senders: 50,
    rate: 1,
    seconds: 5,
    p99Ms: 250,
  },
  "reconnect-storm": {
    question: "all connections are lost at once: how soon is everybody back, who fails, what is missed?",
    drivers: ["engine"],
    storm,
    connections: 2_000,
    senders: 1,
    rate: 1,
    seconds: 30,
    p99Ms: 2_000,
  },
  "sse-streams": {
    question: "does everybody who has an event stream hear every event, once and in order?",
    drivers: ["engine"],
    onStreams: true,
    connections: 2_000,
    senders: 1,
    rate: 1,
    seconds: 30,
    p99Ms: 2_000,
  },
  "replay-storm": {
    question: "all event streams are lost at once and go on from their last ids: is anything missing, or twice?",
    drivers: ["engine"],
    onStreams: true,
    storm,
    connections: 1_000,
    senders: 1,
    // Enough for each of them to have missed something.
    rate: 10,
    seconds: 20,
    p99Ms: 2_000,
  },
  "sockjs-fallback": {
    question: "does everybody whose network lets no WebSocket through hear everything by XHR, once and in order?",
    drivers: ["engine"],
    overSockjs: true,
    connections: 1_000,
    senders: 1,
    rate: 1,
    seconds: 30,
    p99Ms: 2_000,
  },
  "mixed-day": {
    question: "people log in, open tabs, read, post and go: is everything fast, and does each tab hear what it should?",
    drivers: ["engine"],
    // A working day in a minute: a tab is open for two hours, and closed for half an hour.
    day: { staysMs: 15_000, awayMs: 4_000, tabsEach: 5 },
    connections: 200,
    senders: 20,
    rate: 5,
    seconds: 60,
    p99Ms: 1_000,
  },
  "slow-readers": {
    question: "one connection in fifty reads slowly or not at all: does anybody else notice?",
    drivers: ["engine"],
    slowOneIn: 50,
    // Several MiB for each: what the kernel keeps for a connection is full before the end.
    connections: 200,
    senders: 1,
    rate: 40,
    seconds: 60,
    p99Ms: 1_000,
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

export const scenarioNames = Object.keys(scenarios) as ScenarioName[];

export const isScenario = (name: string): name is ScenarioName => name in scenarios;

export const scenarioOf = (name: ScenarioName): Scenario => scenarios[name];
