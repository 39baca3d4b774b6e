// Mutants of contract/shared/witness.ts: what only an unmodified client library notices.

import { patch, type Mutant } from "../../faulty.ts";

const http = "server/sockjs/http.ts";

export const witness: readonly Mutant[] = [
  {
    id: "witness-info-sends-clients-away",
    what: "info names another base URL",
    patches: [patch(http, "websocket: true };", 'websocket: true, base_url: "http://127.0.0.1:9" };')],
    red: ["witness.sockjs-client"],
  },
  {
    id: "witness-versions-newest-first",
    what: "a client that names its versions newest first is refused",
    patches: [
      patch(
        "server/stomp/session.ts",
        'pickVersion(headers.get("accept-version"));',
        'headers.get("accept-version")?.startsWith("1.2,") ? undefined : pickVersion(headers.get("accept-version"));',
      ),
    ],
    red: ["connect.highest-common-version", "witness.stompjs"],
  },
  {
    id: "witness-xhr-send-content-type",
    what: "xhr_send of plain text is refused",
    patches: [
      patch(
        http,
        "    const holding = this.#options.inbound.open(",
        '    if (request.headers["content-type"] === "text/plain") return respond(response, 413);\n    const holding = this.#options.inbound.open(',
      ),
    ],
    red: ["witness.sockjs-client-without-websocket"],
  },
  {
    id: "witness-resumed-one-too-late",
    what: "to who comes by fetch the first missing event is not replayed",
    patches: [
      patch(
        "server/sse/stream.ts",
        "this.#cursor = position + 1;",
        'this.#cursor = position + (this.#response.req.headers["sec-fetch-mode"] === undefined ? 1 : 2);',
      ),
    ],
    red: ["witness.eventsource-resumes"],
  },
  {
    id: "witness-empty-answer",
    what: "the answer to POST /api/messages holds no text",
    patches: [
      patch(
        "server/systems/discodeit/domain/messages.ts",
        "return { dto: payload,",
        'return { dto: { ...(payload as object), content: "" },',
      ),
    ],
    red: ["witness.fetch"],
  },
  {
    id: "witness-every-page-is-shut-out",
    what: "whoever names an Origin is refused",
    patches: [
      patch(
        "server/security/origins.ts",
        "if (origin === undefined || allowed.has(origin)) return true;",
        "if (origin === undefined) return true;",
      ),
      patch("server/security/origins.ts", "if (own?.origin === origin && (", 'if (own?.origin === "" && ('),
    ],
    red: ["witness.pages-are-let-in"],
  },
  {
    id: "witness-browser-info-is-refused",
    what: "SockJS's info is refused to who says how it is fetched, as browsers alone do",
    patches: [
      patch(
        "server/http.ts",
        "if (sockJsPath === undefined) return void app(request, response);",
        'if (sockJsPath === undefined) return void app(request, response);\n      if (request.headers["sec-fetch-mode"] !== undefined) return void response.writeHead(400).end();',
      ),
    ],
    red: ["witness.browser-stompjs"],
  },
  {
    id: "witness-browser-resumes-nothing",
    what: "a browser's stream that comes back begins without its last id",
    patches: [
      patch(
        "server/sse/hub.ts",
        "const { lastEventId, LastEventId } = request.query;",
        'const { lastEventId, LastEventId } = request.query;\n  if (request.get("Sec-Fetch-Mode") !== undefined) return undefined;',
      ),
    ],
    red: ["witness.browser-eventsource"],
  },
  {
    id: "witness-any-origin-with-credentials",
    what: "pages of other origins are answered * where cookies go along",
    patches: [
      patch(
        "server/security/cross-origin.ts",
        '"Access-Control-Allow-Origin": origin,',
        '"Access-Control-Allow-Origin": "*",',
      ),
    ],
    red: ["witness.browser-other-origin"],
  },
  {
    id: "witness-browser-outlives-its-logout",
    what: "connections outlive their login",
    patches: [patch("server/realtime/login-sweep.ts", "if (ended.length > 0) end(new Set(ended));", "")],
    red: ["witness.browser-log-out"],
  },
  {
    id: "witness-no-heart-beats-over-sockjs",
    what: "over SockJS heart-beats are promised and not sent",
    patches: [
      patch(
        "server/realtime/websocket.ts",
        "    webSocket.send(openFrame);\n  }\n\n  send(message: OutgoingMessage): void {",
        "    webSocket.send(openFrame);\n  }\n\n  send(message: OutgoingMessage): void {\n    if (message.bytes.length === 1) return;",
      ),
    ],
    red: ["witness.browser-heart-beats"],
  },
];
