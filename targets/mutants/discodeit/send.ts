// Mutants of contract/shared/send.ts: servers that store, deliver, order or refuse what is sent wrongly.

import { importing, patch, prepend, type Mutant } from "../../faulty.ts";

const session = "server/stomp/session.ts";
const broker = "server/stomp/broker.ts";
const messages = "server/systems/discodeit/domain/messages.ts";
const afterSend = "if (refusal) this.#tellError(refusal);\n    else this.#receipt(headers);";
const ports = "const refusal = isUtf8(body) ?";

export const send: readonly Mutant[] = [
  {
    id: "send-published-twice",
    what: "a message is published twice, by the service and by a listener",
    patches: [
      patch(
        messages,
        "await enqueue(tx, messageRecord(row, author.username, place, principal.userId, payload));",
        "for (let time = 0; time < 2; time += 1) await enqueue(tx, messageRecord(row, author.username, place, principal.userId, payload));",
      ),
    ],
    red: ["subscribe.exactly-once", "notifications.of-a-message"],
  },
  {
    id: "send-posts-published-twice",
    what: "a message that was posted is published twice, one that was sent once",
    patches: [
      patch(
        "server/systems/discodeit/realtime.ts",
        "await postMessage(core, principal, parse(",
        "await postMessage(core, { ...principal, ...{ isSent: true } }, parse(",
      ),
      patch(
        messages,
        "await enqueue(tx, messageRecord(row, author.username, place, principal.userId, payload));",
        'for (let time = ("isSent" in principal) ? 1 : 0; time < 2; time += 1) await enqueue(tx, messageRecord(row, author.username, place, principal.userId, payload));',
      ),
    ],
    red: ["send.rest-is-delivered-too"],
  },
  {
    id: "send-echo",
    what: "the sender's connection gets its own message back though it is not subscribed",
    patches: [
      patch(
        session,
        afterSend,
        `${afterSend}\n    if (!refusal) this.deliver(new OutgoingMessage(messageFrame(destination, randomUUID(), "echo", body)));`,
      ),
    ],
    red: ["send.author-hears-itself"],
  },
  {
    id: "send-receipt-before-the-commit",
    what: "RECEIPT comes when a SEND was read, not when its message is stored",
    patches: [
      patch(
        session,
        ports,
        `if (headers.has("receipt")) {\n      this.#receipt(headers);\n      await new Promise((resolve) => setTimeout(resolve, 200));\n    }\n    ${ports}`,
      ),
      patch(session, afterSend, "if (refusal) this.#tellError(refusal);"),
    ],
    red: ["send.receipt-means-committed"],
  },
  {
    id: "send-refusal-ends-the-connection",
    what: "a SEND that breaks a rule ends the connection",
    patches: [
      patch(session, afterSend, "if (refusal) throw new Refusal(refusal.message);\n    this.#receipt(headers);"),
    ],
    red: ["send.unknown-channel", "send.bad-json", "send.errors-reach-the-sender"],
  },
  {
    id: "send-bad-json-is-a-fault",
    what: "a body that is no JSON is a fault of the server",
    patches: [
      patch(
        "server/systems/request.ts",
        'throw new Problem(400, "MALFORMED_JSON", "Cannot read the body: it is no JSON"',
        'throw new Error("unreadable");\n    throw new Problem(400, "MALFORMED_JSON", "Cannot read the body: it is no JSON"',
      ),
    ],
    red: ["send.bad-json", "rest.unparsable-json-is-400"],
  },
  {
    id: "send-blank",
    what: "a blank message is stored and delivered",
    patches: [patch(messages, 'if (content.trim() === "" && !hasFiles) throw', "if (content === undefined) throw")],
    red: ["send.blank", "messages.blank-is-refused"],
  },
  {
    id: "send-over-long",
    what: "a message may have any length",
    patches: [
      patch(
        "server/systems/discodeit/domain/validation.ts",
        "const content = text.max(limits.contentMax);",
        "const content = text;",
      ),
    ],
    red: ["send.blank", "messages.content-limit"],
  },
  {
    id: "send-errors-untold",
    what: "nothing is told on the error queue",
    patches: [
      patch(session, "if (destination === errorQueue) this.deliver(", "if (destination === undefined) this.deliver("),
    ],
    red: ["send.errors-reach-the-sender"],
  },
  {
    id: "send-author-trusted",
    what: "authorId is trusted",
    patches: [
      patch(
        messages,
        'if (message.authorId !== principal.userId) throw forbidden("Cannot post the message: the author is not the caller");',
        "principal = { ...principal, userId: message.authorId };",
      ),
    ],
    red: ["send.author-is-the-sender", "messages.author-is-the-caller"],
  },
  {
    id: "send-private-by-anybody",
    what: "anybody may write to a private channel",
    patches: [patch(messages, 'WHERE c.id = $2 AND ${readableBy("$3")} RETURNING', "WHERE c.id = $2 RETURNING")],
    red: ["send.private-by-stranger", "messages.private-post-by-stranger"],
  },
  {
    id: "send-to-the-broker",
    what: "a client's SEND to /sub is relayed to the subscribers",
    patches: [
      importing(session, "relayed as relaySent", "relayed.ts"),
      patch(
        session,
        'if (!destination.startsWith(`${applicationPrefix}/`)) throw new Refusal("Access denied");',
        "if (!destination.startsWith(`${applicationPrefix}/`)) return void this.#host.broker.deliver(relaySent(destination, body.toString()));",
      ),
    ],
    red: ["send.to-the-broker-prefix"],
  },
  {
    id: "send-unknown-destination-ignored",
    what: "SEND to an application destination that does not exist is ignored",
    patches: [
      patch(
        "server/systems/discodeit/realtime.ts",
        "if (destination !== sendDestination) throw",
        "if (destination !== sendDestination) return undefined;\n        if (destination === undefined) throw",
      ),
    ],
    red: ["send.other-application-destination"],
  },
  {
    id: "send-message-frame-relayed",
    what: "a client's MESSAGE frame is relayed to the subscribers",
    patches: [
      importing(session, "relayed", "relayed.ts"),
      patch(
        session,
        'frame.command !== "SEND") throw',
        'frame.command !== "SEND" && frame.command !== "MESSAGE") throw',
      ),
      patch(
        session,
        '      case "UNSUBSCRIBE":\n',
        `      case "MESSAGE":\n        return void this.#host.broker.deliver(relayed(headers.get("destination") ?? "", frame.body.toString()));\n      case "UNSUBSCRIBE":\n`,
      ),
    ],
    red: ["send.server-commands-are-refused"],
  },
  {
    id: "send-without-destination",
    what: "SEND without a destination is ignored",
    patches: [patch(session, 'throw new Refusal("SEND needs a destination");', "return this.#receipt(headers);")],
    red: ["send.without-destination"],
  },
  {
    id: "send-order-broken",
    what: "every other message is held back for a moment, on each connection another one",
    patches: [
      prepend(session, "let phase = 0;"),
      patch(session, "  // --- what the server asks\n", "  // --- what the server asks\n\n  #phase = (phase += 1);\n"),
      patch(
        session,
        "    this.#send(message);\n  }\n",
        "    if ((this.#phase += 1) % 2 === 0) setTimeout(() => this.#send(message), 100);\n    else this.#send(message);\n  }\n",
      ),
    ],
    red: ["send.order-one-by-one", "send.order-of-a-burst", "send.one-order-per-channel"],
  },
  {
    id: "send-history-unordered",
    what: "the history comes in no particular order",
    patches: [patch(messages, "ORDER BY m.created_at DESC LIMIT $3", "ORDER BY md5(m.id::text) LIMIT $3")],
    red: ["send.order-one-by-one", "send.order-of-a-burst", "messages.history-newest-first"],
  },
  {
    id: "send-burst-loses",
    what: "of a burst, what comes when some 50 frames wait is dropped",
    patches: [
      patch(
        session,
        "    this.#parser.push(chunk);\n",
        "    if (this.#parser.keptBytes < 50 * 150) this.#parser.push(chunk);\n",
      ),
    ],
    red: ["send.burst-is-complete"],
  },
  {
    id: "send-dies-with-the-sender",
    what: "a message is dropped when its sender hung up meanwhile",
    patches: [
      patch(
        session,
        ports,
        `await new Promise((resolve) => setTimeout(resolve, 20));\n    if (this.#connectionClosed) return;\n    ${ports}`,
      ),
    ],
    red: ["send.survives-the-sender"],
  },
  {
    id: "send-slow-reader-holds-all",
    what: "while one reader does not keep up, nobody gets anything",
    patches: [
      prepend(session, "let slowest: Connection | undefined;"),
      patch(
        session,
        "    this.#send(message);\n  }\n",
        `    if ((slowest?.queuedBytes() ?? 0) > 64 * 1024) return void setTimeout(() => this.deliver(message), 50);
    this.#connection.send(message);
    if (this.#connection.queuedBytes() > 64 * 1024) slowest = this.#connection;
  }
`,
      ),
    ],
    red: ["send.slow-reader-delays-nobody"],
  },
  {
    id: "send-transactions-ignored",
    what: "BEGIN is ignored, and a SEND in a transaction is delivered at once",
    patches: [
      patch(
        session,
        'case "ABORT":\n        throw new Refusal("Transactions are not supported");',
        'case "ABORT":\n        return this.#receipt(headers);',
      ),
      patch(session, 'if (headers.has("transaction")) throw new Refusal("Transactions are not supported");', ""),
    ],
    red: ["send.transactions-are-refused"],
  },
  {
    id: "send-leaving-takes-others-along",
    what: "who leaves takes the subscriptions of others with the same id along",
    patches: [patch(broker, "if (members.size === 0) groups.delete(wireId);", "groups.delete(wireId);")],
    red: ["send.connections-leave-nothing", "tabs.closing-one-stomp", "tabs.abrupt-end"],
  },
];
