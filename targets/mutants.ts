// The mutants of the reference server, by area. Each must turn the clauses in `red` red.

import { patch, type Mutant } from "./faulty.ts";

export const mutants: readonly Mutant[] = [
  {
    id: "subscribe-message-without-destination",
    what: "MESSAGE names another destination",
    patches: [patch("server/realtime/broker.ts", 'encodeFrame("MESSAGE", headers, body)', 'encodeFrame("MESSAGE", { ...headers, destination: "/sub/x" }, body)')],
    red: ["subscribe.message-headers"],
  },
];
