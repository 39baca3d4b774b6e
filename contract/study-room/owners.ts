// Which clauses of the study rooms are about what proofs rest on? Step (runner/steps.ts) → clause, where it is another
// one than elsewhere.

export const owners = {
  "log in": "handshake.cookies-are-http-only",
  "refresh a login": "handshake.refresh-renews",
  "end a login": "handshake.log-out-removes-the-cookies",
  connect: "handshake.with-the-cookie",
  "refuse strangers": "handshake.without-a-cookie",
  "refuse forged tokens": "handshake.with-a-bad-cookie",
  "refuse ended tokens": "handshake.ended-login-is-refused",
  "read the history": "membership.history-newest-first",
} as const;
