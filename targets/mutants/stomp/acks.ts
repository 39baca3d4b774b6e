// Mutants of contract/stomp/acks.ts: brokers that forget what was acknowledged, or what was not.

import { patch, type Mutant } from "../../faulty.ts";

const system = "stomp";
const desk = "server/stomp/desk.ts";
const exchange = "server/stomp/exchange.ts";
const subscription = "server/stomp/subscription.ts";

export const acks: readonly Mutant[] = [
  {
    id: "acks-no-header",
    what: "messages do not say by what they are acknowledged",
    system,
    patches: [patch(subscription, 'wire["ack"] = id;', "void id;")],
    red: ["acks.message-says-how"],
  },
  {
    id: "acks-lost-with-the-connection",
    what: "what was not acknowledged is gone with its connection",
    system,
    patches: [
      patch(
        desk,
        "for (const subscription of subscriptions) this.#exchange.unsubscribe(subscription);",
        "for (const subscription of subscriptions) for (const one of subscription.settleAll()) this.#exchange.done(one);",
      ),
    ],
    red: ["acks.unacknowledged-comes-again"],
  },
  {
    id: "acks-overlooked",
    what: "an ACK is answered and has no effect",
    system,
    patches: [patch(desk, 'return this.#answer("ack", headers);', "return void this.#deliveryOf(headers);")],
    red: ["acks.acknowledged-is-done"],
  },
  {
    id: "acks-never-cumulative",
    what: "with ack client an ACK is for one message",
    system,
    patches: [patch(subscription, 'if (this.#options.mode !== "client") return [id];', "if (id) return [id];")],
    red: ["acks.client-is-cumulative"],
  },
  {
    id: "acks-always-cumulative",
    what: "with ack client-individual an ACK is for all before it, too",
    system,
    patches: [patch(subscription, 'if (this.#options.mode !== "client") return [id];', "")],
    red: ["acks.individual-is-for-one"],
  },
  {
    id: "acks-of-the-newest-alone",
    what: "a session of 1.1, too, has to acknowledge by id",
    system,
    patches: [
      patch(
        desk,
        'headers.get(this.#version === "1.2" ? "id" : "message-id")',
        'headers.get(this.#version === "1.0" ? "message-id" : "id")',
      ),
    ],
    red: ["acks.by-message-id-in-1-1"],
  },
  {
    id: "acks-of-anything",
    what: "an ACK of what was never delivered is overlooked",
    system,
    patches: [
      patch(
        desk,
        "const { subscription, id } = this.#deliveryOf(headers);",
        'if (!headers.get("id")?.includes(".")) return;\n    const { subscription, id } = this.#deliveryOf(headers);',
      ),
    ],
    red: ["acks.unknown-id-is-refused"],
  },
  {
    id: "acks-of-everybody",
    what: "deliveries are known over all connections",
    system,
    patches: [
      patch(desk, "export class Desk {", "const everybodys = new Set<Subscription>();\n\nexport class Desk {"),
      patch(
        desk,
        "this.#exchange.subscribe(subscription);",
        "everybodys.add(subscription);\n    this.#exchange.subscribe(subscription);",
      ),
      patch(desk, "? [...this.#subscriptions.values()]\n", "? [...everybodys]\n"),
    ],
    red: ["acks.others-messages-stay"],
  },
  {
    id: "acks-twice",
    what: "an ACK of what is acknowledged already is overlooked",
    system,
    patches: [
      patch(
        desk,
        "    const { subscription, id } = this.#deliveryOf(headers);",
        [
          '    const given = headers.get("id") ?? "";',
          "    if (settledHere.has(given)) return;",
          "    settledHere.add(given);",
          "    const { subscription, id } = this.#deliveryOf(headers);",
        ].join("\n"),
      ),
      patch(desk, "export class Desk {", "const settledHere = new Set<string>();\n\nexport class Desk {"),
    ],
    red: ["acks.twice-is-refused"],
  },
  {
    id: "acks-nack-is-ack",
    what: "a NACK makes its message done",
    system,
    patches: [patch(desk, 'return this.#answer("nack", headers);', 'return this.#answer("ack", headers);')],
    red: ["acks.nack-comes-again"],
  },
  {
    id: "acks-unsubscribed-is-done",
    what: "UNSUBSCRIBE acknowledges all that its subscription has heard",
    system,
    patches: [
      patch(
        desk,
        "    this.#exchange.unsubscribe(subscription);\n  }\n\n  #wireIdOf",
        [
          "    for (const one of subscription.settleAll()) this.#exchange.done(one);",
          "    this.#exchange.unsubscribe(subscription);",
          "  }\n\n  #wireIdOf",
        ].join("\n"),
      ),
    ],
    red: ["acks.unsubscribe-gives-back"],
  },
  {
    id: "acks-for-ever",
    what: "a message that nobody acknowledges comes again and again",
    system,
    patches: [patch(exchange, "const deliveriesMax = 5;", "const deliveriesMax = 1_000;")],
    red: ["acks.fifth-delivery-is-the-last"],
  },
  {
    id: "acks-no-window",
    what: "prefetch-count is overlooked",
    system,
    patches: [patch(desk, "return Math.min(Number(wanted), unackedCountMax);", "return unackedCountMax;")],
    red: ["acks.window-holds"],
  },
  {
    id: "acks-window-without-end",
    what: "a subscription that acknowledges nothing is sent everything",
    system,
    patches: [patch(subscription, "export const unackedCountMax = 100;", "export const unackedCountMax = 10_000;")],
    red: ["acks.window-is-bounded"],
  },
];
