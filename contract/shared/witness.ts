// Unmodified client libraries as witnesses: what users' clients do works. Source: design, "Rules that keep the verifier
// honest", 5.

import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Area } from "../clause.ts";

export const witness = {
  "witness.stompjs": {
    level: "MUST",
    text: "@stomp/stompjs connects, subscribes, sends and hears its message once.",
    source: "STOMP, the official web client",
    features: ["stomp", "send"],
  },
  "witness.sockjs-client": {
    level: "MUST",
    text: "@stomp/stompjs over sockjs-client connects, sends and hears its message once.",
    source: "STOMP, the official web client",
    features: ["stomp", "send", "sockjs"],
  },
  "witness.sockjs-client-without-websocket": {
    level: "SHOULD",
    text: "sockjs-client without WebSocket falls back to XHR and hears its message once.",
    source: "STOMP; SJS-44",
    features: ["stomp", "send", "sockjs"],
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
  "witness.pages-are-let-in": {
    level: "MUST",
    text: "Pages of the target's own origin, or of one that is known or usual, are let in: what they ask is answered as without an Origin.",
    source: "STOMP, the official web client",
    features: ["stomp", "send"],
  },
  "witness.browser-stompjs": {
    level: "MUST",
    text: "In a browser's page, @stomp/stompjs over sockjs-client connects, sends and hears its message once.",
    source: "STOMP, the official web client",
    needs: ["browser"],
    features: ["stomp", "send", "sockjs"],
  },
  "witness.browser-eventsource": {
    level: "SHOULD",
    text: "In a browser's page, EventSource hears an event by its name and, cut off and back again, the missed ones once.",
    source: "SSE, resume",
    needs: ["browser"],
    features: ["stomp", "send", "events", "replay"],
  },
  "witness.browser-other-origin": {
    level: "SHOULD",
    text: "In a page of another origin that is let in, @stomp/stompjs and EventSource hear what they hear in the target's own.",
    source: "STOMP, the official web client; SSE-24, SJS-35",
    needs: ["browser"],
    features: ["stomp", "send", "sockjs", "events"],
  },
  "witness.browser-log-out": {
    level: "SHOULD",
    security: true,
    text: "A browser's page logs in by fetch, connects, and is cut off within 5 s of its logout.",
    source: "REST, rules, live connection",
    needs: ["browser"],
    of: systemNames,
  },
  "witness.browser-heart-beats": {
    level: "SHOULD",
    text: "In a browser's page, a silent connection of @stomp/stompjs lives on for 35 s by its heart-beats.",
    source: "STOMP, heart-beat; STS-12",
    needs: ["browser", "patience"],
    features: ["stomp", "send", "sockjs"],
  },
} as const satisfies Area<"witness">;
