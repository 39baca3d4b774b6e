// What are shared clauses worth where the description of the Redis chat does not say it, and public servers of the kind
// do ([R])? By clause or by area. Source: the Redis chat contract, "STOMP".

import type { Level } from "../clause.ts";

export const levels: Readonly<Record<string, Level>> = {
  // That there are tokens is described, and not where they are asked for.
  "connect.without-a-token": "SHOULD",
  "connect.with-a-bad-token": "SHOULD",
  "subscribe.unauthenticated-hears-nothing": "SHOULD",
  // SockJS is what they speak, and not what they are said to.
  "sockjs.info": "SHOULD",
  "sockjs.raw-websocket": "SHOULD",
  "sockjs.over-websocket": "SHOULD",
  "sockjs.over-xhr-streaming": "SHOULD",
  "sockjs.over-xhr-polling": "SHOULD",
  "witness.sockjs-client": "SHOULD",
};
