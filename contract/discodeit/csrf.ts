// CSRF by double submit: header X-XSRF-TOKEN equals cookie XSRF-TOKEN. Source: the Discodeit contract, "REST", rules.

import type { Area } from "../clause.ts";

export const csrf = {
  "csrf.token-is-given": {
    level: "MUST",
    text: "GET /api/auth/csrf-token answers 2xx and sets cookie XSRF-TOKEN, readable by script.",
    source: "REST, GET /api/auth/csrf-token",
  },
  "csrf.token-status": {
    level: "SHOULD",
    text: "csrf-token answers 200 with the token object as JSON (revision 1) or 203 without a body (revision 2).",
    source: "revisions, csrf-token",
  },
  "csrf.missing-header-is-403": {
    level: "MUST",
    security: true,
    text: "POST, PUT, PATCH and DELETE under /api without the header are answered 403 and without effect.",
    source: "REST, CSRF",
    negative: true,
  },
  "csrf.wrong-header-is-403": {
    level: "MUST",
    security: true,
    text: "A header that differs from the cookie is refused as a missing one is.",
    source: "REST, CSRF",
    negative: true,
  },
  "csrf.comes-before-the-token": {
    level: "MUST",
    text: "CSRF is checked before the bearer token: without both the answer is that to a missing header.",
    source: "REST, CSRF",
    negative: true,
  },
  "csrf.guards-login": {
    level: "MUST",
    security: true,
    text: "Login without the header is refused.",
    source: "REST, CSRF",
    negative: true,
  },
  "csrf.not-for-reading": { level: "MUST", text: "GET needs no CSRF header.", source: "REST, CSRF" },
  "csrf.spares-sockjs": {
    level: "SHOULD",
    text: "SockJS's XHR transports need no CSRF token: /ws/** reads no cookie.",
    source: "REST, CSRF",
  },
} as const satisfies Area<"csrf">;
