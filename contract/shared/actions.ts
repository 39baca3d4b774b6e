// What an action causes: for systems in which one does something instead of saying it, and a room hears of it. An effect
// has no text by which it could be known, and several actions may come to one effect: so nobody counts them against the
// actions. Source: obligations DLV.

import type { Area } from "../clause.ts";

export const actions = {
  "actions.reach-every-subscriber": {
    level: "MUST",
    text: "What an action causes is heard by every subscriber of its room.",
    source: "DLV-01",
  },
  "actions.effects-come-once": {
    level: "MUST",
    text: "No subscription hears an effect more often than the others of its room, and none twice where the description says how effects are told apart.",
    source: "C1",
  },
  "actions.other-rooms-are-silent": {
    level: "MUST",
    text: "What an action causes is heard in no other room.",
    source: "C2",
    negative: true,
  },
} as const satisfies Area<"actions">;
