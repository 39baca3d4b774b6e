// Mutants of contract/discodeit/csrf.ts: servers that get double submits wrong.

import { patch, type Mutant } from "../../faulty.ts";

export const csrf: readonly Mutant[] = [
  {
    id: "csrf-unchecked",
    what: "the CSRF header is not looked at",
    patches: [
      patch(
        "server/systems/discodeit/routes/routes.ts",
        "if (!csrfHoldsFor(request)) throw",
        "if (csrfHoldsFor === undefined) throw",
      ),
    ],
    red: ["csrf.missing-header-is-403"],
  },
  {
    id: "csrf-not-token-is-given",
    what: "scripts cannot read the CSRF cookie",
    patches: [
      patch(
        "server/security/csrf.ts",
        "setCookie(request, response, csrfCookie, token, { httpOnly: false });",
        "setCookie(request, response, csrfCookie, token, { httpOnly: true });",
      ),
    ],
    red: ["csrf.token-is-given"],
  },
  {
    id: "csrf-not-token-status",
    what: "csrf-token is answered as in the other revision",
    patches: [
      patch(
        "server/systems/discodeit/routes/auth.ts",
        "if (revision.csrfBody) response.json(",
        "if (!revision.csrfBody) response.json(",
      ),
    ],
    red: ["csrf.token-status"],
  },
  {
    id: "csrf-not-missing-header-is-403",
    what: "a request without the CSRF header is let through",
    patches: [
      patch(
        "server/security/csrf.ts",
        "if (cookie === undefined ||",
        "if (header === undefined) return true; if (cookie === undefined ||",
      ),
    ],
    red: ["csrf.missing-header-is-403"],
  },
  {
    id: "csrf-not-wrong-header-is-403",
    what: "any CSRF header will do",
    patches: [
      patch(
        "server/security/csrf.ts",
        "return left.length === right.length && timingSafeEqual(left, right);",
        "return left.length > 0 && right.length > 0;",
      ),
    ],
    red: ["csrf.wrong-header-is-403"],
  },
  {
    id: "csrf-not-comes-before-the-token",
    what: "the token is checked before the CSRF header",
    patches: [
      patch(
        "server/systems/discodeit/routes/routes.ts",
        "api.use(markRequest, checkCsrf);",
        'api.use(markRequest, async (request, response, next) => { if (request.method === "GET" || /^\\/auth\\/lo|^\\/auth\\/refresh|^\\/users$/.test(request.path)) return checkCsrf(request, response, next); await bearerCheck(core)(request, response, () => checkCsrf(request, response, next)); });',
      ),
    ],
    red: ["csrf.comes-before-the-token"],
  },
  {
    id: "csrf-not-guards-login",
    what: "login needs no CSRF header",
    patches: [
      patch(
        "server/systems/discodeit/routes/routes.ts",
        "if (!csrfHoldsFor(request)) throw",
        'if (request.path !== "/auth/login" && !csrfHoldsFor(request)) throw',
      ),
    ],
    red: ["csrf.guards-login"],
  },
  {
    id: "csrf-not-not-for-reading",
    what: "reading needs a CSRF cookie",
    patches: [
      patch(
        "server/systems/discodeit/routes/routes.ts",
        "if (!csrfHoldsFor(request)) throw",
        'if (!csrfHoldsFor(request) || (request.path === "/users" && !request.headers.cookie?.includes("XSRF-TOKEN"))) throw',
      ),
    ],
    red: ["csrf.not-for-reading"],
  },
  {
    id: "csrf-not-spares-sockjs",
    what: "SockJS's XHR transports need a CSRF header",
    patches: [
      patch(
        "server/sockjs/http.ts",
        "if (!this.#options.originAllowed(request)) return respond(response, 403);",
        'if (!this.#options.originAllowed(request) || (request.method === "POST" && request.headers["x-xsrf-token"] === undefined)) return respond(response, 403);',
      ),
    ],
    red: ["csrf.spares-sockjs"],
  },
];
