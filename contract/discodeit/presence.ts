// Presence: who is online, and how it is announced. Source: the Discodeit contract, "REST" rules and "SSE".

import type { Area } from "../clause.ts";

export const presence = {
  "presence.online-by-stomp": {
    level: "house",
    text: "online is true while the user holds a live STOMP connection.",
    source: "REST, online",
  },
  "presence.online-by-sse": {
    level: "house",
    text: "online is true while the user holds a live event stream.",
    source: "REST, online",
  },
  "presence.offline-after-the-last": {
    level: "house",
    text: "online is false within 10 s after the last connection ended, and not before while another is open.",
    source: "REST, online",
    needs: ["patience"],
  },
  "presence.change-sends-an-event": {
    level: "house",
    text: "That a user came online is told to everyone as a user event.",
    source: "SSE, users",
  },
  "presence.reload-is-silent": {
    level: "house",
    text: "A page reload (gone for less than 5 s) is not told.",
    source: "SSE, ours",
    needs: ["patience"],
    negative: true,
  },
} as const satisfies Area<"presence">;
