// Unmodified client libraries as witnesses: what users' clients do works. Source: design, "Rules that keep the verifier
// honest", 5.

import type { Area } from "../clause.ts";

export const witness = {
  "witness.stompjs": {
    level: "MUST",
    text: "@stomp/stompjs connects, subscribes, sends and hears its message once.",
    source: "STOMP, the official web client",
  },
  "witness.sockjs-client": {
    level: "MUST",
    text: "@stomp/stompjs over sockjs-client connects, sends and hears its message once.",
    source: "STOMP, the official web client",
  },
  "witness.sockjs-client-without-websocket": {
    level: "SHOULD",
    text: "sockjs-client without WebSocket falls back to XHR and hears its message once.",
    source: "STOMP; SJS-44",
  },
  "witness.eventsource": { level: "MUST", text: "eventsource hears an event by its name.", source: "SSE" },
  "witness.eventsource-resumes": {
    level: "SHOULD",
    text: "eventsource, cut and reconnecting by itself, hears the missed events once.",
    source: "SSE, resume",
  },
  "witness.fetch": { level: "MUST", text: "fetch signs up, logs in and posts a message.", source: "REST" },
} as const satisfies Area<"witness">;
