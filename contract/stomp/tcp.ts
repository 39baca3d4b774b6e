// STOMP over plain TCP: the same broker, without WebSocket. Source: STOMP 1.2 "STOMP Frames"; the STOMP contract.

import type { Area } from "../clause.ts";

export const tcp = {
  "tcp.connects-and-hears": {
    level: "MUST",
    text: "Over plain TCP one connects, subscribes, sends and hears.",
    source: "STOMP broker, TCP",
    needs: ["tcp"],
  },
  "tcp.is-the-same-broker": {
    level: "SHOULD",
    text: "What is sent over TCP is heard over WebSocket, and the other way round, once.",
    source: "STOMP broker, TCP",
    needs: ["tcp"],
  },
  "tcp.in-pieces": {
    level: "MUST",
    text: "A frame that comes byte by byte is read as one that comes whole.",
    source: "STF-01",
    needs: ["tcp"],
  },
  "tcp.several-at-once": {
    level: "MUST",
    text: "Frames that come in one piece, with line ends between them, are all processed, in order.",
    source: "STF-03, STF-24",
    needs: ["tcp"],
  },
  "tcp.error-then-close": {
    level: "MUST",
    text: "After an ERROR the server closes the connection.",
    source: "STS-22",
    needs: ["tcp"],
    negative: true,
  },
  "tcp.strangers-are-refused": {
    level: "SHOULD",
    security: true,
    text: "Over TCP, too, nobody connects without a credential.",
    source: "STOMP broker, users",
    needs: ["tcp"],
    features: ["credential"],
    negative: true,
  },
} as const satisfies Area<"tcp">;
