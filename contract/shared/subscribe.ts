// STOMP SUBSCRIBE: what may be heard, what not, ids and receipts. Source: the Discodeit contract, "STOMP"; obligations
// SUB, SEC.

import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Area } from "../clause.ts";

export const subscribe = {
  "subscribe.hears-the-channel": {
    level: "MUST",
    text: "A subscriber of a room's destination hears each message of that room as it was said, in JSON.",
    source: "STOMP, receive",
  },
  "subscribe.exactly-once": {
    level: "MUST",
    text: "Each subscription gets one copy of each message, and no second one.",
    source: "C1",
  },
  "subscribe.other-rooms-are-silent": {
    level: "MUST",
    text: "A subscriber of another room hears nothing.",
    source: "C2",
    negative: true,
  },
  "subscribe.two-ids-two-copies": {
    level: "MUST",
    text: "Two subscriptions on one connection get one copy each, labelled with their own id.",
    source: "C9, SUB-12",
  },
  "subscribe.unsubscribe-one": {
    level: "MUST",
    text: "UNSUBSCRIBE ends that subscription and leaves the other.",
    source: "C9, SUB-13",
    negative: true,
  },
  "subscribe.message-headers": {
    level: "SHOULD",
    text: "MESSAGE carries subscription, destination and a message-id unique within the connection.",
    source: "SUB-03, SUB-04, SUB-05",
  },
  "subscribe.content-type": {
    level: "SHOULD",
    text: "MESSAGE carries content-type application/json and content-length in octets.",
    source: "STF-14, SUB-07",
    of: systemNames,
  },
  "subscribe.receipt-means-live": {
    level: "house",
    text: "SUBSCRIBE with receipt is answered with RECEIPT, and what is published after it is heard.",
    source: "STOMP, receipts",
    needs: ["receipts"],
  },
  "subscribe.as-admin": {
    level: "MUST",
    text: "An ADMIN may subscribe and send, by role hierarchy.",
    source: "STOMP, authorization",
    needs: ["admin"],
    of: systemNames,
  },
  "subscribe.private-by-stranger": {
    level: "SHOULD",
    security: true,
    promised: true,
    text: "A stranger that subscribes to a private room hears nothing of it.",
    source: "REST, private channels",
    negative: true,
    features: ["membership"],
  },
  "subscribe.strangers-are-refused": {
    level: "SHOULD",
    security: true,
    text: "A stranger's SUBSCRIBE to a private room is refused.",
    source: "REST, private channels",
    negative: true,
    features: ["membership"],
  },
  "subscribe.unauthenticated-hears-nothing": {
    level: "MUST",
    security: true,
    text: "A connection without a valid credential can subscribe to nothing.",
    source: "STOMP, CONNECT",
    negative: true,
    features: ["credential"],
  },
  "subscribe.patterns-are-refused": {
    level: "SHOULD",
    security: true,
    text: "Pattern subscriptions (/sub/**, /sub/channels.*.messages) hear no channel and are refused with ERROR.",
    source: "STOMP, everything else; C7",
    negative: true,
    of: systemNames,
  },
  "subscribe.other-destinations-are-refused": {
    level: "SHOULD",
    security: true,
    text: "SUBSCRIBE to any other destination is refused with ERROR, then close.",
    source: "STOMP, everything else; SUB-25",
    negative: true,
    of: systemNames,
  },
  "subscribe.malformed-channel-id": {
    level: "SHOULD",
    security: true,
    text: "SUBSCRIBE to a channel whose id is no UUID, or with a sub-path, is refused with ERROR.",
    source: "C7",
    negative: true,
    of: systemNames,
  },
  "subscribe.error-queue-is-private": {
    level: "SHOULD",
    security: true,
    text: "/user/queue/errors of one user is heard by nobody else.",
    source: "STOMP, invalid payload; SEC-11",
    negative: true,
    of: systemNames,
  },
  "subscribe.without-id-or-destination": {
    level: "house",
    text: "SUBSCRIBE without id (1.2) or destination gets ERROR, then close.",
    source: "SUB-01",
    negative: true,
  },
  "subscribe.id-is-per-connection": {
    level: "MUST",
    text: "The same subscription id on two connections belongs to each alone.",
    source: "SUB-09",
  },
  "subscribe.live-id-again": {
    level: "SHOULD",
    text: "Re-using a live subscription id leaves no ghost: the destination it named first or last is heard at most once.",
    source: "SUB-10, SUB-11",
  },
  "subscribe.gone-with-the-connection": {
    level: "MUST",
    text: "A reconnect begins without subscriptions; history fills the gap, and the next live message comes once.",
    source: "C8, SUB-08, SUB-29",
  },
  "subscribe.limit": {
    level: "house",
    text: "Subscriptions per connection are limited, with ERROR at the limit (at most 1,000).",
    source: "SEC-33",
    negative: true,
    of: systemNames,
  },
  "subscribe.ack-modes-are-refused": {
    level: "house",
    text: "SUBSCRIBE with an ack mode that is not served gets ERROR instead of a quiet downgrade.",
    source: "SUB-20",
    negative: true,
    of: systemNames,
  },
} as const satisfies Area<"subscribe">;
