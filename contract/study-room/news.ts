// Study rooms: notifications on an event stream. Source: the study-room contract, "SSE".

import type { Area } from "../clause.ts";

export const news = {
  "news.needs-a-login": {
    level: "SHOULD",
    security: true,
    text: "A stream without a cookie is refused.",
    source: "Study rooms, SSE",
    negative: true,
  },
  "news.connected-comes-first": {
    level: "SHOULD",
    text: "The first event of a stream is called connected.",
    source: "Study rooms, SSE",
  },
  "news.of-a-join": {
    level: "MUST",
    text: "A join is announced to the other members of the room.",
    source: "Study rooms, SSE",
  },
  "news.of-a-leave": {
    level: "SHOULD",
    text: "A leave is announced to the other members of the room.",
    source: "Study rooms, SSE",
  },
  "news.of-a-message": {
    level: "SHOULD",
    text: "A message is announced once on each stream of the other members, subscribed or not, and not to its sender.",
    source: "Study rooms, SSE",
  },
  "news.not-to-strangers": {
    level: "SHOULD",
    security: true,
    text: "What happens in a room is announced to its members alone.",
    source: "Study rooms, SSE",
    negative: true,
  },
  "news.dead-reader-stops-nobody": {
    level: "SHOULD",
    text: "A stream that broke off neither delays nor fails a message.",
    source: "Study rooms, SSE",
  },
  "news.streams-are-counted": {
    level: "house",
    text: "After streams that opened and broke off, totalConnections is what it was.",
    source: "Study rooms, SSE",
  },
} as const satisfies Area<"news">;
