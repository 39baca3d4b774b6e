// Mutants of contract/stomp/queues.ts: brokers whose queues are topics, or without a bottom.

import { patch, type Mutant } from "../../faulty.ts";

const system = "stomp";
const exchange = "server/stomp/exchange.ts";
const queues_ = "server/stomp/queues.ts";

export const queues: readonly Mutant[] = [
  {
    id: "queues-twice",
    what: "a message of a queue is delivered twice",
    system,
    patches: [
      patch(queues_, "      consumer.take(message);", "      consumer.take(message);\n      consumer.take(message);"),
    ],
    red: ["queues.sent-is-heard"],
  },
  {
    id: "queues-to-everybody",
    what: "a queue's message goes to all its subscribers",
    system,
    patches: [
      patch(
        queues_,
        "      consumer.take(message);",
        "      for (const one of new Set([consumer, ...this.#consumers])) one.take(message);",
      ),
    ],
    red: ["queues.one-of-two-hears"],
  },
  {
    id: "queues-keep-nothing",
    what: "what nobody takes is gone",
    system,
    patches: [
      patch(
        exchange,
        "    queue.push(message);\n    queue.pump();",
        "    queue.push(message);\n    queue.pump();\n    for (const lost of queue.empty()) this.done(lost);",
      ),
    ],
    red: ["queues.kept-until-taken"],
  },
  {
    id: "queues-first-come",
    what: "the first subscriber of a queue hears all",
    system,
    patches: [patch(queues_, "      this.#turn = at + 1;\n", "      this.#turn = at;\n")],
    red: ["queues.in-turn"],
  },
  {
    id: "queues-without-bottom",
    what: "a queue keeps any number of messages",
    system,
    patches: [patch(queues_, "const waitingCountMax = 1_000;", "const waitingCountMax = 1_000_000;")],
    red: ["queues.full-is-refused"],
  },
];
