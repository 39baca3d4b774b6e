// What a stranger gets of a room for members, by each way on which a system tells of it. Source: the definition, whose
// rooms are for members and whose events have receivers.

import type { Area } from "../clause.ts";

export const rooms = {
  "rooms.strangers-hear-no-socket": {
    level: "MUST",
    security: true,
    text: "A stranger that asks for a seat in a room for members hears nothing of it, whether it gets one or not.",
    source: "REST, private channels",
    negative: true,
    features: ["membership", "raw-websocket"],
  },
  "rooms.strangers-hear-no-event": {
    level: "MUST",
    security: true,
    text: "An event for some is heard by nobody else.",
    source: "REST, private channels",
    negative: true,
    features: ["events-for-some"],
  },
  "rooms.strangers-read-no-history": {
    level: "MUST",
    security: true,
    text: "A stranger that asks for the history of a room for members gets none of its texts.",
    source: "REST, private channels",
    negative: true,
    features: ["membership", "history", "text"],
  },
} as const satisfies Area<"rooms">;
