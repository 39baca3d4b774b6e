// What are shared clauses worth where the description of the study rooms is silent, or leaves it to our build ([P])? By
// clause or by area. Source: the study-room contract, "SSE", "contract additions".

import type { Level } from "../clause.ts";

export const levels: Readonly<Record<string, Level>> = {
  replay: "house",
  "sse.events-have-ids": "house",
  "sse.ping-has-the-cursor": "house",
  // Ids and resuming are additions of this contract wherever they are looked at.
  "fanout.event-ids-are-equal": "house",
  "fanout.replay-on-the-other-instance": "house",
  "witness.eventsource-resumes": "house",
  "witness.browser-eventsource": "house",
  // Nobody says that a logout ends more than the cookies.
  "fanout.logout-reaches-all": "SHOULD",
  // Who is no member is asked for nowhere: not by the history, nor of who hears the news.
  "rooms.strangers-read-no-history": "SHOULD",
  "rooms.strangers-hear-no-event": "SHOULD",
};
