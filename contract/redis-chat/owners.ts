// Which clauses of the Redis chat are about what proofs rest on? Step (runner/steps.ts) → clause, where it is another
// one than elsewhere.

export const owners = {
  "sign up": "entry.sign-up-gives-the-id",
  "log in": "entry.log-in-gives-the-token",
  "list users": "entry.members-are-listed",
  "refuse who has no token": "entry.routes-need-a-token",
  "refuse a bad token with 401": "entry.bad-token-does-nothing",
  "create a private channel": "circles.creator-is-in",
  // A room of two; groups are the private channels of a run.
  "create a public channel": "circles.private-is-one-for-two",
  "list channels": "circles.creator-is-in",
  "delete a private channel": "circles.last-leaver-deletes",
  "read the history": "topics.history-oldest-first",
  "make a read status": "marks.others-have-it-unread",
  "change a read status": "marks.read-makes-none",
} as const;
