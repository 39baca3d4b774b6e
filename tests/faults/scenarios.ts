// What may happen to a stack while everybody talks, one scenario each. Whatever it is, afterwards everything is there: see the checkers.
// Source: obligations DLV, REP and LIF; the faults are those that operators meet: a crash, a deployment, a stall, a broker or database restart, a cut.

import type { StackAddresses } from "../../targets/compose.ts";
import { cutOff, killed, paused, stopped, type Outage } from "../../targets/outages.ts";

export interface Scenario {
  id: string;
  /** What must hold. */
  text: string;
  /** What happens to the stack; for stacks of other kinds, what a config file says under this name. */
  outage: (stack: StackAddresses) => Outage;
  /** How long it lasts. */
  holdMs: number;
}

const holds = "it is over, nothing acknowledged is lost, nothing comes twice, out of order or to strangers";

export const scenarios: readonly Scenario[] = [
  { id: "instance-killed", text: `An instance is killed (SIGKILL) and started again; when ${holds}.`, outage: (stack) => killed(stack, "server-2"), holdMs: 3_000 },
  { id: "instance-restarted", text: `An instance is stopped (SIGTERM) and started again; when ${holds}.`, outage: (stack) => stopped(stack, "server-1"), holdMs: 0 },
  { id: "instance-paused", text: `An instance stands still (SIGSTOP) and goes on; when ${holds}.`, outage: (stack) => paused(stack, "server-2"), holdMs: 6_000 },
  { id: "instances-killed", text: `All instances are killed at once and started again; when ${holds}.`, outage: (stack) => killed(stack, "server-1", "server-2"), holdMs: 500 },
  { id: "kafka-restarted", text: `Kafka is restarted; when ${holds}.`, outage: (stack) => stopped(stack, "kafka"), holdMs: 0 },
  { id: "kafka-killed", text: `Kafka is killed and stays away for a while; when ${holds}.`, outage: (stack) => killed(stack, "kafka"), holdMs: 4_000 },
  { id: "redis-restarted", text: `Redis is killed and started again, empty; when ${holds}.`, outage: (stack) => killed(stack, "redis"), holdMs: 1_000 },
  { id: "postgres-restarted", text: `PostgreSQL is restarted; when ${holds}.`, outage: (stack) => stopped(stack, "postgres"), holdMs: 0 },
  { id: "postgres-killed", text: `PostgreSQL is killed and stays away for a while; when ${holds}.`, outage: (stack) => killed(stack, "postgres"), holdMs: 3_000 },
  { id: "proxy-restarted", text: `Nginx is restarted; when ${holds}.`, outage: (stack) => stopped(stack, "proxy"), holdMs: 0 },
  { id: "instance-cut-off-kafka", text: `An instance cannot reach Kafka for a while; when ${holds}.`, outage: (stack) => cutOff(stack, "server-2", "brokers"), holdMs: 6_000 },
  { id: "instance-cut-off", text: `An instance can reach nobody, and nobody it, for a while; when ${holds}.`, outage: (stack) => cutOff(stack, "server-2"), holdMs: 6_000 },
];
