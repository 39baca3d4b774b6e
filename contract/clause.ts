// What a clause is: one sentence that must hold, as data. Proofs (tests/contract/) and mutants (targets/mutants/) refer
// to it by id. Terms: level – what it means that a target breaks the clause; it belongs to the clause and the system:
// MUST (the system's description says so) fails · SHOULD (a protocol's specification, security, good practice) is weak
// · house (only our own server promises it) is scored with `--house` alone, and weak then.

import type { SystemName } from "../systems/discodeit/wire.ts";

export type Level = "MUST" | "SHOULD" | "house";

/**
 * What a target may be able to do. A clause that needs an undeclared capability is `unsupported`. `receipts`,
 * `order`, `heart-beats`, `bearer` (a login gives a token, which can be forged), `open-handshake` (a stranger gets as
 * far as CONNECT) and `other-origin` (a page of another origin is let in) are measured; so are `acks`, `transactions`,
 * `queues` and `tcp` where nobody declared them.
 */
export const capabilities = [
  "two-instances",
  "kafka-tap",
  "redis-tap",
  "admin",
  "proxy",
  "patience",
  "faults",
  "browser",
  "order",
  "receipts",
  "heart-beats",
  "bearer",
  "open-handshake",
  "other-origin",
  "acks",
  "transactions",
  "queues",
  "tcp",
] as const;
export type Capability = (typeof capabilities)[number];

/**
 * What a system has by its definition → the part of the definition that says so. A clause whose feature the system
 * lacks is `unsupported`.
 */
export const features = {
  stomp: "stomp",
  sockjs: 'stomp.transports: ["sockjs"]',
  "raw-websocket": "websocket",
  websocket: "stomp or websocket",
  credential: "accounts.logIn; with STOMP, stomp.connect, too",
  send: "stomp.send and stomp.textOf",
  post: "post",
  text: "stomp.send or post",
  errors: "stomp.errors",
  history: "history",
  streams: "events",
  events: "events.causes",
  publish: "events.publish",
  replay: 'promises: ["replay"]',
  membership: 'rooms.access: "members"',
  "events-for-some": 'events.causes, one with receivers: "members" or "others"',
  actions: "actions, one of them repeatable",
  "log-out": "accounts.logOut and http.guarded",
  "sender-checked": 'promises: ["sender-checked"]',
  broker: 'promises: ["broker"]',
  acks: 'promises: ["acks"]',
  transactions: 'promises: ["transactions"]',
  queues: "stomp.queue",
  tcp: 'stomp.transports: ["tcp"]',
  "one-system": 'no promises: ["separate-instances"]',
  "order-per-room": 'promises: ["order-per-room"]',
  "order-per-sender": 'promises: ["order-per-sender"]',
} as const;
export type Feature = keyof typeof features;

export interface Clause {
  /** One for all systems, or one for each. */
  level: Level | Readonly<Record<SystemName, Level>>;
  /** One sentence whose subject is the target. */
  text: string;
  /** Where it stands: a section of the contract, or an obligation id. */
  source: string;
  needs?: readonly Capability[];
  /** Its pass rests on a refusal or on silence: inconclusive on a target that fails the liar canary. */
  negative?: true;
  /** A target that breaks it gives something to somebody who must not have it: first in every report. */
  security?: true;
  /** A definition that has its features promises it: a MUST for a system of somebody's own. */
  promised?: true;
  /** The systems that owe it alone; absent: every system that has the features. */
  of?: readonly string[];
  /** Those that it is about, beside the ones of its area. */
  features?: readonly Feature[];
}

/**
 * The clauses of one area; every id begins with the area's name. An object cannot hold an id twice, and prefixes keep
 * areas apart.
 */
export type Area<Name extends string> = Readonly<Record<`${Name}.${string}`, Clause>>;
