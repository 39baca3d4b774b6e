// What are shared clauses worth where the description of the gateway chat does not say it? By clause or by area.
// Source: the gateway chat contract, "the description says".

import type { Level } from "../clause.ts";

export const levels: Readonly<Record<string, Level>> = {
  // Sessions are kept in memory: nobody says that there is more than one server.
  "fanout.stomp-crosses": "SHOULD",
  "raw.crosses": "SHOULD",
};

/** Nor that anybody needs a token: that is what public servers of the kind came to. */
export const levelsOfSecureMode: Readonly<Record<string, Level>> = {
  ...levels,
  "connect.with-a-token": "SHOULD",
  "connect.without-a-token": "SHOULD",
  "connect.with-a-bad-token": "SHOULD",
  "subscribe.unauthenticated-hears-nothing": "SHOULD",
};
