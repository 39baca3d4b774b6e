// Redis chat: group rooms and private ones, who is in them, and what they say of themselves. Source: the Redis chat
// contract, "REST".

import type { Area } from "../clause.ts";

export const circles = {
  "circles.creator-is-in": {
    level: "SHOULD",
    text: "Whoever creates a group room is in it: it is among their rooms, with isGroupChat Y and unReadCount 0.",
    source: "Redis chat, rooms",
  },
  "circles.list-holds-groups-alone": {
    level: "SHOULD",
    text: "GET /chat/room/group/list holds every group room and no private one.",
    source: "Redis chat, rooms",
  },
  "circles.join-again-is-fine": {
    level: "SHOULD",
    text: "Joining a room a second time, or several times at once, succeeds and changes nothing.",
    source: "Redis chat, rooms",
  },
  "circles.last-leaver-deletes": {
    level: "SHOULD",
    text: "A group room is there until its last participant has left, and then it is gone.",
    source: "Redis chat, rooms",
  },
  "circles.leaver-hears-nothing": {
    level: "SHOULD",
    security: true,
    text: "Who left a room hears nothing more of it on a subscription that goes on.",
    source: "Redis chat, hardening",
    negative: true,
  },
  "circles.private-is-one-for-two": {
    level: "SHOULD",
    text: "POST /chat/room/private/create gives the same id to both members, however often they ask.",
    source: "Redis chat, rooms",
  },
  "circles.private-is-made-once": {
    level: "SHOULD",
    text: "Asked for by both members at once, a private room is made once, and both are in it.",
    source: "Redis chat, rooms",
  },
  "circles.private-has-its-name": {
    level: "SHOULD",
    text: "A private room is called {creator}-{other} by both, with isGroupChat N.",
    source: "Redis chat, rooms",
  },
  "circles.private-is-no-group": {
    level: "SHOULD",
    security: true,
    text: "A stranger cannot join a private room as if it was a group.",
    source: "Redis chat, errors",
    negative: true,
  },
  "circles.private-stays": {
    level: "house",
    text: "Leaving a private room is answered 400, and both members stay in it.",
    source: "Redis chat, errors",
    negative: true,
  },
  "circles.nobody-alone": {
    level: "house",
    text: "A private room with oneself is answered 400.",
    source: "Redis chat, errors",
    negative: true,
  },
} as const satisfies Area<"circles">;
