// Gateway chat over STOMP: one room by several names, what a message says, and what clients may not. Source: the
// gateway chat contract, "names", "payloads".

import type { Area } from "../clause.ts";

export const aliases = {
  "aliases.message-is-whole": {
    level: "MUST",
    text: "A MESSAGE has the content as it was said, and its room and sender as the request named them.",
    source: "Gateway chat, payloads",
  },
  "aliases.message-is-the-stored-one": {
    level: "SHOULD",
    text: "A MESSAGE is what was stored: it has an id, another one for each message.",
    source: "Gateway chat, payloads",
  },
  "aliases.message-says-when": {
    level: "house",
    text: "A MESSAGE says in timestamp, as ISO 8601, when it was stored.",
    source: "Gateway chat, payloads",
  },
  "aliases.every-way-is-heard-everywhere": {
    level: "house",
    text: "What is sent to any alias is heard on /sub/chat/room/{id} and on /topic/chat/room/{id}, once for each subscription, under the destination that was subscribed to.",
    source: "Gateway chat, names",
  },
  "aliases.id-is-the-servers": {
    level: "SHOULD",
    text: "An id in the request does not become the message's.",
    source: "Gateway chat, payloads",
  },
  "aliases.client-id-comes-back": {
    level: "house",
    text: "A clientMsgId of the request comes back as it was.",
    source: "Gateway chat, defects",
  },
  "aliases.everything-is-json": {
    level: "SHOULD",
    text: "Whatever comes on a room's destination is a JSON object, when somebody enters and leaves, too.",
    source: "Gateway chat, defects",
  },
  "aliases.clients-write-to-none": {
    level: "SHOULD",
    security: true,
    text: "A client's SEND to a room's destination is delivered to nobody.",
    source: "C6",
    negative: true,
  },
  "aliases.patterns-hear-nothing": {
    level: "SHOULD",
    security: true,
    text: "SUBSCRIBE to a pattern, or to what is below a room, hears no room.",
    source: "C7",
    negative: true,
  },
  "aliases.malformed-disturbs-nobody": {
    level: "MUST",
    text: "SEND of malformed JSON, of wrong types or without fields is delivered to nobody, and the others go on.",
    source: "C5",
    negative: true,
  },
  "aliases.unstored-is-not-silence": {
    level: "SHOULD",
    text: "A message of 10,000 characters is heard, or its sender hears that it was refused.",
    source: "Gateway chat, defects",
  },
  "aliases.any-origin": {
    level: "MUST",
    text: "Pages of any origin are let in: by SockJS's info, and by a WebSocket.",
    source: "Gateway chat, endpoint",
  },
  "aliases.native-at-chat": {
    level: "house",
    text: "/chat itself is a WebSocket that speaks STOMP.",
    source: "Gateway chat, endpoint",
  },
  "aliases.raw-and-stomp-are-one-room": {
    level: "house",
    text: "What is said in a raw room is heard by the room's subscribers, and the other way round, once.",
    source: "Gateway chat, ours",
    features: ["raw-websocket"],
  },
} as const satisfies Area<"aliases">;
