// Study rooms: cookies, and who is let in at the WebSocket handshake. Source: the study-room contract, "Auth".

import type { Area } from "../clause.ts";

export const handshake = {
  "handshake.with-the-cookie": {
    level: "MUST",
    text: "A WebSocket handshake with the access cookie is accepted, and CONNECT needs no token.",
    source: "Study rooms, auth",
  },
  "handshake.without-a-cookie": {
    level: "MUST",
    security: true,
    text: "A handshake without the access cookie opens no WebSocket.",
    source: "Study rooms, auth",
    negative: true,
  },
  "handshake.with-a-bad-cookie": {
    level: "MUST",
    security: true,
    text: "A handshake whose access cookie is garbage, or signed by somebody else, opens no WebSocket.",
    source: "Study rooms, auth",
    negative: true,
  },
  "handshake.refresh-token-is-no-access-token": {
    level: "SHOULD",
    security: true,
    text: "The refresh token in the place of the access cookie opens no WebSocket.",
    source: "Study rooms, auth",
    negative: true,
  },
  "handshake.ended-login-is-refused": {
    level: "SHOULD",
    security: true,
    text: "The access cookie of a login that was ended opens no WebSocket.",
    source: "Study rooms, auth",
    negative: true,
  },
  "handshake.foreign-origin-is-refused": {
    level: "SHOULD",
    security: true,
    text: "A handshake from a page of another origin is refused, whatever its cookies.",
    source: "Study rooms, auth",
    negative: true,
  },
  "handshake.cookies-are-http-only": {
    level: "MUST",
    security: true,
    text: "Login sets ACCESS_TOKEN as an HttpOnly cookie; so is REFRESH_TOKEN, where it sets one.",
    source: "Study rooms, auth",
  },
  "handshake.cookies-last-as-said": {
    level: "SHOULD",
    text: "Login sets both cookies with the path / and SameSite; ACCESS_TOKEN lasts 900 s, REFRESH_TOKEN 604800 s.",
    source: "Study rooms, auth",
  },
  "handshake.tokens-stay-out-of-the-body": {
    level: "SHOULD",
    security: true,
    text: "The answer to a login holds no token in its body.",
    source: "Study rooms, auth",
  },
  "handshake.refresh-renews": {
    level: "SHOULD",
    text: "POST /api/auth/refresh sets an access cookie with which a handshake is accepted.",
    source: "Study rooms, auth",
  },
  "handshake.refresh-needs-its-cookie": {
    level: "SHOULD",
    security: true,
    text: "POST /api/auth/refresh without a refresh cookie, or with a wrong one, is refused and sets no access cookie.",
    source: "Study rooms, auth",
    negative: true,
  },
  "handshake.log-out-removes-the-cookies": {
    level: "SHOULD",
    text: "POST /api/auth/logout removes both cookies.",
    source: "Study rooms, auth",
  },
  "handshake.a-bad-header-is-not-mended": {
    level: "SHOULD",
    text: "A request with a bad Authorization header is refused, although its cookie is good.",
    source: "Study rooms, auth",
    negative: true,
  },
} as const satisfies Area<"handshake">;
