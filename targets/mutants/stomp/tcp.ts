// Mutants of contract/stomp/tcp.ts: another broker behind the same name, or one that reads TCP as if it had messages.

import { patch, type Mutant } from "../../faulty.ts";

const system = "stomp";
const tcpFile = "server/stomp/tcp.ts";
const session = "server/stomp/session.ts";
const onData = 'socket.on("data", (chunk) => listener.onData(chunk));';

export const tcp: readonly Mutant[] = [
  {
    id: "tcp-mute",
    what: "over TCP nothing is ever delivered",
    system,
    patches: [
      patch(
        tcpFile,
        "if (this.#socket.writable) this.#socket.write(bytes);",
        'if (this.#socket.writable && !bytes.includes("MESSAGE")) this.#socket.write(bytes);',
      ),
    ],
    red: ["tcp.connects-and-hears"],
  },
  {
    id: "tcp-another-broker",
    what: "TCP has topics of its own",
    system,
    patches: [
      patch(
        session,
        "if (exchange) this.#desk = new Desk(exchange,",
        'if (exchange) this.#desk = new Desk(this.transport === "tcp" ? tcpExchange : exchange,',
      ),
      patch(
        session,
        "const subscriptionsMax = 100;",
        "const tcpExchange = new Exchange();\nconst subscriptionsMax = 100;",
      ),
      patch(
        session,
        'import { Desk } from "./desk.ts";',
        'import { Desk } from "./desk.ts";\nimport { Exchange } from "./exchange.ts";',
      ),
    ],
    red: ["tcp.is-the-same-broker"],
  },
  {
    id: "tcp-whole-frames-only",
    what: "what comes in pieces is not put together",
    system,
    patches: [patch(tcpFile, onData, 'socket.on("data", (chunk) => chunk.length > 1 && listener.onData(chunk));')],
    red: ["tcp.in-pieces"],
  },
  {
    id: "tcp-one-frame-a-piece",
    what: "of each piece that comes the first frame is read",
    system,
    patches: [
      patch(
        tcpFile,
        onData,
        [
          'socket.on("data", (chunk) => {',
          "      const end = chunk.indexOf(0);",
          "      listener.onData(end < 0 ? chunk : chunk.subarray(0, end + 1));",
          "    });",
        ].join("\n"),
      ),
    ],
    red: ["tcp.several-at-once"],
  },
  {
    id: "tcp-stays-open",
    what: "after an ERROR the connection stays",
    system,
    patches: [
      patch(tcpFile, "    this.#socket.end();\n", ""),
      patch(
        tcpFile,
        "setTimeout(() => this.#socket.destroy(), closeWaitMs)",
        "setTimeout(() => undefined, closeWaitMs)",
      ),
    ],
    red: ["tcp.error-then-close"],
  },
  {
    id: "tcp-lets-in",
    what: "whoever comes by TCP is let in",
    system,
    patches: [
      patch(
        session,
        "    if (principal) return principal;",
        '    if (principal) return principal;\n    if (this.transport === "tcp") return { userId: "t", username: "t", role: "USER", loginId: "t" };',
      ),
    ],
    red: ["tcp.strangers-are-refused"],
  },
];
