// Redis chat: what is said on a topic, by whom, and the history of it. Source: the Redis chat contract, "STOMP" and
// "defects seen".

import type { Area } from "../clause.ts";

export const topics = {
  "topics.message-is-whole": {
    level: "SHOULD",
    text: "A MESSAGE is a JSON object with the room's id as a number, the message and the sender's email address.",
    source: "Redis chat, STOMP",
  },
  "topics.app-is-an-alias": {
    level: "house",
    text: "SEND to /app/{roomId} is SEND to /publish/{roomId}.",
    source: "Redis chat, STOMP",
  },
  "topics.sender-is-the-session": {
    level: "SHOULD",
    security: true,
    text: "Nobody is heard, or stored, under another member's email address, whatever senderEmail says.",
    source: "Redis chat, hardening",
    negative: true,
  },
  "topics.room-is-the-destination": {
    level: "SHOULD",
    text: "Which room a message is for is said by the destination, whatever roomId the body has, or has not.",
    source: "Redis chat, defects",
  },
  "topics.clients-write-to-none": {
    level: "SHOULD",
    security: true,
    text: "A client's SEND to /topic/** is neither stored nor delivered.",
    source: "Redis chat, hardening",
    negative: true,
  },
  "topics.patterns-hear-nothing": {
    level: "SHOULD",
    security: true,
    text: "SUBSCRIBE to /topic/*, /topic/** or below a room's topic hears nothing.",
    source: "Redis chat, hardening",
    negative: true,
  },
  "topics.stranger-is-sent-away": {
    level: "SHOULD",
    text: "SUBSCRIBE to a room that one is not in is answered with ERROR, a close, or both.",
    source: "Redis chat, STOMP",
    negative: true,
  },
  "topics.malformed-disturbs-nobody": {
    level: "SHOULD",
    text: "SEND of malformed JSON, or without a message, reaches nobody, and the others go on.",
    source: "Redis chat, STOMP",
    negative: true,
  },
  "topics.too-long-is-not-silence": {
    level: "house",
    text: "A message that is too long is refused with ERROR or on /user/queue/errors, and reaches nobody.",
    source: "Redis chat, defects",
    negative: true,
  },
  "topics.history-oldest-first": {
    level: "SHOULD",
    text: "GET /chat/history/{roomId} is all of the room's messages, oldest first, each with its sender's email address.",
    source: "Redis chat, REST",
  },
  "topics.history-is-for-participants": {
    level: "SHOULD",
    security: true,
    text: "The history of a room that one is not in is refused.",
    source: "Redis chat, errors",
    negative: true,
  },
} as const satisfies Area<"topics">;
