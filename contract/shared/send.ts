// STOMP SEND and delivery: what is stored and heard, in which order, and what is not. Source: the Discodeit contract,
// "STOMP"; obligations SND, DLV.

import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Area } from "../clause.ts";

export const send = {
  "send.stores-and-delivers": {
    level: "MUST",
    text: "SEND to a room, without a content-type, delivers the message to the room's subscribers, and stores it where there is a history.",
    source: "STOMP, send",
  },
  "send.rest-is-delivered-too": {
    level: "MUST",
    text: "A message that is posted by REST is delivered to STOMP subscribers once.",
    source: "STOMP, delivered for",
    features: ["post"],
  },
  "send.author-hears-itself": {
    level: "MUST",
    text: "The author hears its own message exactly if it is subscribed.",
    source: "SND-08",
  },
  "send.receipt-means-committed": {
    level: "house",
    text: "SEND with receipt is answered with RECEIPT after the commit: the history has the message.",
    source: "STOMP, receipts",
    needs: ["receipts"],
    features: ["history"],
  },
  "send.unknown-channel": {
    level: "MUST",
    text: "SEND to an unknown channel or a malformed id is neither stored nor delivered, and the connection stays.",
    source: "STOMP, invalid payload",
    negative: true,
    of: systemNames,
  },
  "send.bad-json": {
    level: "MUST",
    text: "SEND of malformed JSON, of wrong types or without fields is not delivered, and server and connection go on.",
    source: "STOMP, invalid payload; C5",
    negative: true,
    of: systemNames,
  },
  "send.blank": {
    level: "SHOULD",
    text: "SEND of a blank or over-long content is neither stored nor delivered.",
    source: "STOMP, invalid payload",
    negative: true,
    of: systemNames,
  },
  "send.errors-reach-the-sender": {
    level: "house",
    text: "A refused SEND is told to the sender as an error in JSON on /user/queue/errors.",
    source: "STOMP, invalid payload",
    of: systemNames,
  },
  "send.errors-reach-nobody-else": {
    level: "SHOULD",
    security: true,
    text: "A refused SEND is told to nobody but its sender.",
    source: "STOMP, invalid payload",
    negative: true,
    of: systemNames,
  },
  "send.author-is-the-sender": {
    level: "SHOULD",
    security: true,
    text: "SEND with another user's authorId is refused, and nothing is stored in that user's name.",
    source: "REST, authorId; SND-09",
    negative: true,
    of: systemNames,
  },
  "send.private-by-stranger": {
    level: "SHOULD",
    security: true,
    text: "A stranger's SEND to a private room is neither stored nor delivered.",
    source: "REST, private channels",
    negative: true,
    features: ["membership"],
  },
  "send.to-the-broker-prefix": {
    level: "SHOULD",
    security: true,
    text: "A client's SEND to /sub/** is not delivered and is refused with ERROR, then close.",
    source: "STOMP, everything else; C6",
    negative: true,
    of: systemNames,
  },
  "send.other-application-destination": {
    level: "house",
    text: "SEND to another /pub/** is answered on the error queue, and the connection stays.",
    source: "STOMP, everything else",
    of: systemNames,
  },
  "send.server-commands-are-refused": {
    level: "SHOULD",
    text: "A client's MESSAGE frame has no effect.",
    source: "STS-26, D20",
    negative: true,
  },
  "send.without-destination": {
    level: "house",
    text: "SEND without destination gets ERROR, then close.",
    source: "SND-01",
    negative: true,
  },
  "send.order-one-by-one": {
    level: "MUST",
    text: "Messages of one sender, each sent after the one before came back, arrive in that order at every subscriber and in the history.",
    source: "STOMP, order; C4",
    features: ["order-per-sender"],
  },
  "send.order-of-a-burst": {
    level: "SHOULD",
    text: "A burst of 50 from one sender arrives in sending order at every subscriber and in the history.",
    source: "STOMP, order; C4, SND-07",
    features: ["order-per-sender"],
  },
  "send.one-order-per-channel": {
    level: "SHOULD",
    text: "Messages of several senders have one order for all subscribers, and it is the history's.",
    source: "STOMP, order",
    features: ["order-per-room"],
  },
  "send.burst-is-complete": {
    level: "MUST",
    text: "A burst of 100 messages reaches every subscriber once, none lost.",
    source: "DLV-15",
  },
  "send.survives-the-sender": {
    level: "SHOULD",
    text: "A message is delivered though its sender disconnects right after SEND.",
    source: "DLV-21",
  },
  "send.slow-reader-delays-nobody": {
    level: "MUST",
    text: "A subscriber that stops reading does not delay the others.",
    source: "C12, DLV-16",
  },
  "send.transactions-are-refused": {
    level: "house",
    text: "BEGIN, or SEND in a transaction, gets ERROR where transactions are not served.",
    source: "TXN-08",
    negative: true,
    of: systemNames,
  },
  "send.connections-leave-nothing": {
    level: "MUST",
    text: "After 50 cycles of connect, subscribe and close a message still comes once to a subscriber that stayed.",
    source: "C10, STS-30",
  },
} as const satisfies Area<"send">;
