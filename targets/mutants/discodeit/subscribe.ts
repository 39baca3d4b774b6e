// Mutants of contract/shared/subscribe.ts: brokers that deliver too much, too little, to the wrong ones, or under the wrong
// label.

import { patch, prepend, type Mutant } from "../../faulty.ts";
import { anonymous } from "./connect.ts";

const session = "server/stomp/session.ts";
const broker = "server/stomp/broker.ts";
const channels = "server/systems/discodeit/domain/channels.ts";
const toEachMember = "for (const member of members) member.deliver(message);";
const rightsOfReading = 'SELECT 1 FROM channels c WHERE c.id = $1 AND ${readableBy("$2")}';

export const subscribe: readonly Mutant[] = [
  {
    id: "subscribe-message-with-another-id",
    what: "MESSAGE carries another message id than the answer and the history",
    patches: [
      patch(
        "server/systems/discodeit/domain/messages.ts",
        "principal.userId, payload));",
        "principal.userId, { ...(payload as object), id: newId() }));",
      ),
    ],
    red: ["subscribe.hears-the-channel", "send.stores-and-delivers", "messages.live-equals-history"],
  },
  {
    id: "subscribe-second-delivery",
    what: "every MESSAGE is written twice",
    patches: [patch(broker, toEachMember, "for (const member of [...members, ...members]) member.deliver(message);")],
    red: ["subscribe.exactly-once"],
  },
  {
    id: "subscribe-every-room",
    what: "a message goes to the subscribers of all channels",
    patches: [
      patch(
        broker,
        "const groups = this.#destinations.get(record.destination);\n    if (!groups) return 0;",
        `const groups = new Map();
    for (const all of this.#destinations.values())
      for (const [wireId, members] of all) groups.set(wireId, new Set([...(groups.get(wireId) ?? []), ...members]));`,
      ),
    ],
    red: ["subscribe.other-rooms-are-silent"],
  },
  {
    id: "subscribe-one-copy-per-connection",
    what: "a connection gets one copy of a message, however many of its subscriptions want it",
    patches: [
      patch(broker, "    let count = 0;\n", "    let count = 0;\n    const given = new Set<Subscriber>();\n"),
      patch(
        broker,
        toEachMember,
        "for (const member of members) if (!given.has(member)) { given.add(member); member.deliver(message); }",
      ),
    ],
    red: ["subscribe.two-ids-two-copies"],
  },
  {
    id: "subscribe-unsubscribe-ignored",
    what: "UNSUBSCRIBE changes nothing",
    patches: [patch(session, "this.#host.broker.unsubscribe(subscribed, wireId, this);", "")],
    red: ["subscribe.unsubscribe-one"],
  },
  {
    id: "subscribe-unsubscribe-all",
    what: "UNSUBSCRIBE ends all subscriptions of the connection to that destination",
    patches: [
      patch(
        session,
        "this.#host.broker.unsubscribe(subscribed, wireId, this);",
        "for (const [other, destination] of [[wireId, subscribed] as const, ...this.#subscriptions]) this.#host.broker.unsubscribe(destination, other, this);",
      ),
    ],
    red: ["subscribe.unsubscribe-one"],
  },
  {
    id: "subscribe-message-without-destination",
    what: "MESSAGE names another destination",
    patches: [
      patch(
        broker,
        'encodeFrame("MESSAGE", headers, body)',
        'encodeFrame("MESSAGE", { ...headers, destination: "/sub/x" }, body)',
      ),
    ],
    red: ["subscribe.message-headers"],
  },
  {
    id: "subscribe-message-id-repeats",
    what: "every MESSAGE of a subscription has the same message-id",
    patches: [patch(broker, '"message-id": `${recordId}.${wireId}`', '"message-id": wireId')],
    red: ["subscribe.message-headers"],
  },
  {
    id: "subscribe-plain-text",
    what: "MESSAGE says that its body is plain text",
    patches: [
      patch(broker, 'headers["content-type"] = "application/json";', 'headers["content-type"] = "text/plain";'),
    ],
    red: ["subscribe.content-type"],
  },
  {
    id: "subscribe-receipt-too-early",
    what: "RECEIPT for a connection's second SUBSCRIBE comes before it is registered",
    patches: [
      patch(
        session,
        "this.#host.broker.subscribe(destination, wireId, this);\n    }",
        "if (this.#subscriptions.size === 0) this.#host.broker.subscribe(destination, wireId, this);\n      else setTimeout(() => this.#host.broker.subscribe(destination, wireId, this), 500);\n    }",
      ),
    ],
    red: ["subscribe.receipt-means-live"],
  },
  {
    id: "subscribe-admin-refused",
    what: "an ADMIN may not subscribe: roles without hierarchy",
    patches: [
      patch(
        channels,
        "return channelId !== undefined && mayRead(",
        'return channelId !== undefined && principal.role !== "ADMIN" && mayRead(',
      ),
    ],
    red: ["subscribe.as-admin"],
  },
  {
    id: "subscribe-private-channel-leaks",
    what: "anybody who is signed in may subscribe to a private channel",
    patches: [patch(channels, rightsOfReading, "SELECT 1 FROM channels c WHERE c.id = $1 AND $2::uuid IS NOT NULL")],
    red: ["subscribe.private-by-stranger", "subscribe.strangers-are-refused"],
  },
  {
    id: "subscribe-anonymous-hears",
    what: "CONNECT without a token is not answered, and what follows it is served; SUBSCRIBE needs no membership",
    patches: [
      patch(
        session,
        "const principal = token === undefined ? undefined : await",
        `const principal = token === undefined ? ${anonymous} : await`,
      ),
      patch(
        session,
        'this.#reply("CONNECTED", {',
        'if (headers.get("Authorization") !== undefined) this.#reply("CONNECTED", {',
      ),
      patch(channels, rightsOfReading, "SELECT 1 FROM channels c WHERE c.id = $1 AND $2::uuid IS NOT NULL"),
    ],
    red: ["subscribe.unauthenticated-hears-nothing"],
  },
  {
    id: "subscribe-patterns-deliver",
    what: "a pattern subscription is accepted and hears every channel",
    patches: [
      patch(
        channels,
        "if (destination === errorQueue) return true;",
        'if (destination === errorQueue || destination.includes("*")) return true;',
      ),
      patch(
        broker,
        "const groups = this.#destinations.get(record.destination);",
        `const groups = new Map(this.#destinations.get(record.destination));
    for (const [pattern, all] of this.#destinations) if (pattern.includes("*")) for (const [wireId, members] of all) groups.set(wireId, new Set([...(groups.get(wireId) ?? []), ...members]));`,
      ),
    ],
    red: ["subscribe.patterns-are-refused"],
  },
  {
    id: "subscribe-anywhere",
    what: "SUBSCRIBE to what is no channel is accepted",
    patches: [
      patch(channels, "return channelId !== undefined && mayRead(", "return channelId === undefined || mayRead("),
    ],
    red: [
      "subscribe.other-destinations-are-refused",
      "subscribe.patterns-are-refused",
      "subscribe.malformed-channel-id",
      "frames.error-has-the-receipt-id",
    ],
  },
  {
    id: "subscribe-sub-path",
    what: "a destination below a channel's is accepted",
    patches: [patch(channels, "{12})\\\\.messages$", "{12})\\\\.messages")],
    red: ["subscribe.malformed-channel-id"],
  },
  {
    id: "subscribe-shared-error-queue",
    what: "what is told on one user's error queue is told on all",
    patches: [
      prepend(session, "const errorQueues: [string, StompSession][] = [];"),
      patch(
        session,
        "this.#subscriptions.set(wireId, destination);",
        "this.#subscriptions.set(wireId, destination);\n    if (destination === errorQueue) errorQueues.push([wireId, this]);",
      ),
      patch(
        session,
        "for (const [wireId, destination] of this.#subscriptions) {\n      if (destination === errorQueue) this.deliver(",
        "for (const [wireId, session] of errorQueues) {\n      session.deliver(",
      ),
    ],
    red: ["subscribe.error-queue-is-private", "send.errors-reach-nobody-else"],
  },
  {
    id: "subscribe-without-destination",
    what: "SUBSCRIBE without a destination is ignored",
    patches: [patch(session, 'throw new Refusal("SUBSCRIBE needs a destination");', "return this.#receipt(headers);")],
    red: ["subscribe.without-id-or-destination"],
  },
  {
    id: "subscribe-without-id",
    what: "SUBSCRIBE without an id is ignored",
    patches: [patch(session, 'throw new Refusal("SUBSCRIBE needs an id");', "return this.#receipt(headers);")],
    red: ["subscribe.without-id-or-destination"],
  },
  {
    id: "subscribe-id-is-global",
    what: "UNSUBSCRIBE of an id ends the subscriptions with that id on all connections",
    patches: [
      patch(
        broker,
        "unsubscribe(destination: string, wireId: string, subscriber: Subscriber): void {",
        "unsubscribe(destination: string, wireId: string, subscriber: Subscriber): void {\n    for (const all of this.#destinations.values()) all.delete(wireId);",
      ),
    ],
    red: ["subscribe.id-is-per-connection"],
  },
  {
    id: "subscribe-live-id-ghost",
    what: "a live subscription id used again makes a second subscription under that id",
    patches: [
      patch(
        session,
        'throw new Refusal("Subscription id is in use");',
        "this.#host.broker.subscribe(destination, wireId, { deliver: (message) => this.deliver(message) });",
      ),
    ],
    red: ["subscribe.live-id-again"],
  },
  {
    id: "subscribe-restored",
    what: "a user's subscription named tab is restored when it connects again",
    patches: [
      prepend(session, "const left = new Map<string, [string, string][]>();"),
      patch(
        session,
        "this.#subscriptions.clear();",
        "if (this.#principal) left.set(this.#principal.userId, [...this.#subscriptions].filter(([wireId]) => wireId === 'tab'));\n    this.#subscriptions.clear();",
      ),
      patch(
        session,
        "this.#heartBeat = new HeartBeat(",
        `for (const [wireId, destination] of left.get(principal.userId) ?? []) {
      this.#subscriptions.set(wireId, destination);
      this.#host.broker.subscribe(destination, wireId, this);
    }
    this.#heartBeat = new HeartBeat(`,
      ),
    ],
    red: ["subscribe.gone-with-the-connection"],
  },
  {
    id: "subscribe-without-limit",
    what: "a connection may have any number of subscriptions",
    patches: [patch(session, "const subscriptionsMax = 100;", "const subscriptionsMax = 1_000_000;")],
    red: ["subscribe.limit"],
  },
  {
    id: "subscribe-ack-downgraded",
    what: "SUBSCRIBE with ack:client-individual is served as auto",
    patches: [
      patch(
        session,
        'if ((headers.get("ack") ?? "auto") !== "auto") throw new Refusal("Only ack:auto is supported");',
        "",
      ),
    ],
    red: ["subscribe.ack-modes-are-refused"],
  },
];
