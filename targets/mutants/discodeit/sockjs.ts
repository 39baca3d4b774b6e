// Mutants of contract/shared/sockjs.ts: an endpoint whose pages, sessions or wrappings are wrong.

import { patch, type Mutant } from "../../faulty.ts";

const http = "server/sockjs/http.ts";
const session = "server/sockjs/session.ts";
const webSocket = "server/realtime/websocket.ts";

export const sockjs: readonly Mutant[] = [
  {
    id: "sockjs-no-greeting",
    what: "GET /ws greets with other words",
    patches: [patch(http, '"Welcome to SockJS!\\n"', '"Hello\\n"')],
    red: ["sockjs.greeting"],
  },
  {
    id: "sockjs-info-incomplete",
    what: "info does not say whether cookies are needed",
    patches: [patch(http, "cookie_needed: false, ", "")],
    red: ["sockjs.info"],
  },
  {
    id: "sockjs-entropy-constant",
    what: "entropy is chosen by fair dice roll",
    patches: [patch(http, "entropy: randomInt(2 ** 32)", "entropy: 4")],
    red: ["sockjs.info-entropy"],
  },
  {
    id: "sockjs-info-cached",
    what: "info may be cached",
    patches: [patch(http, '  response.setHeader("Cache-Control", notCached);\n  const info', "  const info")],
    red: ["sockjs.info-not-cached"],
  },
  {
    id: "sockjs-session-cached",
    what: "session responses may be cached",
    patches: [patch(http, 'if (route.session) response.setHeader("Cache-Control", notCached);', "")],
    red: ["sockjs.info-not-cached"],
  },
  {
    id: "sockjs-raw-loses-invisible-characters",
    what: "a filter on plain WebSockets drops invisible characters",
    patches: [
      patch(
        "server/realtime/connection.ts",
        "this.#webSocketFrame ??= textFrame(this.bytes);",
        'this.#webSocketFrame ??= textFrame(Buffer.from(this.bytes.toString("utf8").replaceAll("\\u200e", "")));',
      ),
    ],
    red: ["sockjs.raw-websocket"],
  },
  {
    id: "sockjs-no-native-websocket",
    what: "/ws itself is no WebSocket",
    patches: [
      patch(webSocket, 'if (rest === "" || rest === "/" || rest === "/websocket")', 'if (rest === "/websocket")'),
    ],
    red: ["sockjs.native-websocket"],
  },
  {
    id: "sockjs-no-subprotocol",
    what: "no subprotocol is ever selected",
    patches: [patch(webSocket, "subprotocols.find((name) => offered.has(name)) ?? false", "false")],
    red: ["sockjs.subprotocol"],
  },
  {
    id: "sockjs-unsafe-characters-dropped",
    what: "characters that do not survive every proxy are dropped instead of escaped",
    patches: [patch("server/sockjs/frames.ts", "replaceAll(unsafe, escapeUnit)", 'replaceAll(unsafe, "")')],
    red: ["sockjs.over-websocket", "sockjs.over-xhr-streaming", "sockjs.over-xhr-polling"],
  },
  {
    id: "sockjs-stream-loses-at-its-limit",
    what: "the frame with which a streaming response reaches its limit is lost",
    patches: [
      patch(
        "server/sockjs/receivers.ts",
        "const roomLeft = this.#response.write(text);",
        "const roomLeft = (this.#format.single || this.#bytes < streamBytesMax) && this.#response.write(text);",
      ),
    ],
    red: ["sockjs.streaming-limit"],
  },
  {
    id: "sockjs-polls-reversed",
    what: "what waited for a poll comes last in, first out",
    patches: [patch(session, ".splice(0, count)\n", ".splice(0, count)\n      .reverse()\n")],
    red: ["sockjs.polls-queue"],
  },
  {
    id: "sockjs-nothing-between-polls",
    what: "what is published between two polls is lost",
    patches: [
      patch(
        session,
        "    this.#queue.push(message);\n",
        "    if (this.#opened && !this.#receiver) return;\n    this.#queue.push(message);\n",
      ),
    ],
    red: ["sockjs.polls-queue"],
  },
  {
    id: "sockjs-second-receiver-takes-over",
    what: "a second receiving request ends the first and takes its place",
    patches: [
      patch(
        session,
        '      receiver.write(closeFrame(2010, "Another connection still open"));\n      return receiver.end();\n',
        "      this.#receiver.end();\n",
      ),
    ],
    red: ["sockjs.one-receiver"],
  },
  {
    id: "sockjs-unknown-session-accepted",
    what: "xhr_send to a session that is not there is answered 204",
    patches: [
      patch(http, "if (!session) return respond(response, 404);", "if (!session) return respond(response, 204);"),
    ],
    red: ["sockjs.unknown-session-is-404", "sockjs.idle-session-ends"],
  },
  {
    id: "sockjs-bad-body-accepted",
    what: "xhr_send of broken JSON is answered 204",
    patches: [
      patch(
        http,
        'if (!messages) return respond(response, 500, "Broken JSON encoding.");',
        "if (!messages) return respond(response, 204);",
      ),
    ],
    red: ["sockjs.bad-body"],
  },
  {
    id: "sockjs-unknown-paths-greet",
    what: "unknown paths below /ws are greeted",
    patches: [
      patch(http, "if (!route) return respond(response, 404);", "if (!route) return greet(request, response);"),
    ],
    red: ["sockjs.unknown-paths-are-404"],
  },
  {
    id: "sockjs-beats-are-empty-frames",
    what: "a client's heart-beat over SockJS's websocket is a frame without a command, and ends the connection",
    patches: [
      patch(
        webSocket,
        '    if (text !== "") listener.onData(Buffer.from(text));\n',
        '    if (text === "\\n") return this.webSocket.close(1002, "Empty frame");\n    if (text !== "") listener.onData(Buffer.from(text));\n',
      ),
    ],
    red: ["sockjs.heart-beats-are-borne"],
  },
  {
    id: "sockjs-websocket-without-beats",
    what: "heart-beats are promised, and sent over plain WebSocket alone",
    patches: [
      patch(
        webSocket,
        "    this.writeFrame(message.sockJsFrame);\n",
        "    if (message.bytes.length > 1) this.writeFrame(message.sockJsFrame);\n",
      ),
    ],
    red: ["sockjs.heart-beats-flow"],
  },
  {
    id: "sockjs-sessions-never-end",
    what: "a session without a receiver lives for a minute",
    patches: [patch(session, "const disconnectDelayMs = 5_000;", "const disconnectDelayMs = 60_000;")],
    red: ["sockjs.idle-session-ends"],
  },
];
