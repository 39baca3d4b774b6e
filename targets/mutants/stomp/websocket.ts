// Mutants of contract/shared/websocket.ts: a WebSocket below STOMP that takes what RFC 6455 forbids, or leaves out what it
// asks for.

import { patch, type Mutant } from "../../faulty.ts";

const system = "stomp";
const file = "server/realtime/websocket.ts";
const options = "    clientTracking: false,\n    maxPayload: messageBytesMax,";
const attached = "  const listener = accept(connection);";

/** Sees, and may change, what comes before `ws` does. */
const beforeWs = (...lines: readonly string[]) =>
  patch(
    file,
    attached,
    [
      '  peer.socket.prependListener("data", (chunk: Buffer) => {',
      ...lines.map((line) => `    ${line}`),
      "  });",
      attached,
    ].join("\n"),
  );

export const websocket: readonly Mutant[] = [
  {
    id: "websocket-any-version",
    what: "whatever version a handshake names, it is taken for 13",
    system,
    patches: [
      patch(
        file,
        'if (request.headers["sec-websocket-version"] !== "13")',
        'request.headers["sec-websocket-version"] = "13";\n    if (request.headers["sec-websocket-version"] !== "13")',
      ),
    ],
    red: ["websocket.other-versions-are-refused"],
  },
  {
    id: "websocket-version-not-named",
    what: "a handshake for another version is refused without a word",
    system,
    patches: [
      patch(
        file,
        'refuse(socket, "426 Upgrade Required", "Sec-WebSocket-Version: 13\\r\\n")',
        'refuse(socket, "400 Bad Request")',
      ),
    ],
    red: ["websocket.other-versions-are-refused"],
  },
  {
    id: "websocket-keyless",
    what: "a handshake without a key gets one",
    system,
    patches: [
      patch(
        file,
        "      server.handleUpgrade(",
        '      request.headers["sec-websocket-key"] ??= "cm9sbGNhbGwgcm9sbGNhbA==";\n      server.handleUpgrade(',
      ),
    ],
    red: ["websocket.half-handshakes-are-refused"],
  },
  {
    id: "websocket-upgrades-posts",
    what: "a POST is upgraded as a GET is",
    system,
    patches: [patch(file, "      server.handleUpgrade(", '      request.method = "GET";\n      server.handleUpgrade(')],
    red: ["websocket.half-handshakes-are-refused"],
  },
  {
    id: "websocket-mute-to-pings",
    what: "no ping is answered",
    system,
    patches: [patch(file, options, `    autoPong: false,\n${options}`)],
    red: ["websocket.pings-are-answered"],
  },
  {
    id: "websocket-short-pongs",
    what: "a pong has the first hundred octets of its ping",
    system,
    patches: [
      patch(file, options, `    autoPong: false,\n${options}`),
      patch(
        file,
        'webSocket.on("ping", (data) => connection.noteControlFrame(data.length));',
        'webSocket.on("ping", (data) => {\n    connection.noteControlFrame(data.length);\n    webSocket.pong(data.subarray(0, 100));\n  });',
      ),
    ],
    red: ["websocket.pings-are-answered"],
  },
  {
    id: "websocket-asks-for-each-pong",
    what: "a pong that nobody asked for ends the connection",
    system,
    patches: [patch(file, "    connection.noteAlive();", "    webSocket.terminate();\n    connection.noteAlive();")],
    red: ["websocket.pongs-are-ignored"],
  },
  {
    id: "websocket-no-fragments",
    what: "a message in more than two fragments is refused",
    system,
    patches: [patch(file, options, `    maxFragments: 2,\n${options}`)],
    red: ["websocket.fragments-are-put-together"],
  },
  {
    id: "websocket-unmasked",
    what: "frames are taken with a mask and without",
    system,
    patches: [
      patch(
        file,
        attached,
        [
          "  const receiver = (webSocket as unknown as { _receiver: { _masked: boolean } })._receiver;",
          '  Object.defineProperty(receiver, "_isServer", { get: () => receiver._masked });',
          attached,
        ].join("\n"),
      ),
    ],
    red: ["websocket.unmasked-frames-end-it"],
  },
  {
    id: "websocket-no-reserved-bits",
    what: "reserved bits are taken for what they were meant for, and ignored",
    system,
    patches: [beforeWs("chunk[0] = chunk[0]! & 0x8f;")],
    red: ["websocket.malformed-frames-end-it"],
  },
  {
    id: "websocket-unknown-opcodes-are-pongs",
    what: "frames of unknown opcodes are skipped",
    system,
    patches: [beforeWs("if ((chunk[0]! & 0x0f) === 11 || (chunk[0]! & 0x0f) === 3) chunk[0] = 0x8a;")],
    red: ["websocket.malformed-frames-end-it"],
  },
  {
    id: "websocket-any-octets",
    what: "a text that is no UTF-8 is taken, with question marks in it",
    system,
    patches: [
      patch(file, options, `    skipUTF8Validation: true,\n${options}`),
      patch(file, "    listener.onData(data);", '    listener.onData(Buffer.from(data.toString("utf8")));'),
    ],
    red: ["websocket.texts-are-utf-8"],
  },
  {
    id: "websocket-echoes-codes",
    what: "a close frame comes back as it is",
    system,
    patches: [
      beforeWs(
        "if (chunk[0] !== 0x88) return;",
        "const code = chunk.subarray(6).map((octet, at) => octet ^ chunk[2 + (at % 4)]!);",
        "peer.socket.write(Buffer.concat([Buffer.from([0x88, code.length]), code]));",
      ),
    ],
    red: ["websocket.codes-for-nobody"],
  },
  {
    id: "websocket-last-words",
    what: "behind its close frame the server says goodbye",
    system,
    patches: [
      patch(
        file,
        "    this.webSocket.close(code, reason);",
        '    this.webSocket.close(code, reason);\n    this.#socket.write(textFrame(Buffer.from("\\n")));',
      ),
      patch(file, "closeCodes,\n  type AcceptConnection,", "closeCodes,\n  textFrame,\n  type AcceptConnection,"),
    ],
    red: ["websocket.nothing-after-the-close"],
  },
];
