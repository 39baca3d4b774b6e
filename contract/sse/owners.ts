// Which clauses of an event stream are about what proofs rest on? Step (runner/steps.ts) → clause, where it is another
// one than elsewhere.

export const owners = {
  "cause an event": "stream.published-is-heard",
  "hear an event": "stream.published-is-heard",
} as const;
