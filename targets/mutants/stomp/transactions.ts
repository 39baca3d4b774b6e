// Mutants of contract/stomp/transactions.ts: brokers whose transactions leak, stay, or are another's.

import { patch, type Mutant } from "../../faulty.ts";

const system = "stomp";
const desk = "server/stomp/desk.ts";
const file = "server/stomp/transactions.ts";
const known = "const transaction = this.#open.get(id);";
const sendLoop = "for (const message of messages) this.#exchange.send(message);";

export const transactions: readonly Mutant[] = [
  {
    id: "transactions-newest-first",
    what: "a transaction is delivered backwards",
    system,
    patches: [patch(desk, sendLoop, "for (const message of messages.toReversed()) this.#exchange.send(message);")],
    red: ["transactions.heard-after-commit"],
  },
  {
    id: "transactions-at-once",
    what: "a SEND in a transaction is delivered at once, and not again",
    system,
    patches: [
      patch(
        desk,
        'if (transaction !== undefined)\n      return this.#transactions.add(transaction, { kind: "send", message, bytes: message.bytes });',
        'if (transaction !== undefined) this.#transactions.add(transaction, { kind: "send", message, bytes: 0 });',
      ),
      patch(desk, sendLoop, "void messages;"),
    ],
    red: ["transactions.nothing-before-commit"],
  },
  {
    id: "transactions-abort-commits",
    what: "ABORT does what COMMIT does",
    system,
    patches: [
      patch(
        desk,
        "this.#transactions.end(transactionOf(headers));\n    }",
        "this.#commit(transactionOf(headers));\n    }",
      ),
    ],
    red: ["transactions.abort-discards"],
  },
  {
    id: "transactions-end-commits",
    what: "a lost connection commits what it had open",
    system,
    patches: [
      patch(
        desk,
        "    this.#transactions.close();\n",
        [
          "    for (const step of this.#transactions.all())",
          '      if (step.kind === "send") this.#exchange.send(step.message);',
          "    this.#transactions.close();\n",
        ].join("\n"),
      ),
      patch(
        file,
        "  /** They are aborted. */",
        "  all(): Step[] {\n    return [...this.#open.values()].flatMap(({ steps }) => steps);\n  }\n\n  /** They are aborted. */",
      ),
    ],
    red: ["transactions.lost-connection-aborts"],
  },
  {
    id: "transactions-without-id",
    what: "a transaction without an id is one with an empty one",
    system,
    patches: [
      patch(
        desk,
        'if (!id) throw new FrameError("There is no transaction without an id");\n  return id;',
        'return id ?? "";',
      ),
      patch(file, known, `${known}\n    if (id === "" && !transaction) return { steps: [], bytes: 0 };`),
    ],
    red: ["transactions.need-an-id"],
  },
  {
    id: "transactions-unknown",
    what: "a transaction that nobody began is begun by whoever speaks of it",
    system,
    patches: [patch(file, known, `if (!this.#open.has(id)) this.begin(id);\n    ${known}`)],
    red: ["transactions.unknown-id-is-refused"],
  },
  {
    id: "transactions-begun-again",
    what: "BEGIN of an open transaction is overlooked",
    system,
    patches: [
      patch(
        file,
        'if (this.#open.has(id)) throw new FrameError("The transaction is open already");',
        "if (this.#open.has(id)) return;",
      ),
    ],
    red: ["transactions.open-id-is-refused"],
  },
  {
    id: "transactions-of-everybody",
    what: "a transaction is known on all connections",
    system,
    patches: [
      patch(file, "  readonly #open = new Map<string, Transaction>();", "  readonly #open = everybodys;"),
      patch(
        file,
        "export class Transactions {",
        "const everybodys = new Map<string, Transaction>();\n\nexport class Transactions {",
      ),
      patch(file, 'if (this.#open.has(id)) throw new FrameError("The transaction is open already");', ""),
      patch(file, 'if (this.#open.size >= openCountMax) throw new FrameError("Too many transactions");', ""),
      patch(file, "    this.#open.clear();\n", ""),
    ],
    red: ["transactions.ids-are-the-connections"],
  },
  {
    id: "transactions-one-at-a-time",
    what: "COMMIT is for all transactions of its connection",
    system,
    patches: [
      patch(
        desk,
        "const steps = this.#transactions.end(transaction);",
        "const steps = [...this.#transactions.end(transaction), ...this.#transactions.rest()];",
      ),
      patch(
        file,
        "  /** They are aborted. */",
        "  rest(): Step[] {\n    return [...this.#open.values()].flatMap(({ steps }) => steps.splice(0));\n  }\n\n  /** They are aborted. */",
      ),
    ],
    red: ["transactions.several-at-a-time"],
  },
  {
    id: "transactions-acks-at-once",
    what: "an ACK in a transaction counts at once",
    system,
    patches: [
      patch(
        desk,
        'const transaction = headers.get("transaction");\n    if (transaction !== undefined)\n      return this.#transactions.add(transaction, { kind,',
        'const transaction = headers.get("transactions");\n    if (transaction !== undefined)\n      return this.#transactions.add(transaction, { kind,',
      ),
    ],
    red: ["transactions.acks-wait"],
  },
  {
    id: "transactions-without-acks",
    what: "COMMIT delivers, and acknowledges nothing",
    system,
    patches: [patch(desk, "given: subscription.settle(ids),", "given: subscription.settle(ids.slice(ids.length)),")],
    red: ["transactions.acks-count-at-commit"],
  },
  {
    id: "transactions-no-receipts",
    what: "frames about transactions have no receipts",
    system,
    patches: [
      patch(
        "server/stomp/session.ts",
        "      return this.#receipt(headers);\n    }\n    switch",
        '      if (["COMMIT", "ABORT"].includes(frame.command)) return;\n      return this.#receipt(headers);\n    }\n    switch',
      ),
    ],
    red: ["transactions.frames-have-receipts"],
  },
  {
    id: "transactions-without-end",
    what: "a connection may have any number of transactions open",
    system,
    patches: [patch(file, "const openCountMax = 16;", "const openCountMax = 10_000;")],
    red: ["transactions.open-ones-are-bounded"],
  },
  {
    id: "transactions-of-any-size",
    what: "a transaction may hold anything",
    system,
    patches: [patch(file, "const bytesMax = 1024 * 1024;", "const bytesMax = 1024 * 1024 * 1024;")],
    red: ["transactions.bytes-are-bounded"],
  },
  {
    id: "transactions-in-part",
    what: "COMMIT does one frame after the other, until one is refused",
    system,
    patches: [
      patch(desk, "    this.#exchange.check(messages);\n", ""),
      patch(
        desk,
        sendLoop,
        "for (const message of messages) {\n      this.#exchange.check([message]);\n      this.#exchange.send(message);\n    }",
      ),
    ],
    red: ["transactions.never-in-part"],
  },
];
