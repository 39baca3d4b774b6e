// SockJS on /ws: its pages, its transports, and that STOMP means the same over each. Source: the Discodeit contract,
// "STOMP"; obligations SJS, WSK.

import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Area } from "../clause.ts";

export const sockjs = {
  "sockjs.greeting": {
    level: "SHOULD",
    text: "A GET of the SockJS endpoint is answered 200 text/plain with the greeting, and sets no cookie.",
    source: "SJS-01",
  },
  "sockjs.info": {
    level: "MUST",
    text: "A GET of /info below the SockJS endpoint is answered 200 JSON with websocket, cookie_needed, origins and entropy.",
    source: "STOMP, endpoint; SJS-03",
  },
  "sockjs.info-entropy": {
    level: "SHOULD",
    text: "entropy differs between calls and has 32 bits, with a sign or without.",
    source: "SJS-04",
  },
  "sockjs.info-not-cached": {
    level: "SHOULD",
    text: "The answers of /info and of sessions forbid caching.",
    source: "SJS-33",
  },
  "sockjs.raw-websocket": {
    level: "MUST",
    text: "/websocket below the SockJS endpoint speaks plain WebSocket: STOMP without SockJS frames.",
    source: "STOMP, endpoint; SJS-30",
    features: ["text"],
  },
  "sockjs.native-websocket": {
    level: "house",
    text: "/ws itself speaks plain WebSocket.",
    source: "STOMP, endpoint",
    of: systemNames,
  },
  "sockjs.subprotocol": {
    level: "SHOULD",
    text: "Of the offered STOMP subprotocols one is selected, and none that was not offered.",
    source: "WSK-04, WSK-05",
  },
  "sockjs.over-websocket": {
    level: "MUST",
    text: "STOMP over SockJS's websocket transport connects, subscribes, sends and hears.",
    source: "STOMP, endpoint; SJS-27",
    features: ["text"],
  },
  "sockjs.over-xhr-streaming": {
    level: "MUST",
    text: "STOMP over xhr-streaming connects, subscribes, sends and hears, exactly once.",
    source: "STOMP, endpoint; SJS-44",
    features: ["text"],
  },
  "sockjs.over-xhr-polling": {
    level: "MUST",
    text: "STOMP over xhr-polling connects, subscribes, sends and hears, exactly once.",
    source: "STOMP, endpoint; SJS-44, SJS-10, SJS-11, SJS-12",
    features: ["text"],
  },
  "sockjs.streaming-limit": {
    level: "SHOULD",
    text: "Nothing is lost or doubled when a streaming response reaches its limit.",
    source: "SJS-23",
    features: ["text"],
  },
  "sockjs.polls-queue": {
    level: "SHOULD",
    text: "What is published between two polls comes with the next, once and in order.",
    source: "SJS-39",
    features: ["text"],
  },
  "sockjs.one-receiver": {
    level: "SHOULD",
    text: "A second receiving request of one session gets c[2010,…]; the first goes on.",
    source: "SJS-19",
  },
  "sockjs.unknown-session-is-404": {
    level: "SHOULD",
    text: "xhr_send to an unknown session is answered 404.",
    source: "SJS-13",
    negative: true,
  },
  "sockjs.bad-body": {
    level: "SHOULD",
    text: "xhr_send of broken JSON or of nothing is answered 500, and the session goes on.",
    source: "SJS-14",
    negative: true,
  },
  "sockjs.unknown-paths-are-404": {
    level: "SHOULD",
    text: "Unknown paths below the SockJS endpoint are answered 404.",
    source: "SJS-02, SJS-08",
    negative: true,
  },
  "sockjs.refusal-closes": {
    level: "SHOULD",
    text: "A refused CONNECT over xhr-streaming ends in ERROR and a close frame.",
    source: "SJS-20, SJS-43",
    needs: ["open-handshake"],
    negative: true,
    features: ["credential"],
  },
  "sockjs.heart-beats-are-borne": {
    level: "SHOULD",
    text: "A heart-beat that a client sends over SockJS's websocket is no message: the session goes on.",
    source: "STS-12, STS-16, SJS-27",
    features: ["text"],
  },
  "sockjs.heart-beats-flow": {
    level: "SHOULD",
    text: "Heart-beats that the server promised come over SockJS's websocket, too.",
    source: "STS-12, STS-16, SJS-27",
    needs: ["patience"],
  },
  "sockjs.idle-session-ends": {
    level: "SHOULD",
    text: "A session without a receiving connection ends after 5 to 15 s.",
    source: "SJS-17",
    needs: ["patience"],
  },
} as const satisfies Area<"sockjs">;
