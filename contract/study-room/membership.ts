// Study rooms: four members, what is theirs alone, and their history. Source: the study-room contract, "REST" and
// "STOMP".

import type { Area } from "../clause.ts";

export const membership = {
  "membership.sender-is-the-session": {
    level: "MUST",
    security: true,
    text: "Who sent a message is taken from the session, whatever the body says.",
    source: "Study rooms, STOMP",
  },
  "membership.history-is-the-members": {
    level: "SHOULD",
    security: true,
    text: "Who is no member is refused the history.",
    source: "Study rooms, REST",
    negative: true,
  },
  "membership.participants-are-the-members": {
    level: "SHOULD",
    security: true,
    text: "Who is no member is refused the list of participants.",
    source: "Study rooms, REST",
    negative: true,
  },
  "membership.presence-is-the-members": {
    level: "SHOULD",
    security: true,
    text: "Who is no member hears nothing of a room's presence.",
    source: "Study rooms, STOMP",
    negative: true,
  },
  "membership.leaver-hears-nothing": {
    level: "SHOULD",
    security: true,
    text: "Who left a room by REST hears nothing more of it on a subscription that goes on.",
    source: "Study rooms, STOMP",
    negative: true,
  },
  "membership.four-at-most": {
    level: "SHOULD",
    text: "Of members who join at once no more than four come in, the host included; the others are refused.",
    source: "Study rooms, REST",
  },
  "membership.twice-is-409": {
    level: "SHOULD",
    text: "Joining a second time is answered 409.",
    source: "Study rooms, REST",
  },
  "membership.host-cannot-leave": {
    level: "SHOULD",
    text: "The host who leaves is answered 400.",
    source: "Study rooms, REST",
  },
  "membership.history-newest-first": {
    level: "SHOULD",
    text: "The history comes newest first, in pages that hold each message once.",
    source: "Study rooms, REST",
  },
  "membership.blank-is-ignored": {
    level: "SHOULD",
    text: "A blank message is neither stored nor heard.",
    source: "Study rooms, STOMP",
    negative: true,
  },
} as const satisfies Area<"membership">;
