// Gateway chat in secure mode: what the token at CONNECT is good for, beside what every system with tokens owes.
// Source: the gateway chat contract, "auth".

import type { Area } from "../clause.ts";

export const guard = {
  "guard.sender-is-the-token": {
    level: "SHOULD",
    security: true,
    text: "A message is its token's user's, whatever sender its body names.",
    source: "Gateway chat, auth",
    negative: true,
    features: ["credential"],
  },
  "guard.malformed-token-is-no-fault": {
    level: "SHOULD",
    text: "Who comes to the gateway with a malformed token is refused or overlooked, and never answered 5xx.",
    source: "Gateway chat, defects",
    features: ["credential"],
  },
  "guard.no-way-round-by-path": {
    level: "SHOULD",
    security: true,
    text: "Without a token nobody connects at a path that merely begins as the endpoint does, nor is answered 2xx there.",
    source: "Gateway chat, defects",
    negative: true,
    features: ["credential"],
  },
} as const satisfies Area<"guard">;
