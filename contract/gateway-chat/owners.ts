// Which clauses of the gateway chat are about what proofs rest on? Step (runner/steps.ts) → clause, where it is another
// one than elsewhere.

export const owners = {
  // Nobody needs a token.
  connect: "sockjs.raw-websocket",
} as const;
