// The WebSocket below a system's messages, as octets: the handshake, control frames, fragments, and how it ends. Source:
// RFC 6455; obligations WSK. What ends a connection may do so with a close frame of any code, or without one.

import type { Area } from "../clause.ts";

export const websocket = {
  "websocket.other-versions-are-refused": {
    level: "SHOULD",
    text: "A handshake for a version that nobody knows is answered 4xx, with Sec-WebSocket-Version naming 13.",
    source: "WSK-02",
    negative: true,
  },
  "websocket.half-handshakes-are-refused": {
    level: "SHOULD",
    text: "A handshake without its key, without Upgrade, or by POST is upgraded to nothing.",
    source: "WSK-03",
    negative: true,
  },
  "websocket.pings-are-answered": {
    level: "SHOULD",
    text: "A ping is answered by a pong with its payload, between the fragments of a message, too.",
    source: "WSK-09",
  },
  "websocket.pongs-are-ignored": {
    level: "SHOULD",
    text: "A pong that nobody asked for changes nothing.",
    source: "WSK-10",
  },
  "websocket.fragments-are-put-together": {
    level: "SHOULD",
    text: "A text in fragments, cut inside a character and with pings between them, is read as one that came whole.",
    source: "WSK-11",
  },
  "websocket.unmasked-frames-end-it": {
    level: "SHOULD",
    text: "A frame of a client that is not masked ends the connection, and no other.",
    source: "WSK-07",
    negative: true,
  },
  "websocket.malformed-frames-end-it": {
    level: "SHOULD",
    text: "A control frame that is too long or in pieces, a reserved bit, an unknown opcode, or a continuation of nothing ends the connection, and no other.",
    source: "WSK-12",
    negative: true,
  },
  "websocket.texts-are-utf-8": {
    level: "SHOULD",
    text: "A text that is no UTF-8, whole or in fragments, ends the connection, and no other.",
    source: "WSK-13",
    negative: true,
  },
  "websocket.codes-for-nobody": {
    level: "SHOULD",
    text: "A close frame that nobody may send ends the connection and no other, and its code does not come back.",
    source: "WSK-15",
    negative: true,
  },
  "websocket.nothing-after-the-close": {
    level: "SHOULD",
    text: "Behind its close frame the server sends no data, whoever closes, and whatever is said meanwhile.",
    source: "WSK-16",
    negative: true,
    features: ["stomp", "text"],
  },
} as const satisfies Area<"websocket">;
