// SockJS's URLs and transports where STOMP does not look: methods, content types, and sends of nothing. Source:
// sockjs-protocol 0.3.3; obligations SJS.

import type { Area } from "../clause.ts";

export const transports = {
  "transports.any-content-type": {
    level: "SHOULD",
    text: "What xhr_send brings is read whatever content type it names, or none.",
    source: "SJS-15",
  },
  "transports.empty-array-is-nothing": {
    level: "SHOULD",
    text: "xhr_send of an empty array is answered 204, and the session goes on.",
    source: "SJS-16",
  },
  "transports.streaming-prelude": {
    level: "SHOULD",
    text: "xhr_streaming begins with 2,048 letters h, and then comes o, each in a line of its own.",
    source: "SJS-22",
  },
  "transports.odd-characters-are-escaped": {
    level: "SHOULD",
    text: "Characters that some browsers lose, such as U+200C and U+2028, come back as they were sent, and escaped.",
    source: "SJS-38",
    features: ["text"],
  },
  "transports.nothing-over-websocket": {
    level: "SHOULD",
    text: "Over SockJS's websocket an empty message and an empty array are nothing, and the session goes on.",
    source: "SJS-28",
  },
  "transports.broken-json-ends-it": {
    level: "SHOULD",
    text: "Over SockJS's websocket broken JSON ends the connection.",
    source: "SJS-28",
    negative: true,
  },
  "transports.sockets-share-nothing": {
    level: "house",
    text: "Two SockJS websockets with the same session segment are two sessions.",
    source: "SJS-29",
    features: ["text"],
  },
  "transports.websocket-wants-an-upgrade": {
    level: "SHOULD",
    text: "The URL of SockJS's websocket answers a GET without an upgrade, and a POST, with 4xx.",
    source: "SJS-31",
    negative: true,
  },
  "transports.other-methods-are-405": {
    level: "SHOULD",
    text: "A GET of xhr and a PUT to xhr_send are answered 405, with Allow naming POST.",
    source: "SJS-32",
    negative: true,
  },
} as const satisfies Area<"transports">;
