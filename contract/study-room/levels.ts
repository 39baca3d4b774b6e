// What are shared clauses worth where the description of the study rooms is silent, or leaves it to our build ([P])? By
// clause or by area. Source: the study-room contract, "SSE", "contract additions".

import type { Level } from "../clause.ts";

export const levels: Readonly<Record<string, Level>> = {
  replay: "house",
  "sse.events-have-ids": "house",
  "sse.ping-has-the-cursor": "house",
};
