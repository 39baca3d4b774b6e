// What are shared clauses worth on any event stream? The specification's MUST is MUST here; that something is sent
// again is MUST where it is promised; how a stream of our own says that it cannot is ours. Source: the page on event
// streams.

import type { Level } from "../clause.ts";

export const levels: Readonly<Record<string, Level>> = {
  // Guarding a stream, and one way of asking for what was missed, are good practice.
  "sse.needs-a-token": "SHOULD",
  "replay.by-query": "SHOULD",
  "replay.unknown-id-is-reported": "house",
  "replay.malformed-id-is-reported": "house",
  // Nobody says that there is more than one server.
  "fanout.events-cross": "SHOULD",
};
