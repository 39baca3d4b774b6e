// What a broker hands on: the headers and the body of a SEND, as they were. Source: STOMP 1.2; obligations STF, SND.

import type { Area } from "../clause.ts";

export const payload = {
  "payload.headers-arrive": {
    level: "MUST",
    text: "User-defined headers of a SEND are in its MESSAGE.",
    source: "SND-04",
  },
  "payload.escapes-in-headers": {
    level: "MUST",
    text: "Colon, backslash and line ends in header names and values come back as they were sent.",
    source: "STF-05, STF-06",
  },
  "payload.empty-header-arrives": {
    level: "MUST",
    text: "A header with an empty value arrives with an empty value.",
    source: "STF-20",
  },
  "payload.headers-are-not-trimmed": {
    level: "MUST",
    text: "Spaces around a header's value arrive as they were sent.",
    source: "STF-04",
  },
  "payload.first-of-repeated-counts": {
    level: "SHOULD",
    text: "Of repeated destination headers the first one counts.",
    source: "STF-16",
    negative: true,
  },
  "payload.body-is-unchanged": {
    level: "MUST",
    text: "A body arrives as it was sent: empty, of spaces, with line ends around it, with a NUL in it, in any script.",
    source: "SND-05, STF-10, STF-30, STF-18, STF-28",
  },
  "payload.content-type-passes": {
    level: "SHOULD",
    text: "The content-type of a SEND is its MESSAGE's.",
    source: "SUB-07",
  },
  "payload.labels-are-the-servers": {
    level: "SHOULD",
    text: "A message-id and a subscription in a SEND do not become its MESSAGE's.",
    source: "SUB-06",
    negative: true,
  },
  "payload.near-misses-hear-nothing": {
    level: "SHOULD",
    text: "A destination in another case, or with something behind it, is another one.",
    source: "SUB-21",
    negative: true,
  },
} as const satisfies Area<"payload">;
