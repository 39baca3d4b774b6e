// An event stream as HTTP has it: what is published is heard, whatever it is, and every other request is answered.
// Source: the page on event streams; obligations SSE and REP.

import type { Area } from "../clause.ts";

export const stream = {
  "stream.published-is-heard": {
    level: "MUST",
    text: "What is published is heard by each of two readers, once.",
    source: "Event streams, publishing",
    features: ["events"],
  },
  "stream.readers-agree": {
    level: "SHOULD",
    text: "An event has the same id, name and data for all readers, who hear it in the same order.",
    source: "Event streams, ids; REP-10",
    features: ["events"],
  },
  "stream.any-text": {
    level: "MUST",
    text: "Text beyond ASCII comes as it was published, and the stream is UTF-8.",
    source: "SSE-07",
    features: ["publish"],
  },
  "stream.several-lines": {
    level: "MUST",
    text: "Data of several lines, parted by LF or CR LF, comes whole, with its empty lines.",
    source: "SSE-09",
    features: ["publish"],
  },
  "stream.leading-space": {
    level: "SHOULD",
    text: "Spaces at the beginning of data are kept.",
    source: "SSE-11",
    features: ["publish"],
  },
  "stream.content-makes-no-event": {
    level: "SHOULD",
    security: true,
    text: "What is published cannot make fields or events of its own, whatever line ends are in it.",
    source: "SSE-10",
    features: ["publish"],
    negative: true,
  },
  "stream.large-event-is-whole": {
    level: "SHOULD",
    text: "An event of 60 KiB that was accepted comes whole.",
    source: "SSE-23",
    features: ["publish"],
  },
  "stream.compressed-comes-at-once": {
    level: "SHOULD",
    text: "To a reader that accepts compression each event comes as promptly as to one that does not.",
    source: "SSE-06",
    features: ["events"],
  },
  "stream.no-length": {
    level: "SHOULD",
    text: "A stream says nothing of its length: it has no Content-Length.",
    source: "SSE-22",
  },
  "stream.unknown-id-is-no-error": {
    level: "SHOULD",
    text: "A stream with a Last-Event-ID that names nothing, or has a form of its own, is opened like any other.",
    source: "REP-07, REP-08",
  },
  "stream.head-is-answered": {
    level: "SHOULD",
    text: "HEAD is answered at once.",
    source: "SSE-25",
  },
  "stream.options-are-answered": {
    level: "SHOULD",
    text: "OPTIONS is answered at once.",
    source: "SSE-25",
  },
  "stream.other-methods-are-refused": {
    level: "SHOULD",
    text: "A method that no stream has, as PATCH, is refused at once.",
    source: "SSE-25",
    negative: true,
  },
  "stream.other-types-are-no-fault": {
    level: "SHOULD",
    text: "Who accepts JSON alone is answered with no fault of the server.",
    source: "SSE-30",
  },
  "stream.other-types-are-406": {
    level: "house",
    text: "Who accepts JSON alone is answered 406.",
    source: "Event streams, ours",
    negative: true,
  },
  "stream.begins-with-retry": {
    level: "house",
    text: "A stream begins with retry: 3000 and a comment.",
    source: "Event streams, ours",
  },
  "stream.publishing-needs-the-token": {
    level: "house",
    security: true,
    text: "Nothing is published without a token or with a bad one.",
    source: "Event streams, ours",
    features: ["credential", "publish"],
    negative: true,
  },
} as const satisfies Area<"stream">;
