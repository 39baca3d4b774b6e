// Mutants of contract/discodeit/login.ts: servers that get logins and tokens wrong.

import { patch, prepend, swap, type Mutant } from "../../faulty.ts";
import { anonymous } from "./connect.ts";

export const login: readonly Mutant[] = [
  {
    id: "login-not-returns-the-token",
    what: "login answers an object of the token alone",
    patches: [
      patch(
        "server/systems/discodeit/routes/auth.ts",
        'revision.sessionBody === "token" ? accessToken : { userDto: user, accessToken }',
        "{ accessToken }",
      ),
    ],
    red: ["login.returns-the-token"],
  },
  {
    id: "login-not-token-carries-the-user",
    what: "the access token names the user and carries no userDto",
    patches: [
      patch("server/systems/discodeit/discodeit-1.ts", "tokenCarriesTheUser: true", "tokenCarriesTheUser: false"),
    ],
    red: ["login.token-carries-the-user"],
  },
  {
    id: "login-not-token-has-the-user-name",
    what: "the access token's subject is the user's id",
    patches: [
      patch(
        "server/systems/discodeit/domain/logins.ts",
        "username: user.username, ...(core",
        "username: user.id, ...(core",
      ),
    ],
    red: ["login.token-carries-the-user"],
  },
  {
    id: "login-not-cookies-are-kept",
    what: "cookies are for pages of any site, and not Secure: browsers throw them away",
    patches: [patch("server/security/cookies.ts", 'sameSite: "lax"', 'sameSite: "none"')],
    red: ["login.cookies-are-kept"],
  },
  {
    id: "login-not-sets-the-refresh-cookie",
    what: "scripts can read the refresh cookie",
    patches: [
      patch(
        "server/systems/discodeit/routes/auth.ts",
        "{ httpOnly: true, maxAgeSeconds",
        "{ httpOnly: false, maxAgeSeconds",
      ),
    ],
    red: ["login.sets-the-refresh-cookie"],
  },
  {
    id: "login-not-cookie-name-and-path",
    what: "the refresh cookie has another name",
    patches: [
      patch(
        "server/systems/discodeit/routes/auth.ts",
        "const cookieName = refreshCookie[revision.system];",
        'const cookieName = "refreshToken";',
      ),
    ],
    red: ["login.cookie-name-and-path"],
  },
  {
    id: "login-not-wrong-password-is-refused",
    what: "any password is right",
    patches: [patch("server/security/logins.ts", "if (!fits || !user) {", "if (!user) {")],
    red: ["login.wrong-password-is-refused"],
  },
  {
    id: "login-not-tokens-are-required",
    what: "requests without a token are somebody's without an account",
    patches: [
      prepend("server/systems/discodeit/routes/routes.ts", 'import { randomUUID } from "node:crypto";'),
      patch(
        "server/systems/discodeit/routes/routes.ts",
        'if (token === undefined) throw unauthenticated("Cannot accept the request: no bearer token");',
        `if (token === undefined) return (response.locals["principal"] = ${anonymous}), next();`,
      ),
    ],
    red: ["login.tokens-are-required"],
  },
  {
    id: "login-not-no-token-is-401",
    what: "a request without a token is answered 403",
    patches: [
      patch(
        "server/systems/discodeit/routes/routes.ts",
        'throw unauthenticated("Cannot accept the request: no bearer token")',
        'throw forbidden("Cannot accept the request: no bearer token")',
      ),
    ],
    red: ["login.no-token-is-401"],
  },
  {
    id: "login-not-refresh-token-is-no-access-token",
    what: "a refresh token is an access token, too",
    patches: [swap("server/systems/discodeit/domain/logins.ts", "logins-refresh-tokens.ts")],
    red: ["login.refresh-token-is-no-access-token"],
  },
  {
    id: "login-not-refresh-renews",
    what: "a refreshed access token names no login",
    patches: [
      patch(
        "server/systems/discodeit/domain/logins.ts",
        'RETURNING id, user_id AS "userId"',
        'RETURNING user_id AS id, user_id AS "userId"',
      ),
    ],
    red: ["login.refresh-renews"],
  },
  {
    id: "login-not-refresh-rotates",
    what: "the old refresh token stays good",
    system: "discodeit-2",
    patches: [
      patch(
        "server/systems/discodeit/domain/logins.ts",
        "UPDATE logins SET refresh_hash = $2, expires_at",
        "UPDATE logins SET refresh_hash = COALESCE(refresh_hash, $2), expires_at",
      ),
    ],
    red: ["login.refresh-rotates"],
  },
  {
    id: "login-not-refresh-without-cookie-gives-no-token",
    what: "a refresh without a cookie gives somebody's token",
    patches: [
      patch(
        "server/systems/discodeit/domain/logins.ts",
        "WHERE refresh_hash = $1 AND expires_at > clock_timestamp() RETURNING",
        "WHERE id = (SELECT id FROM logins ORDER BY refresh_hash = $1 DESC LIMIT 1) AND expires_at > clock_timestamp() RETURNING",
      ),
    ],
    red: ["login.refresh-without-cookie-gives-no-token"],
  },
  {
    id: "login-not-me-gives-a-token",
    what: "me gives a token that is none",
    patches: [
      patch(
        "server/systems/discodeit/routes/auth.ts",
        "answer(response, await currentSession(core, readCookie(request, cookieName)))",
        'answer(response, { ...(await currentSession(core, readCookie(request, cookieName))), accessToken: "aaa.bbb.ccc" })',
      ),
    ],
    red: ["login.me-gives-a-token"],
  },
  {
    id: "login-not-logout-status",
    what: "logout is answered 202",
    patches: [
      patch(
        "server/systems/discodeit/routes/auth.ts",
        "response.status(revision.logoutStatus).end();",
        "response.status(202).end();",
      ),
    ],
    red: ["login.logout-status"],
  },
  {
    id: "login-not-logout-ends-the-login",
    what: "logout ends nothing",
    patches: [
      patch("server/systems/discodeit/routes/auth.ts", "await logOut(core, readCookie(request, cookieName));", ""),
    ],
    red: ["login.logout-ends-the-login"],
  },
  {
    id: "login-not-logout-clears-the-cookie",
    what: "logout leaves the refresh cookie",
    patches: [patch("server/systems/discodeit/routes/auth.ts", 'keep(request, response, "");', "")],
    red: ["login.logout-clears-the-cookie"],
  },
  {
    id: "login-not-second-login-ends-the-first",
    what: "a second login leaves the first",
    system: "discodeit-2",
    patches: [
      patch("server/systems/discodeit/domain/logins.ts", "isOnly: core.rules.oneLoginPerUser", "isOnly: false"),
    ],
    red: ["login.second-login-ends-the-first"],
  },
  {
    id: "login-not-several-logins",
    what: "a second login ends the first",
    patches: [patch("server/systems/discodeit/domain/logins.ts", "isOnly: core.rules.oneLoginPerUser", "isOnly: true")],
    red: ["login.several-logins"],
  },
  {
    id: "login-not-connections-end-with-logout",
    what: "connections outlive their login",
    patches: [patch("server/realtime/login-sweep.ts", "if (ended.length > 0) end(new Set(ended));", "")],
    red: [
      "login.connections-end-with-logout",
      "login.connections-end-with-role-change",
      "login.connections-end-with-deletion",
    ],
  },
  {
    id: "login-not-connections-end-with-second-login",
    what: "connections outlive their login",
    system: "discodeit-2",
    patches: [patch("server/realtime/login-sweep.ts", "if (ended.length > 0) end(new Set(ended));", "")],
    red: ["login.connections-end-with-second-login"],
  },
  {
    id: "login-bad-refresh-is-500",
    what: "a refresh without a good cookie is a fault of the server",
    patches: [
      patch(
        "server/systems/discodeit/routes/auth.ts",
        "await refresh(core, readCookie(request, cookieName))",
        'await refresh(core, readCookie(request, cookieName)).catch(() => { throw new Error("no cookie"); })',
      ),
    ],
    red: ["login.bad-refresh-is-4xx"],
  },
  {
    id: "login-deletion-ends-all",
    what: "the deletion of one user ends everybody's logins",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'await tx.query("DELETE FROM users WHERE id = $1", [id]);',
        'await tx.query("DELETE FROM logins"); await tx.query("DELETE FROM users WHERE id = $1", [id]);',
      ),
    ],
    red: ["login.others-stay-connected"],
  },
];
