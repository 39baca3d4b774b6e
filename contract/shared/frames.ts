// STOMP framing as bytes: pieces, several in one message, escapes, lengths, limits. Source: obligations STF.

import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Area } from "../clause.ts";

export const frames = {
  "frames.grammar": {
    level: "SHOULD",
    text: "Every frame the server sends parses under the STOMP grammar.",
    source: "STF-01",
  },
  "frames.crlf": { level: "SHOULD", text: "Lines ended by CR LF are read as those ended by LF.", source: "STF-02" },
  "frames.eols-between": {
    level: "SHOULD",
    text: "Line ends between frames are skipped, in any number.",
    source: "STF-03",
  },
  "frames.several-in-one-message": {
    level: "SHOULD",
    text: "Several frames in one WebSocket message are all processed, in order.",
    source: "STF-24, STF-12",
  },
  "frames.in-pieces": {
    level: "SHOULD",
    text: "A frame spread over several WebSocket messages is reassembled.",
    source: "STF-23",
  },
  "frames.content-length": {
    level: "SHOULD",
    text: "content-length counts octets: a body with multi-byte text arrives whole.",
    source: "STF-10, STF-13",
  },
  "frames.escapes-in-ids": {
    level: "SHOULD",
    text: "Escapes in a subscription id are decoded and come back encoded.",
    source: "STF-05, STF-06, SUB-03",
  },
  "frames.undefined-escape": {
    level: "SHOULD",
    text: "An undefined escape gets ERROR, then close.",
    source: "STF-07",
    negative: true,
  },
  "frames.malformed-header": {
    level: "SHOULD",
    text: "A header line without a colon gets ERROR, then close.",
    source: "STF-19",
    negative: true,
  },
  "frames.unknown-command": {
    level: "SHOULD",
    text: "An unknown or lower-case command gets ERROR, then close.",
    source: "STS-25, STF-17",
    negative: true,
  },
  "frames.receipt-for-every-frame": {
    level: "house",
    text: "SUBSCRIBE, SEND, UNSUBSCRIBE and DISCONNECT with receipt are each answered with one RECEIPT.",
    source: "STS-18, STS-19",
    needs: ["receipts"],
  },
  "frames.error-has-the-receipt-id": {
    level: "SHOULD",
    text: "ERROR for a frame with receipt carries it as receipt-id, and no RECEIPT comes.",
    source: "STS-23",
    needs: ["receipts"],
    negative: true,
    of: systemNames,
  },
  "frames.nothing-after-an-error": {
    level: "SHOULD",
    text: "After ERROR nothing further of that connection is acted on, not even frames of the same WebSocket message.",
    source: "STF-29",
    negative: true,
  },
  "frames.size-limit": {
    level: "house",
    text: "A frame of 1 MiB gets ERROR or close 1009, and others are unaffected.",
    source: "STF-26, SND-06",
    negative: true,
    of: systemNames,
  },
  "frames.header-limit": {
    level: "house",
    text: "1,000 headers in one frame get ERROR and close.",
    source: "STF-26",
    negative: true,
    of: systemNames,
  },
  "frames.binary-messages": {
    level: "SHOULD",
    text: "Frames in binary WebSocket messages are treated like those in text messages.",
    source: "STF-27",
  },
} as const satisfies Area<"frames">;
