// Redis chat: what a member has not read. Terms: mark – one of a message and whoever was in the room when it was said.
// Source: the Redis chat contract, "unread".

import type { Area } from "../clause.ts";

export const marks = {
  "marks.others-have-it-unread": {
    level: "MUST",
    text: "A message is unread for each participant but its sender.",
    source: "Redis chat, unread",
  },
  "marks.read-makes-none": {
    level: "MUST",
    text: "POST /chat/room/{id}/read makes the member's unread count 0, a second time too.",
    source: "Redis chat, unread",
  },
  "marks.read-is-ones-own": {
    level: "SHOULD",
    text: "What one participant read is unread for the others, and in other rooms, as before.",
    source: "Redis chat, unread",
  },
  "marks.listening-is-not-reading": {
    level: "SHOULD",
    text: "Messages that a subscriber hears are unread until /read.",
    source: "Redis chat, unread",
  },
  "marks.late-joiner-has-none": {
    level: "SHOULD",
    text: "Who joins later sees the whole history and has nothing unread of it; later messages count.",
    source: "Redis chat, unread",
  },
  "marks.who-comes-back-has-none": {
    level: "house",
    text: "Who left a room and joins it again has nothing unread.",
    source: "Redis chat, unread",
  },
  "marks.read-is-for-participants": {
    level: "house",
    text: "POST /chat/room/{id}/read of a room that one is not in is answered 403.",
    source: "Redis chat, unread",
    negative: true,
  },
} as const satisfies Area<"marks">;
