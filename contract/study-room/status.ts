// Study rooms: what somebody does in a room, as the room hears it. Source: the study-room contract, "Presence".

import type { Area } from "../clause.ts";

export const status = {
  "status.first-tab-studies": {
    level: "MUST",
    text: "When a member's first tab comes, the room hears that the member is STUDYING.",
    source: "Study rooms, presence",
  },
  "status.last-tab-is-offline": {
    level: "MUST",
    text: "When a member's last tab is gone, the room hears that the member is OFFLINE, and never before.",
    source: "Study rooms, presence",
  },
  "status.change-is-heard": {
    level: "MUST",
    text: "A state that a member sets is heard by the room and by the member's other tabs.",
    source: "Study rooms, presence",
  },
  "status.second-tab-keeps-it": {
    level: "house",
    text: "A second tab of a member leaves the state as the member set it, and the room hears nothing of it.",
    source: "Study rooms, presence",
  },
  "status.unknown-is-ignored": {
    level: "SHOULD",
    text: "A state that is none changes nothing, and is heard by nobody.",
    source: "Study rooms, presence",
    negative: true,
  },
  "status.same-is-silent": {
    level: "house",
    text: "Setting the state that a member has is heard by nobody.",
    source: "Study rooms, presence",
    negative: true,
  },
  "status.offline-cannot-be-set": {
    level: "house",
    text: "A member who is connected cannot set OFFLINE.",
    source: "Study rooms, presence",
    negative: true,
  },
  "status.counts-its-own-tabs": {
    level: "SHOULD",
    text: "Only tabs that listen to presence count: one without the room's messages goes OFFLINE, and one with them does not keep it.",
    source: "Study rooms, tabs",
  },
  "status.participants-show-it": {
    level: "house",
    text: "GET participants shows the state that a member has now.",
    source: "Study rooms, presence",
  },
  "status.strangers-set-nothing": {
    level: "SHOULD",
    security: true,
    text: "Who is no member changes nothing in the room by setting a state.",
    source: "Study rooms, presence",
    negative: true,
  },
} as const satisfies Area<"status">;
