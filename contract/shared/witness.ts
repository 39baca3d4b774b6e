// Unmodified client libraries as witnesses: what users' clients do works. Source: design, "Rules that keep the verifier
// honest", 5.

import { systemNames } from "../../systems/discodeit/wire.ts";
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
    features: ["sockjs"],
  },
  "witness.sockjs-client-without-websocket": {
    level: "SHOULD",
    text: "sockjs-client without WebSocket falls back to XHR and hears its message once.",
    source: "STOMP; SJS-44",
    features: ["sockjs"],
  },
  "witness.eventsource": {
    level: "MUST",
    text: "eventsource hears an event by its name.",
    source: "SSE",
    features: ["events"],
  },
  "witness.eventsource-resumes": {
    level: "SHOULD",
    text: "eventsource, cut and reconnecting by itself, hears the missed events once.",
    source: "SSE, resume",
    features: ["events", "replay"],
  },
  "witness.fetch": {
    level: "MUST",
    text: "fetch signs up, logs in and posts a message.",
    source: "REST",
    of: systemNames,
  },
} as const satisfies Area<"witness">;
