// Mutants of contract/shared/transports.ts: SockJS that reads too much into a URL, a header or a message, or too little.

import { patch, prepend, type Mutant } from "../../faulty.ts";

const system = "stomp";
const http = "server/sockjs/http.ts";
const receivers = "server/sockjs/receivers.ts";
const webSocket = "server/realtime/websocket.ts";

export const transports: readonly Mutant[] = [
  {
    id: "transports-json-is-somebody-elses",
    what: "a send that says it is JSON is read as nothing",
    system,
    patches: [
      patch(
        http,
        'await this.#sendTo(this.#sessions.get(id), body.toString("utf8"), response);',
        'const isJson = request.headers["content-type"] === "application/json";\n      await this.#sendTo(this.#sessions.get(id), isJson ? "[]" : body.toString("utf8"), response);',
      ),
    ],
    red: ["transports.any-content-type"],
  },
  {
    id: "transports-media-types-only",
    what: "a send whose content type is no media type is answered 415",
    system,
    patches: [
      patch(
        http,
        "    const holding = this.#options.inbound.open(",
        '    if (request.headers["content-type"]?.includes("/") === false) return respond(response, 415);\n    const holding = this.#options.inbound.open(',
      ),
    ],
    red: ["transports.any-content-type"],
  },
  {
    id: "transports-empty-array-refused",
    what: "xhr_send of an empty array is answered 500",
    system,
    patches: [
      patch(
        http,
        "    if (!messages) return respond(response, 500",
        "    if (!messages?.length) return respond(response, 500",
      ),
    ],
    red: ["transports.empty-array-is-nothing"],
  },
  {
    id: "transports-no-prelude",
    what: "xhr_streaming begins with its first frame",
    system,
    patches: [patch(receivers, '    prelude: () => `${"h".repeat(2_048)}\\n`,', '    prelude: () => "",')],
    red: ["transports.streaming-prelude"],
  },
  {
    id: "transports-escapes-nothing",
    what: "frames of SockJS hold U+2028 and its kin as they are",
    system,
    patches: [
      patch(
        "server/sockjs/frames.ts",
        "JSON.stringify(text).replaceAll(unsafe, escapeUnit);",
        'JSON.stringify(text).replaceAll(unsafe, (unit) => (unit < "\\u2000" ? escapeUnit(unit) : unit));',
      ),
    ],
    red: ["transports.odd-characters-are-escaped"],
  },
  {
    id: "transports-drops-what-it-should-escape",
    what: "frames of SockJS lose U+2028 and its kin",
    system,
    patches: [
      patch(
        "server/sockjs/frames.ts",
        '(unit: string): string => `\\\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;',
        '(unit: string): string => (unit < " " ? `\\\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}` : "");',
      ),
    ],
    red: ["transports.odd-characters-are-escaped"],
  },
  {
    id: "transports-nothing-is-an-error",
    what: "an empty message over SockJS's websocket is broken JSON",
    system,
    patches: [patch(webSocket, "    if (data.length === 0) return;\n", "")],
    red: ["transports.nothing-over-websocket"],
  },
  {
    id: "transports-broken-json-ignored",
    what: "broken JSON over SockJS's websocket is ignored",
    system,
    patches: [
      patch(
        webSocket,
        'if (!messages) return this.webSocket.close(closeCodes.badData, "Broken JSON encoding");',
        "if (!messages) return;",
      ),
    ],
    red: ["transports.broken-json-ends-it"],
  },
  {
    id: "transports-one-socket-a-session",
    what: "of two SockJS websockets with one session segment the second ends the first",
    system,
    patches: [
      prepend(webSocket, "const sockets = new Map<string, WebSocket>();"),
      patch(
        webSocket,
        "(webSocket) =>\n        attach(",
        [
          "(webSocket) => {",
          '        if (kind === "sockjs-websocket") sockets.get(request.url ?? "")?.terminate();',
          '        if (kind === "sockjs-websocket") sockets.set(request.url ?? "", webSocket);',
          "        attach(",
        ].join("\n"),
      ),
      patch(webSocket, "kind, options.accept),\n      );", "kind, options.accept);\n      });"),
    ],
    red: ["transports.sockets-share-nothing"],
  },
  {
    id: "transports-websocket-greets",
    what: "the URL of SockJS's websocket greets whoever wants no upgrade",
    system,
    patches: [patch(http, "respond(response, 400, 'Can", "respond(response, 200, 'Can")],
    red: ["transports.websocket-wants-an-upgrade"],
  },
  {
    id: "transports-any-method",
    what: "a transport is reached by any method",
    system,
    patches: [
      patch(
        http,
        "      request.method === route.method ||",
        "      route.session === true ||\n      request.method === route.method ||",
      ),
    ],
    red: ["transports.other-methods-are-405"],
  },
  {
    id: "transports-nothing-allowed",
    what: "405 does not say what is allowed",
    system,
    patches: [patch(http, '      response.setHeader("Allow", `OPTIONS, ${route.method}`);\n', "")],
    red: ["transports.other-methods-are-405"],
  },
];
