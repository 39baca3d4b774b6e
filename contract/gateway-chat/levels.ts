// What are shared clauses worth where the description of the gateway chat does not say it? By clause or by area. Source:
// the gateway chat contract, "the description says".

import type { Level } from "../clause.ts";

export const levels: Readonly<Record<string, Level>> = {
  // Sessions are kept in memory: nobody says that there is more than one server.
  "fanout.stomp-crosses": "SHOULD",
  "raw.crosses": "SHOULD",
};
