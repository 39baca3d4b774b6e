// Logins: tokens, the refresh cookie, logout, and what ends with a login. Source: the Discodeit contract, "REST" and
// the table of revisions.

import type { Area } from "../clause.ts";

export const login = {
  "login.returns-the-token": {
    level: "MUST",
    text: "Login answers 200 with the access token: revision 1 as a JSON string, revision 2 as JwtDto {userDto, accessToken}.",
    source: "revisions, login",
  },
  "login.token-carries-the-user": {
    level: "MUST",
    text: "The access token of login, refresh and me is a JWT with the claims sub (the user name), iat, exp and userDto {id, username, email, profile, online, role}.",
    source: "revisions, login",
    of: ["discodeit-1"],
  },
  "login.sets-the-refresh-cookie": {
    level: "MUST",
    text: "Login sets an HttpOnly refresh cookie.",
    source: "REST, POST /api/auth/login",
  },
  "login.cookie-name-and-path": {
    level: "SHOULD",
    text: "The refresh cookie is refresh_token (revision 1) or REFRESH_TOKEN (revision 2), Path=/.",
    source: "revisions, refresh cookie",
  },
  "login.cookies-are-kept": {
    level: "SHOULD",
    text: "No cookie that the target sets is one that a browser throws away.",
    source: "RFC 6265",
  },
  "login.wrong-password-is-refused": {
    level: "MUST",
    security: true,
    text: "A wrong password and an unknown user are refused: no token, no refresh cookie.",
    source: "REST, POST /api/auth/login",
    negative: true,
  },
  "login.tokens-are-required": {
    level: "MUST",
    security: true,
    text: "Without a bearer token every protected endpoint refuses.",
    source: "REST, rules",
    negative: true,
  },
  "login.no-token-is-401": {
    level: "SHOULD",
    text: "Without a bearer token the answer is 401 with an ErrorResponse.",
    source: "REST, rules",
    negative: true,
  },
  "login.bad-token-is-401": {
    level: "MUST",
    security: true,
    text: "A garbage, truncated, re-signed or alg-none token is answered 401.",
    source: "REST, rules; SEC-03, SEC-04",
    negative: true,
  },
  "login.refresh-token-is-no-access-token": {
    level: "SHOULD",
    security: true,
    text: "The refresh token is not accepted as a bearer token.",
    source: "SEC-06",
    negative: true,
  },
  "login.refresh-renews": {
    level: "MUST",
    text: "POST /api/auth/refresh with the refresh cookie answers 200 with a token that works.",
    source: "revisions, reload",
  },
  "login.refresh-rotates": {
    level: "MUST",
    text: "POST /api/auth/refresh rotates the cookie, and the old refresh token is refused.",
    source: "revisions, reload",
    of: ["discodeit-2"],
  },
  "login.refresh-without-cookie-gives-no-token": {
    level: "MUST",
    text: "Refresh without the cookie or with a bad one gives no token.",
    source: "REST, traps",
    negative: true,
  },
  "login.bad-refresh-is-4xx": {
    level: "SHOULD",
    text: "Refresh without the cookie or with a bad one is answered 4xx.",
    source: "REST, traps",
    negative: true,
  },
  "login.me-gives-a-token": {
    level: "MUST",
    text: "GET /api/auth/me with the refresh cookie answers 200 with an access token that works.",
    source: "revisions, reload",
    of: ["discodeit-1"],
  },
  "login.logout-status": {
    level: "SHOULD",
    text: "Logout answers 200 (revision 1) or 204 (revision 2).",
    source: "revisions, logout",
  },
  "login.logout-ends-the-login": {
    level: "MUST",
    security: true,
    text: "After logout the access token and the refresh cookie are refused.",
    source: "REST, POST /api/auth/logout",
  },
  "login.logout-clears-the-cookie": {
    level: "MUST",
    text: "Logout clears the refresh cookie.",
    source: "REST, POST /api/auth/logout",
  },
  "login.second-login-ends-the-first": {
    level: "MUST",
    text: "A second login ends the first: its access token is refused.",
    source: "revisions, active logins",
    of: ["discodeit-2"],
  },
  "login.several-logins": {
    level: "house",
    text: "A user may have several logins at once.",
    source: "revisions, active logins",
    of: ["discodeit-1"],
  },
  "login.connections-end-with-logout": {
    level: "SHOULD",
    security: true,
    text: "STOMP connections and event streams of a login end within 5 s of its logout.",
    source: "REST, rules, live connection",
  },
  "login.connections-end-with-second-login": {
    level: "SHOULD",
    security: true,
    text: "STOMP connections and event streams of a login end within 5 s of a second login.",
    source: "REST, rules, live connection",
    of: ["discodeit-2"],
  },
  "login.connections-end-with-role-change": {
    level: "SHOULD",
    security: true,
    text: "STOMP connections and event streams of a user end within 5 s of a change of its role.",
    source: "REST, rules, live connection",
    needs: ["admin"],
  },
  "login.connections-end-with-deletion": {
    level: "SHOULD",
    security: true,
    text: "STOMP connections and event streams of a user end within 5 s of its deletion.",
    source: "REST, rules, live connection",
  },
  "login.others-stay-connected": {
    level: "SHOULD",
    text: "Connections and event streams of others outlive a logout and a deletion.",
    source: "REST, traps",
  },
} as const satisfies Area<"login">;
