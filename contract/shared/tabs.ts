// Several tabs of one user: each gets everything exactly once, and closing one leaves the others. Source: the Discodeit
// contract; obligations DLV.

import type { Area } from "../clause.ts";

export const tabs = {
  "tabs.three-stomp": {
    level: "MUST",
    text: "Three STOMP connections of one user each hear every message exactly once.",
    source: "DLV-01",
    features: ["stomp", "text"],
  },
  "tabs.three-streams": {
    level: "MUST",
    text: "Three event streams of one user each hear every event exactly once.",
    source: "SSE, any number of streams; DLV-02",
    features: ["events"],
  },
  "tabs.closing-one-stomp": {
    level: "MUST",
    text: "When one STOMP connection of three closes, the others go on.",
    source: "DLV-01",
    features: ["stomp", "text"],
  },
  "tabs.closing-one-stream": {
    level: "MUST",
    text: "When one event stream of three closes, the others go on.",
    source: "DLV-02",
    features: ["events"],
  },
  "tabs.cut-streams-harm-nobody": {
    level: "SHOULD",
    text: "Event streams that were cut fail no request, and the other streams of their user go on.",
    source: "SSE-26",
    features: ["events"],
  },
  "tabs.abrupt-end": {
    level: "MUST",
    text: "When one of three connections is cut without a word, the others go on.",
    source: "LIF-01",
    features: ["stomp", "text"],
  },
} as const satisfies Area<"tabs">;
