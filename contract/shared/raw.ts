// Rooms over bare WebSocket JSON: who hears what, how often, and what a mistake of one does to the others. Source: the
// gateway chat contract, "raw"; obligations WSK, DLV.

import type { Area } from "../clause.ts";

export const raw = {
  "raw.others-hear-once": {
    level: "MUST",
    text: "Each other socket in a room gets one copy of a message, and no second one.",
    source: "Raw WebSocket, rooms; C1",
  },
  "raw.echo-as-defined": {
    level: "MUST",
    text: "Whoever says something hears it exactly if the description says so.",
    source: "Raw WebSocket, rooms",
  },
  "raw.other-rooms-are-silent": {
    level: "MUST",
    text: "A socket in another room hears nothing.",
    source: "Raw WebSocket, rooms; C2",
    negative: true,
  },
  "raw.text-is-intact": {
    level: "MUST",
    text: "Korean, emoji, quotes and line ends arrive as they were said.",
    source: "C3",
  },
  "raw.burst-is-complete": {
    level: "MUST",
    text: "A burst of 50 messages on one socket reaches each other socket once, none lost.",
    source: "DLV-15",
  },
  "raw.burst-is-in-order": {
    level: "SHOULD",
    promised: true,
    text: "A burst of 50 messages on one socket arrives in sending order.",
    source: "C4",
    features: ["order-per-sender"],
  },
  "raw.many-at-once": {
    level: "MUST",
    text: "What several say at the same time reaches everybody else whole, and once.",
    source: "Raw WebSocket, rooms; DLV-15",
  },
  "raw.leavers-harm-nobody": {
    level: "MUST",
    text: "When sockets of a room close, or are cut without a word, what is said next reaches the others once.",
    source: "Raw WebSocket, rooms; LIF-01",
  },
  "raw.bad-json-disturbs-nobody": {
    level: "MUST",
    text: "What is no JSON, or lacks its fields, is heard by nobody, and the room goes on.",
    source: "C5",
    negative: true,
  },
  "raw.bad-json-keeps-the-socket": {
    level: "SHOULD",
    text: "Whoever sent what is no JSON may go on speaking and hearing on the same socket.",
    source: "Raw WebSocket, errors",
  },
  "raw.crosses": {
    level: "MUST",
    text: "What is said on one instance is heard on the other, once, in both directions.",
    source: "Fan-out; DLV-10",
    needs: ["two-instances"],
  },
} as const satisfies Area<"raw">;
