// Which clauses of the study rooms are about what proofs rest on? Step (runner/steps.ts) → clause, where it is another
// one than elsewhere.

export const owners = {
  "log in": "handshake.cookies-are-http-only",
  "keep a refresh cookie": "handshake.cookies-last-as-said",
  "refresh a login": "handshake.refresh-renews",
  "end a login": "handshake.log-out-removes-the-cookies",
  connect: "handshake.with-the-cookie",
  "refuse strangers": "handshake.without-a-cookie",
  "refuse forged tokens": "handshake.with-a-bad-cookie",
  "refuse ended tokens": "handshake.ended-login-is-refused",
  "read the history": "membership.history-newest-first",
  // A user is whom a room hears of: who enters it, changes the state, and is gone.
  "hear of a user": "entrance.first-tab-enters",
  "change a user": "status.change-is-heard",
  "delete a user": "entrance.last-tab-leaves",
  "hear an effect": "status.change-is-heard",
  "hear of a notification": "news.of-a-message",
} as const;
