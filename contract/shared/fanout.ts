// Fan-out: what one instance accepts, every instance delivers. Source: the Discodeit contract, "Fan-out across
// instances"; obligations DLV.

import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Area } from "../clause.ts";

export const fanout = {
  "fanout.stomp-crosses": {
    level: "MUST",
    text: "A message sent on one instance is heard by STOMP subscribers on the other, once, in both directions.",
    source: "Fan-out; DLV-10",
    needs: ["two-instances"],
    features: ["stomp", "send"],
  },
  "fanout.rest-crosses": {
    level: "MUST",
    text: "A message posted to one instance is heard by STOMP subscribers on the other, once, in both directions.",
    source: "Fan-out; DLV-10",
    needs: ["two-instances"],
    features: ["stomp", "post"],
  },
  "fanout.events-cross": {
    level: "MUST",
    text: "An event made on one instance is heard on the streams of the other, once, in both directions.",
    source: "Fan-out; DLV-10",
    needs: ["two-instances"],
    features: ["events"],
  },
  "fanout.event-ids-are-equal": {
    level: "SHOULD",
    text: "An event has the same id on every instance.",
    source: "SSE; DLV-08",
    needs: ["two-instances"],
    features: ["events", "replay"],
  },
  "fanout.notifications-once": {
    level: "MUST",
    text: "With two instances a message makes one notification per receiver, heard once on either instance.",
    source: "Fan-out; DLV-11",
    needs: ["two-instances"],
    of: systemNames,
  },
  "fanout.tokens-are-good-on-all": {
    level: "MUST",
    text: "A token of one instance is good on the other: REST, STOMP and SSE.",
    source: "Fan-out",
    needs: ["two-instances"],
    features: ["stomp", "credential", "events"],
  },
  "fanout.logout-reaches-all": {
    level: "MUST",
    security: true,
    text: "A login that ended on one instance is refused on the other.",
    source: "Fan-out",
    needs: ["two-instances"],
    features: ["stomp", "log-out"],
  },
  "fanout.logout-ends-connections-elsewhere": {
    level: "SHOULD",
    security: true,
    text: "Connections on the other instance end within 5 s of a logout.",
    source: "REST, rules, live connection",
    needs: ["two-instances"],
    features: ["stomp", "log-out", "events"],
  },
  "fanout.order-across-instances": {
    level: "SHOULD",
    promised: true,
    text: "Messages sent to one room through both instances have one order at all subscribers and in the history.",
    source: "STOMP, order; DLV-13",
    needs: ["two-instances"],
    features: ["stomp", "order-per-room"],
  },
  "fanout.presence-crosses": {
    level: "house",
    text: "A user connected to one instance is online on the other.",
    source: "REST, online",
    needs: ["two-instances"],
    of: systemNames,
  },
  "fanout.replay-on-the-other-instance": {
    level: "SHOULD",
    text: "A stream cut on one instance resumes on the other: exactly the missing events, once, in order.",
    source: "SSE, resume; REP-11",
    needs: ["two-instances"],
    features: ["events", "replay"],
  },
  "fanout.one-record-per-message": {
    level: "house",
    text: "While nothing fails, a message is one record on the topic, keyed by the channel's id.",
    source: "Fan-out, ours",
    needs: ["kafka-tap"],
    of: systemNames,
  },
  "fanout.topic-order-is-history": {
    level: "house",
    text: "The order of a channel's records on the topic is the order of the history.",
    source: "Fan-out, ours",
    needs: ["kafka-tap"],
    of: systemNames,
  },
  "fanout.refused-is-not-published": {
    level: "house",
    text: "A refused message leaves no record on the topic.",
    source: "DLV-05",
    needs: ["kafka-tap"],
    negative: true,
    of: systemNames,
  },
} as const satisfies Area<"fanout">;
