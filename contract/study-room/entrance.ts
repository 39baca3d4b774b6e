// Study rooms: who comes and who goes, as the room hears it. Terms: tab – one WebSocket session. Source: the study-room
// contract, "System messages" and "Multi-tab rules".

import type { Area } from "../clause.ts";

export const entrance = {
  "entrance.first-tab-enters": {
    level: "MUST",
    text: "When a member's first tab subscribes to the room, the others hear once that the member entered.",
    source: "Study rooms, system messages",
  },
  "entrance.last-tab-leaves": {
    level: "MUST",
    text: "When a member's last tab disconnects, the others hear once that the member left.",
    source: "Study rooms, system messages",
  },
  "entrance.unsubscribing-leaves": {
    level: "SHOULD",
    text: "A tab that ends the last of its subscriptions to the room leaves it, and enters again when it subscribes.",
    source: "Study rooms, tabs",
  },
  "entrance.tabs-count-once": {
    level: "MUST",
    text: "Other tabs of a member come and go unheard.",
    source: "Study rooms, tabs",
  },
  "entrance.tabs-count-over-instances": {
    level: "house",
    text: "A member's tabs on two instances make one entry and one exit, one STUDYING and one OFFLINE, heard on both.",
    source: "Study rooms, tabs",
    needs: ["two-instances"],
  },
  "entrance.killed-tab-leaves": {
    level: "MUST",
    text: "A tab whose connection breaks off leaves the room as one that disconnects, once.",
    source: "Study rooms, system messages",
  },
  "entrance.each-room-is-told": {
    level: "SHOULD",
    text: "A tab in two rooms that disconnects leaves each of them, once.",
    source: "Study rooms, system messages",
  },
  "entrance.many-tabs-at-once": {
    level: "SHOULD",
    text: "Twenty tabs that open and close at once make one entry and one exit.",
    source: "Study rooms, tabs",
  },
  "entrance.says-who": {
    level: "SHOULD",
    text: "Entries and exits carry type JOIN or LEAVE, the actor's providerId, and no id.",
    source: "Study rooms, system messages",
  },
  "entrance.texts-are-exact": {
    level: "house",
    text: "The texts are {nickname}님이 입장하셨습니다. and {nickname}님이 퇴장하셨습니다.",
    source: "Study rooms, system messages",
  },
  "entrance.not-in-the-history": {
    level: "SHOULD",
    text: "Entries and exits are not in the history.",
    source: "Study rooms, system messages",
    negative: true,
  },
  "entrance.membership-alone-is-silent": {
    level: "SHOULD",
    text: "Joining by REST alone puts nothing on the room's topic.",
    source: "Study rooms, system messages",
    negative: true,
  },
} as const satisfies Area<"entrance">;
