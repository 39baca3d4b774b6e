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
    what: "the first missing event is not replayed",
    patches: [patch("server/sse/stream.ts", "this.#cursor = position + 1;", "this.#cursor = position + 2;")],
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
];
