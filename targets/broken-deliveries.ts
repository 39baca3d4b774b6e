// Servers broken on purpose in what only shows under faults, each with the scenario that must find it and the word for
// what it finds. Source: the field's mistakes in fan-out, outbox and replay ("Fan-out across instances" of the
// Discodeit contract, pitfalls).

import { patch, swap } from "./faulty.ts";
import type { Patch } from "./patch.ts";

export interface BrokenDelivery {
  id: string;
  what: string;
  patches: readonly Patch[];
  /** The scenario that finds it. */
  scenario: string;
  /** One of these anomalies is found. */
  words: readonly string[];
}

const relay = "server/bus/outbox-relay.ts";
const published = "      await this.#bus.publish(inOrder);\n";
const stream = "server/sse/stream.ts";
const session = "server/stomp/session.ts";
const kafka = "server/bus/kafka-bus.ts";

export const brokenDeliveries: readonly BrokenDelivery[] = [
  {
    id: "outbox-off",
    what: "what was committed is published once, and forgotten whether that worked or not",
    patches: [
      patch(
        relay,
        published,
        published
          .replace("await this.#bus.publish(", "void this.#bus.publish(")
          .replace(");\n", ").catch(() => undefined);\n"),
      ),
    ],
    scenario: "kafka-killed",
    words: ["lost"],
  },
  {
    id: "ids-per-instance",
    what: "each instance gives an event an id of its own",
    patches: [
      patch(
        "server/realtime/realtime.ts",
        "hub.publish(record, live)",
        'hub.publish({ ...record, id: record.id + (process.env["INSTANCE"] ?? "") }, live)',
      ),
    ],
    scenario: "instance-killed",
    words: ["lost"],
  },
  {
    id: "shared-group",
    what: "all instances follow the messages as one group: each message reaches one of them",
    patches: [swap(kafka, "kafka-shared-group.ts")],
    scenario: "redis-killed",
    words: ["lost"],
  },
  {
    id: "random-group",
    what: "each instance is a group of its own and makes notifications",
    patches: [
      patch(kafka, "group: `${prefix}.${group}`,", "group: `${prefix}.${group}.${crypto.randomUUID()}`,"),
      patch("server/systems/discodeit/domain/notifications.ts", "{ cause: record.id, type:", "{ cause: newId(), type:"),
    ],
    scenario: "redis-killed",
    words: ["duplicate"],
  },
  {
    id: "replay-off-by-one",
    what: "a stream resumes with the event that the client named",
    patches: [patch(stream, "this.#cursor = position + 1;", "this.#cursor = position;")],
    scenario: "reconnect-storm",
    words: ["duplicate"],
  },
  {
    id: "acknowledged-before-commit",
    what: "RECEIPT comes before the message is stored",
    patches: [
      patch(
        session,
        "    // Decoded leniently, bytes that are not UTF-8",
        '    this.#receipt(headers);\n    headers.delete("receipt");\n    // Decoded leniently, bytes that are not UTF-8',
      ),
    ],
    scenario: "postgres-killed",
    words: ["erased", "lost"],
  },
  {
    id: "no-dedupe",
    what: "records that the broker holds twice, because an instance died before it noted the publication, are delivered twice",
    patches: [
      // Each eighth record, and never twice in a row: by chance a short run had none.
      patch(
        relay,
        published,
        `${published}      if (!this.#failing && inOrder.some(({ id }) => BigInt(id) % 8n === 0n)) throw new Error("died here");\n`,
      ),
      patch("server/stomp/broker.ts", "    if (!this.#recent.add(record.id)) return 0;\n", ""),
    ],
    scenario: "redis-killed",
    words: ["duplicate"],
  },
  {
    id: "replay-without-access-check",
    what: "a resumed stream is sent everybody's events",
    patches: [
      patch(
        stream,
        "  #mayRead(entry: LogEntry): boolean | Promise<boolean> {\n",
        "  #mayRead(entry: LogEntry): boolean | Promise<boolean> {\n    if (!this.#live) return true;\n",
      ),
    ],
    scenario: "reconnect-storm",
    words: ["foreign"],
  },
];
