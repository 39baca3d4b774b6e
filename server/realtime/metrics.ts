// What does the realtime layer count? Prometheus metrics of one system; each system has its own registry, read at
// /metrics on its port.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

export interface RealtimeMetrics {
  registry: Registry;
  deliveries: Counter<"channel">;
  dropped: Counter<"channel">;
  replayed: Counter;
  publishToDeliverSeconds: Histogram<"channel">;
  poisoned: Counter<"topic">;
  refused: Counter<"kind">;
}

export interface Gauges {
  connections(): Record<string, number>;
  subscriptions(): number;
}

export function openMetrics(system: string): RealtimeMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ system });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const labelNames = ["channel"] as const;
  return {
    registry,
    deliveries: new Counter({
      name: "rollcall_deliveries_total",
      help: "Messages and events handed to connections",
      labelNames,
      registers,
    }),
    dropped: new Counter({
      name: "rollcall_dropped_total",
      help: "Connections cut off because their reader is too slow",
      labelNames,
      registers,
    }),
    replayed: new Counter({
      name: "rollcall_replayed_total",
      help: "Events sent again after Last-Event-ID",
      registers,
    }),
    publishToDeliverSeconds: new Histogram({
      name: "rollcall_publish_to_deliver_seconds",
      help: "From the creation of a record to its last delivery on this instance",
      labelNames,
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    }),
    poisoned: new Counter({
      name: "rollcall_poisoned_total",
      help: "Bus records that could not be read and were skipped",
      labelNames: ["topic"],
      registers,
    }),
    refused: new Counter({
      name: "rollcall_refused_total",
      help: "Refused logins, tokens, connections, origins and requests",
      labelNames: ["kind"],
      registers,
    }),
  };
}

/** Gauges are read when asked for, from what the layer holds. */
export function addGauges({ registry }: RealtimeMetrics, gauges: Gauges): void {
  const connections = new Gauge({
    name: "rollcall_connections",
    help: "Live connections by transport",
    labelNames: ["transport"],
    registers: [],
    collect() {
      for (const [transport, count] of Object.entries(gauges.connections())) this.set({ transport }, count);
    },
  });
  const subscriptions = new Gauge({
    name: "rollcall_subscriptions",
    help: "Live STOMP subscriptions",
    registers: [],
    collect() {
      this.set(gauges.subscriptions());
    },
  });
  registry.registerMetric(connections);
  registry.registerMetric(subscriptions);
}
