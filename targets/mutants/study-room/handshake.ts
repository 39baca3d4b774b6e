// Mutants of contract/study-room/handshake.ts: servers that let in whom they must not, or handle cookies wrongly.

import { patch, prepend, swap, type Mutant } from "../../faulty.ts";

const system = "study-room";
const realtime = "server/systems/study-room/realtime.ts";
const auth = "server/systems/study-room/routes/auth.ts";
const routes = "server/systems/study-room/routes/routes.ts";
const logins = "server/systems/study-room/domain/logins.ts";
const authentication = "const principal = token === undefined ? undefined : await authenticate(core, token);";

export const handshake: readonly Mutant[] = [
  {
    id: "handshake-blind-to-cookies",
    what: "the handshake looks for a header alone",
    system,
    patches: [
      patch(realtime, "const token = tokenOf(request);", "const token = request.headers.authorization?.slice(7);"),
    ],
    red: ["handshake.with-the-cookie"],
  },
  {
    id: "handshake-lets-strangers-in",
    what: "who has no cookie is let in as nobody",
    system,
    patches: [
      patch(
        realtime,
        authentication,
        'const nobody = { userId: "0", username: "", role: "USER" as const, loginId: "00000000-0000-0000-0000-000000000000" }; const principal = token === undefined ? nobody : await authenticate(core, token);',
      ),
    ],
    red: ["handshake.without-a-cookie"],
  },
  {
    id: "handshake-reads-unsigned-tokens",
    what: "access tokens are read, not verified",
    system,
    patches: [swap("server/security/tokens.ts", "tokens-unverified.ts")],
    red: ["handshake.with-a-bad-cookie"],
  },
  {
    id: "handshake-takes-refresh-tokens",
    what: "a refresh token is as good as an access token",
    system,
    patches: [
      patch(
        logins,
        "if (!claims) return undefined;",
        `if (!claims) {
    const [login] = await core.store.query<{ userId: number; username: string; loginId: string }>(
      \`SELECT u.id AS "userId", u.nickname AS username, l.id AS "loginId" FROM logins l JOIN users u ON u.id = l.user_id WHERE l.refresh_hash = $1\`,
      [refreshTokenHash(token)],
    );
    return login && { ...login, userId: String(login.userId), role: "USER" };
  }`,
      ),
    ],
    red: ["handshake.refresh-token-is-no-access-token"],
  },
  {
    id: "handshake-outlives-its-login",
    what: "access tokens are good until they expire, whether their login ended or not",
    system,
    patches: [
      patch(
        logins,
        "SELECT u.nickname FROM logins l JOIN users u ON u.id = l.user_id\n     WHERE l.id = $1 AND u.id = $2 AND l.expires_at > clock_timestamp()",
        "SELECT u.nickname FROM users u WHERE $1::uuid IS NOT NULL AND u.id = $2",
      ),
    ],
    red: ["handshake.ended-login-is-refused"],
  },
  {
    id: "handshake-from-anywhere",
    what: "pages of every origin may open a WebSocket",
    system,
    patches: [
      patch(
        "server/realtime/websocket.ts",
        'if (!options.originAllowed(request)) return refuse(socket, "403 Forbidden");',
        "",
      ),
    ],
    red: ["handshake.foreign-origin-is-refused"],
  },
  {
    id: "handshake-cookies-for-scripts",
    what: "scripts can read the cookies",
    system,
    patches: [patch(auth, "httpOnly: true", "httpOnly: false")],
    red: ["handshake.cookies-are-http-only"],
  },
  {
    id: "handshake-cookies-half-as-long",
    what: "the cookies last half as long as said",
    system,
    patches: [patch(auth, "crossSite: true, maxAgeSeconds", "crossSite: true, maxAgeSeconds: maxAgeSeconds / 2")],
    red: ["handshake.cookies-last-as-said"],
  },
  {
    id: "handshake-token-in-the-body",
    what: "login answers with the access token, too",
    system,
    patches: [
      patch(
        auth,
        "answer(response, session.user, status);",
        "answer(response, { ...session.user, accessToken: session.accessToken }, status);",
      ),
    ],
    red: ["handshake.tokens-stay-out-of-the-body"],
  },
  {
    id: "handshake-refresh-without-a-cookie",
    what: "refresh sets no access cookie",
    system,
    patches: [patch(auth, "else keepAccess(request, response, token);", "")],
    red: ["handshake.refresh-renews"],
  },
  {
    id: "handshake-refresh-for-everybody",
    what: "refresh answers 204 whatever the cookie",
    system,
    patches: [patch(auth, "response.status(token === undefined ? 401 : 204).end();", "response.status(204).end();")],
    red: ["handshake.refresh-needs-its-cookie"],
  },
  {
    id: "handshake-log-out-keeps-cookies",
    what: "logout leaves the cookies where they are",
    system,
    patches: [
      patch(auth, 'for (const name of [accessCookie, refreshCookie]) keep(request, response, name, "", 0);', ""),
    ],
    red: ["handshake.log-out-removes-the-cookies"],
  },
  {
    id: "handshake-mends-bad-headers",
    what: "a bad header is forgiven where the cookie is good",
    system,
    patches: [
      prepend(routes, 'import { readCookie } from "../../../security/cookies.ts";'),
      patch(
        routes,
        "tokenOf,\n    authenticate: (token) => authenticate(core, token),",
        `tokenOf: (request) => \`\${tokenOf(request) ?? ""} \${readCookie(request, "ACCESS_TOKEN") ?? ""}\`,
    authenticate: async (tokens) => {
      const [token = "", cookie = ""] = tokens.split(" ");
      return (await authenticate(core, token)) ?? (await authenticate(core, cookie));
    },`,
      ),
    ],
    red: ["handshake.a-bad-header-is-not-mended"],
  },
];
