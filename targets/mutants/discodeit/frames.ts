// Mutants of contract/shared/frames.ts: codecs that read or write frames wrongly.

import { patch, type Mutant } from "../../faulty.ts";

const session = "server/stomp/session.ts";
const codec = "server/stomp/codec.ts";
const webSocket = "server/realtime/websocket.ts";

export const frames: readonly Mutant[] = [
  {
    id: "frames-receipt-with-a-body",
    what: "the RECEIPT for DISCONNECT has a body",
    patches: [
      patch(
        session,
        "this.#receipt(headers);\n        return this.#end(",
        'this.#reply("RECEIPT", { "receipt-id": headers.get("receipt") ?? "" }, Buffer.from("bye"));\n        return this.#end(',
      ),
    ],
    red: ["frames.grammar"],
  },
  {
    id: "frames-length-in-characters",
    what: "content-length counts characters",
    patches: [
      patch("server/stomp/broker.ts", "String(body.length)", 'String(Buffer.from(body).toString("utf8").length)'),
    ],
    red: ["frames.content-length", "frames.grammar"],
  },
  {
    id: "frames-no-crlf",
    what: "lines end in LF only",
    patches: [patch(codec, "this.#bytes[end - 1] === CR ? end - 1 : end);", "end);")],
    red: ["frames.crlf"],
  },
  {
    id: "frames-no-eols-between",
    what: "an empty line between frames is an error",
    patches: [patch(codec, "        this.#startAt(this.#scan);\n", '        throw new FrameError("Empty command");\n')],
    red: ["frames.eols-between"],
  },
  {
    id: "frames-first-of-a-message",
    what: "of several frames in one WebSocket message only the first is acted on",
    patches: [patch(codec, "    this.#startAt(bodyEnd + 1);\n", "    this.clear();\n")],
    red: ["frames.several-in-one-message", "frames.eols-between"],
  },
  {
    id: "frames-no-pieces",
    what: "every WebSocket message must be a whole frame",
    patches: [
      patch(
        codec,
        "    if (this.#start === this.#end) return this.#begin(",
        "    if (this.keptBytes < Infinity) return this.#begin(",
      ),
    ],
    red: ["frames.in-pieces"],
  },
  {
    id: "frames-no-unescaping",
    what: "escapes in headers are not decoded",
    patches: [patch(codec, 'if (!text.includes("\\\\")) return text;', "return text;")],
    red: ["frames.escapes-in-ids", "frames.undefined-escape"],
  },
  {
    id: "frames-no-escaping",
    what: "header values are written without escapes",
    patches: [
      patch(codec, "return sayable.replaceAll(", 'if (sayable !== "") return sayable;\n  return sayable.replaceAll('),
    ],
    red: ["frames.escapes-in-ids"],
  },
  {
    id: "frames-undefined-escape-tolerated",
    what: "an undefined escape stands for its character",
    patches: [patch(codec, 'throw new FrameError("Undefined escape in a header");', "return escaped;")],
    red: ["frames.undefined-escape"],
  },
  {
    id: "frames-malformed-header-skipped",
    what: "a header line without a colon is skipped",
    patches: [
      patch(codec, 'if (colon < 1) throw new FrameError("Malformed header line");', "if (colon < 1) continue;"),
    ],
    red: ["frames.malformed-header"],
  },
  {
    id: "frames-unknown-command-ignored",
    what: "an unknown command is ignored",
    patches: [patch(session, 'throw new Refusal("Unknown command");', "return this.#receipt(headers);")],
    red: ["frames.unknown-command"],
  },
  {
    id: "frames-no-receipt-for-unsubscribe",
    what: "UNSUBSCRIBE with receipt is not answered",
    patches: [
      patch(session, "    this.#receipt(headers);\n  }\n\n  async #sendMessage", "  }\n\n  async #sendMessage"),
    ],
    red: ["frames.receipt-for-every-frame"],
  },
  {
    id: "frames-error-without-receipt-id",
    what: "ERROR does not say which frame it is about",
    patches: [
      patch(session, 'if (receipt !== undefined) headers["receipt-id"] = escapeHeader(receipt, this.#version);', ""),
    ],
    red: ["frames.error-has-the-receipt-id"],
  },
  {
    id: "frames-acted-on-after-an-error",
    what: "frames behind a fatal one are acted on",
    patches: [
      patch(session, "const frame = this.#isEnded() ? undefined : this.#parse();", "const frame = this.#parse();"),
      patch(session, "if (this.#isEnded() || frame instanceof FrameError) this.#parser.clear();", ""),
      patch(session, "    this.#parser.clear();\n    this.#held.close();\n", "    this.#held.close();\n"),
    ],
    red: ["frames.nothing-after-an-error"],
  },
  {
    id: "frames-without-a-size-limit",
    what: "a frame may have any size",
    patches: [
      patch(codec, "const frameBytesMax = 64 * 1024;", "const frameBytesMax = 64 * 1024 * 1024;"),
      patch(session, "const waitingBytesMax = 1024 * 1024;", "const waitingBytesMax = 64 * 1024 * 1024;"),
      patch(webSocket, "const messageBytesMax = 256 * 1024;", "const messageBytesMax = 64 * 1024 * 1024;"),
    ],
    red: ["frames.size-limit"],
  },
  {
    id: "frames-without-a-header-limit",
    what: "a frame may have any number of headers",
    patches: [patch(codec, "const headerCountMax = 64;", "const headerCountMax = 1_000_000;")],
    red: ["frames.header-limit"],
  },
  {
    id: "frames-no-binary-messages",
    what: "binary WebSocket messages are refused",
    patches: [
      patch(
        webSocket,
        "    listener.onData(data);\n",
        '    if (_isBinary) return this.webSocket.close(1003, "Text only");\n    listener.onData(data);\n',
      ),
    ],
    red: ["frames.binary-messages"],
  },
];
