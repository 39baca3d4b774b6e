// What are shared clauses worth on a STOMP broker? What the specification demands is a MUST here, and what a
// Discodeit's description demands beyond it is good practice. By clause or by area. Source: the STOMP contract;
// obligations STF, STS, SUB, SND, SJS.

import type { Level } from "../clause.ts";

const all = (level: Level, ids: string): [string, Level][] => ids.split(" ").map((id) => [id, level]);

export const levels: Readonly<Record<string, Level>> = Object.fromEntries([
  ...all(
    "MUST",
    "frames.grammar frames.crlf frames.eols-between frames.content-length frames.escapes-in-ids frames.undefined-escape",
  ),
  ...all("MUST", "frames.malformed-header frames.receipt-for-every-frame"),
  ...all("MUST", "connect.highest-common-version connect.no-common-version connect.heart-beats-flow"),
  ...all("MUST", "connect.no-heart-beats-unasked connect.disconnect-receipt subscribe.message-headers"),
  ...all("MUST", "subscribe.without-id-or-destination send.without-destination"),
  ...all("MUST", "sockjs.greeting sockjs.info-entropy sockjs.info-not-cached sockjs.streaming-limit"),
  ...all("MUST", "sockjs.one-receiver sockjs.unknown-session-is-404 sockjs.bad-body sockjs.unknown-paths-are-404"),
  ...all("MUST", "sockjs.idle-session-ends sockjs.heart-beats-are-borne sockjs.heart-beats-flow"),
  ...all("MUST", "strict.body-ends-where-it-says strict.body-is-no-frame strict.receipts-are-escaped"),
  ...all("MUST", "strict.no-heart-beat-header strict.any-data-is-a-sign"),
  ["websocket", "MUST"],
  ["transports", "MUST"],
  // Spring's sessions are known by this segment.
  ["transports.sockets-share-nothing", "SHOULD"],
  // Whom it lets in is the broker's own configuration.
  ...all("SHOULD", "connect.without-a-token connect.with-a-bad-token subscribe.unauthenticated-hears-nothing"),
  ...all("SHOULD", "send.slow-reader-delays-nobody send.connections-leave-nothing"),
]);
