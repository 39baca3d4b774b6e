// What are shared clauses worth where Discodeit's description decides it (S) and does not find it in the course's text
// (M)? That private channels are for members is such a decision: the field checks it nowhere. That their events are for
// participants is the course's. Source: the Discodeit contract, "Rules".

import type { Level } from "../clause.ts";

export const levels: Readonly<Record<string, Level>> = {
  "rooms.strangers-read-no-history": "SHOULD",
};
