// Redis chat on one or more servers: what Redis carries, and what servers with one Redis have in common. Source: the
// Redis chat contract, "Redis fan-out" and "unread".

import type { Area } from "../clause.ts";

export const relay = {
  "relay.published-once": {
    level: "MUST",
    text: "A message is published on the Redis channel chat once, as JSON with its room's id and the message.",
    source: "Redis chat, fan-out",
    needs: ["redis-tap"],
  },
  "relay.by-hand-is-heard": {
    level: "SHOULD",
    text: "What somebody else publishes on chat is heard in its room, on each server once.",
    source: "Redis chat, fan-out",
    needs: ["redis-tap"],
  },
  "relay.by-hand-is-not-stored": {
    level: "SHOULD",
    text: "What somebody else publishes on chat is delivered and not stored.",
    source: "Redis chat, fan-out",
    needs: ["redis-tap"],
    negative: true,
  },
  "relay.no-message-harms-nobody": {
    level: "SHOULD",
    text: "What is published on chat and is no message is passed over, and the next message is heard.",
    source: "Redis chat, fan-out",
    needs: ["redis-tap"],
    negative: true,
  },
  "relay.history-is-one": {
    level: "SHOULD",
    text: "The history of a room is the same on each server, whichever took a message.",
    source: "Redis chat, fan-out",
    needs: ["two-instances"],
  },
  "relay.unread-crosses": {
    level: "SHOULD",
    text: "A message that one server took is unread for a member who is on another, and is read there for both.",
    source: "Redis chat, unread",
    needs: ["two-instances"],
  },
} as const satisfies Area<"relay">;
