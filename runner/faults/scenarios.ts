// What may happen to a stack while everybody talks, one scenario each. Whatever it is, afterwards everything is there:
// see the checkers. Terms: trouble – what is done to the stack or by clients; it begins, is held for a while, ends, and
// may have its own demand. Source: obligations DLV, REP and LIF. The faults are those that operators meet: a
// crash, a deployment, a stall, a restart, a cut, bad clients.

import type { StackAddresses } from "../../targets/compose/compose.ts";
import { cutOff, killed, paused, stopped, type Outage } from "../../targets/outages.ts";
import type { World } from "../world.ts";
import type { Scene } from "./client.ts";
import type { Traffic } from "./traffic.ts";
import { halfOpen, poisonRecords, reconnectStorm, slowReader } from "./troubled-clients.ts";

export interface Trouble extends Outage {
  /** Called when all is well again. Throws Violation when the target did not keep what it owes in this trouble. */
  check?(): Promise<void>;
}

/** What a trouble can be made of. */
export interface Ground {
  world: World;
  scene: Scene;
  traffic: Traffic;
}

export interface Scenario {
  id: ScenarioId;
  text: string;
  source: string;
  /** How long it lasts. */
  holdMs: number;
  /** Whether it is among the random faults of a long run: those that take a moment. */
  soaks: boolean;
  /** Undefined for what clients do, which needs nothing of the stack. */
  outage?: (stack: StackAddresses) => Outage;
  clients?: (ground: Ground) => Trouble;
  needsKafka: boolean;
}

const then = "nothing acknowledged is lost, nothing comes twice, out of order or to strangers";

const table = {
  "instance-killed": [
    "An instance is killed and started again",
    "DLV-06, LIF-10",
    3_000,
    (stack) => killed(stack, "server-2"),
  ],
  "instance-restarted": [
    "An instance is told to go, goes, and is started again",
    "LIF-05, LIF-08",
    0,
    (stack) => stopped(stack, "server-1"),
  ],
  "instance-paused": [
    "An instance stands still for a while",
    "DLV-12, LIF-02",
    6_000,
    (stack) => paused(stack, "server-2"),
  ],
  "instances-killed": [
    "All instances are killed at once and started again",
    "REP-11, LIF-10",
    500,
    (stack) => killed(stack, "server-1", "server-2"),
  ],
  "kafka-restarted": ["Kafka is restarted", "DLV-12, LIF-12", 0, (stack) => stopped(stack, "kafka")],
  "kafka-killed": [
    "Kafka is killed and stays away for a while",
    "DLV-12, LIF-12",
    3_000,
    (stack) => killed(stack, "kafka"),
  ],
  "redis-killed": ["Redis is killed and comes back empty", "LIF-12", 1_000, (stack) => killed(stack, "redis")],
  "postgres-restarted": ["PostgreSQL is restarted", "DLV-04, LIF-12", 0, (stack) => stopped(stack, "postgres")],
  "postgres-killed": [
    "PostgreSQL is killed and stays away for a while",
    "DLV-04, LIF-12",
    3_000,
    (stack) => killed(stack, "postgres"),
  ],
  "proxy-restarted": ["Nginx is restarted", "LIF-10", 0, (stack) => stopped(stack, "proxy")],
  "instance-cut-off-kafka": [
    "An instance cannot reach Kafka for a while",
    "DLV-10, LIF-12",
    5_000,
    (stack) => cutOff(stack, "server-2", "brokers"),
  ],
  "instance-cut-off": [
    "An instance can reach nobody, and nobody it, for a while",
    "DLV-10, LIF-02",
    5_000,
    (stack) => cutOff(stack, "server-2"),
  ],
} satisfies Record<string, [text: string, source: string, holdMs: number, outage: (stack: StackAddresses) => Outage]>;

const clientTable = {
  "half-open": ["Clients vanish without a word", "LIF-02", 0, halfOpen],
  "slow-reader": ["A client does not read", "DLV-16", 0, slowReader],
  "poison-records": ["Records that nobody can read are on the broker", "DLV-12, LIF-16", 0, poisonRecords],
  "reconnect-storm": ["All connections break at once and everybody comes back", "REP-20, LIF-11", 0, reconnectStorm],
} satisfies Record<string, [text: string, source: string, holdMs: number, clients: (ground: Ground) => Trouble]>;

export type ScenarioId = keyof typeof table | keyof typeof clientTable;

export const scenarios: readonly Scenario[] = [
  ...Object.entries(table).map(([id, [text, source, holdMs, outage]]) => ({
    id: id as ScenarioId,
    text: `${text}: ${then}.`,
    source,
    holdMs,
    soaks: true,
    needsKafka: false,
    outage,
  })),
  ...Object.entries(clientTable).map(([id, [text, source, holdMs, clients]]) => ({
    id: id as ScenarioId,
    text: `${text}: ${then}.`,
    source,
    holdMs,
    soaks: id === "reconnect-storm" || id === "poison-records",
    needsKafka: id === "poison-records",
    clients,
  })),
];
