// The octets of an event stream: what clients would read as something else, or not at all. Source: the HTML standard,
// server-sent events; obligations SSE.

import type { Area } from "../clause.ts";

export const lines = {
  "lines.are-utf-8": {
    level: "MUST",
    text: "A stream is UTF-8.",
    source: "SSE-07",
  },
  "lines.no-mark-inside": {
    level: "MUST",
    text: "A byte order mark begins no line but the first: clients would take it for a part of a field's name.",
    source: "SSE-07",
  },
  "lines.retry-is-digits": {
    level: "MUST",
    text: "A field retry has digits alone.",
    source: "SSE-16",
  },
  "lines.ids-have-no-nul": {
    level: "MUST",
    text: "No id holds NUL: clients would not go on from it.",
    source: "SSE-13",
  },
  "lines.ids-fit-a-header": {
    level: "SHOULD",
    text: "Ids are printable ASCII, so that every client can send them back in a header.",
    source: "SSE-13",
  },
  "lines.ids-come-with-data": {
    level: "SHOULD",
    text: "An id comes with data: without any, some clients note it and others do not.",
    source: "SSE-21",
  },
} as const satisfies Area<"lines">;
