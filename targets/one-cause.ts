// Servers with one peculiarity each: exactly the clause that is about it is red, and everything else is green or
// untested. Without a clause that is about it, nothing is red: servers may be so.

import type { ClauseId } from "../contract/catalogue.ts";
import { patch, prepend } from "./faulty.ts";
import { mutants } from "./mutants.ts";
import type { Patch } from "./patch.ts";
import { secondPort } from "./second-port.ts";
import type { Variant } from "./variants.ts";

const like = (id: string): readonly Patch[] => {
  const mutant = mutants.find((item) => item.id === id);
  if (mutant === undefined) throw new Error(`Cannot find mutant ${id}`);
  return mutant.patches;
};

const accounts = "server/systems/discodeit/domain/accounts.ts";
const messages = "server/systems/discodeit/domain/messages.ts";
const channels = "server/systems/discodeit/domain/channels.ts";
const validation = "server/systems/discodeit/domain/validation.ts";
const notifications = "server/systems/discodeit/domain/notifications.ts";
const auth = "server/systems/discodeit/routes/auth.ts";
const routes = "server/systems/discodeit/routes/routes.ts";
const staleMs = 700;

/** A function's result is what it was, for a while. */
const stale = (file: string, head: string, rows: string, key: string): readonly Patch[] => [
  prepend(file, "const seen = new Map<string, { atMs: number; list: never[] }>();"),
  patch(
    file,
    head,
    `${head}\n  const old = seen.get(${key});\n  if (old && Date.now() - old.atMs < ${staleMs}) return old.list;`,
  ),
  patch(
    file,
    rows,
    `${rows.replace("return", "const list =")}\n  seen.set(${key}, { atMs: Date.now(), list: list as never[] });\n  return list;`,
  ),
];

const echoedRefresh: readonly Patch[] = [
  patch(
    "server/security/tokens.ts",
    'export const newRefreshToken = (): string => randomBytes(32).toString("base64url");',
    'export const newRefreshToken = (): string => `eyJhbGciOiJI.${randomBytes(32).toString("base64url")}.c2lnbmF0dXJl`;',
  ),
  prepend(auth, 'import { Problem } from "../domain/problem.ts";'),
  patch(
    auth,
    "await refresh(core, readCookie(request, cookieName))",
    'await refresh(core, readCookie(request, cookieName)).catch(() => { throw new Problem(401, "INVALID_TOKEN", "Cannot refresh", { token: readCookie(request, cookieName) ?? "" }); })',
  ),
];

const oneLoginForEver: readonly Patch[] = [
  prepend(auth, "const known = new Set<unknown>();"),
  patch(
    auth,
    "    renewCsrfToken(request, response);\n    answer",
    '    if (known.has(username)) throw new Error("no Creators, like default constructor, exist");\n    known.add(username);\n    renewCsrfToken(request, response);\n    answer',
  ),
];

const comesTwice: readonly Patch[] = [
  patch(
    "server/realtime/realtime.ts",
    "if (record.rightsOf !== undefined) return checkThenDeliver(record, record.rightsOf);",
    "setTimeout(() => broker.deliver({ ...record, id: `${record.id}-again` }), 600);",
  ),
];

const overXhr: readonly ClauseId[] = [
  "sockjs.over-xhr-streaming",
  "sockjs.over-xhr-polling",
  "sockjs.polls-queue",
  "sockjs.one-receiver",
  "sockjs.unknown-session-is-404",
  "sockjs.bad-body",
  "sockjs.streaming-limit",
  "sockjs.refusal-closes",
  "witness.sockjs-client-without-websocket",
];

export const oneCause: readonly Variant[] = [
  {
    id: "a-pair-has-one-channel",
    notes: {
      "a pair gets the channel that it has, and where it is in several the server fails": [
        patch(
          channels,
          "const online = await core.presence.online(members);\n  const id = newId();",
          `const online = await core.presence.online(members);
  const id = newId();
  const shared = await core.store.query<{ id: string }>(
    "SELECT m.channel_id AS id FROM channel_members m WHERE m.user_id = ANY($1::uuid[]) GROUP BY 1 HAVING count(*) = 2",
    [members],
  );
  if (members.length === 2 && shared.length > 1) throw new Error("Query did not return a unique result");
  if (members.length === 2 && shared[0]) return core.payloads.channel(await channelRow(core.store, shared[0].id), online);`,
        ),
      ],
    },
    only: ["channels", "sse", "replay", "subscribe", "tabs"],
    exactly: { red: [] },
  },
  {
    id: "nothing-wrong",
    notes: {
      "the lists of users and channels are renewed a moment later": [
        ...stale(
          accounts,
          "export async function listUsers(core: Core): Promise<UserDto[]> {",
          "return rows.map((row) => core.payloads.user(row, online));",
          '""',
        ),
        ...stale(
          channels,
          "export async function listChannels(core: Core, principal: Principal): Promise<unknown[]> {",
          "return rows.map((row) => core.payloads.channel(row, online));",
          "principal.userId",
        ),
      ],
      "a label of an e-mail's domain has 63 characters at most": [
        patch(validation, ".pipe(z.email());", ".pipe(z.email().refine((value) => !/[^.@]{64}/.test(value)));"),
      ],
      "a refused refresh repeats the token that was sent": echoedRefresh,
      "whether a user may be deleted is asked before whether it is there": [
        patch(
          accounts,
          'const row = await userRow(tx, id, allowed ? "FOR UPDATE OF u" : "");',
          'if (!allowed) throw forbidden("Cannot delete the user"); const row = await userRow(tx, id, "FOR UPDATE OF u");',
        ),
      ],
    },
    only: ["accounts", "channels", "login", "rest.unknown-id-is-404", "csrf.missing-header-is-403"],
    exactly: { red: [] },
  },
  {
    id: "one-group-for-all-instances",
    notes: {
      "whatever is said is heard on the second instance alone": secondPort(Number.POSITIVE_INFINITY),
    },
    only: ["subscribe", "tabs", "sse", "replay", "witness", "files", "notifications", "fanout", "accounts"],
    exactly: {
      red: ["fanout.stomp-crosses", "fanout.events-cross"],
      untested: [
        "fanout.rest-crosses",
        "fanout.notifications-once",
        "fanout.event-ids-are-equal",
        "fanout.order-across-instances",
      ],
    },
    systems: ["discodeit-1"],
    secondPort: "first",
  },
  {
    id: "websocket-behind-a-token",
    notes: {
      "below /ws nobody is let in without a bearer header": [
        patch(
          "server/sockjs/http.ts",
          "    if (!this.#options.originAllowed(request))",
          "    if (request.headers.authorization === undefined) return respond(response, 401);\n    if (!this.#options.originAllowed(request))",
        ),
        patch(
          "server/realtime/websocket.ts",
          "    if (!options.originAllowed(request))",
          '    if (request.headers.authorization === undefined) return refuse(socket, "401 Unauthorized");\n    if (!options.originAllowed(request))',
        ),
      ],
    },
    only: ["connect", "sockjs", "csrf", "witness", "subscribe", "send", "frames", "tabs", "sockjs.native-websocket"],
    exactly: {
      red: ["connect.with-a-token", "sockjs.info"],
      untested: ["witness.stompjs", "witness.sockjs-client"],
    },
    systems: ["discodeit-2"],
  },
  {
    id: "authors-stay",
    notes: {
      "who wrote messages cannot be deleted": [
        patch(
          accounts,
          'await tx.query("DELETE FROM users WHERE id = $1", [id]);',
          'if ((await tx.query("SELECT 1 FROM messages WHERE author_id = $1 LIMIT 1", [id])).length > 0) throw new Error("violates foreign key");\n    await tx.query("DELETE FROM users WHERE id = $1", [id]);',
        ),
      ],
    },
    only: [
      "accounts.delete-removes-the-user",
      "accounts.deleted-author-is-null",
      "messages.history-outlives-its-author",
    ],
    exactly: {
      red: ["accounts.delete-removes-the-user"],
      untested: ["accounts.deleted-author-is-null", "messages.history-outlives-its-author"],
    },
    systems: ["discodeit-1"],
    leavesBehind: true,
  },
  {
    id: "notified-a-moment-later",
    notes: {
      "whom a message notifies is found out a moment later, one message after the other": [
        prepend(notifications, 'import { setTimeout as later } from "node:timers/promises";'),
        patch(
          notifications,
          "  await commit(core, async (tx) => {\n    // The lock",
          "  await later(30);\n  await commit(core, async (tx) => {\n    // The lock",
        ),
        patch(notifications, "AND r.notified_since < $3 AND", "AND r.notified_since IS NOT NULL AND $3 <> '' AND"),
      ],
    },
    only: ["notifications"],
    exactly: { red: [] },
    systems: ["discodeit-2"],
  },
  {
    id: "messages-of-another-shape",
    notes: {
      "what is broadcast is an event object of the server, no MessageDto": [
        patch(
          messages,
          "row, author.username, place, principal.userId, payload)",
          "row, author.username, place, principal.userId, { messageId: id, authorId: principal.userId, channelId: message.channelId, content: row.content })",
        ),
      ],
    },
    only: [
      "subscribe",
      "send",
      "messages.live-equals-history",
      "messages.text-survives",
      "tabs",
      "sockjs.raw-websocket",
    ],
    exactly: {
      red: ["subscribe.hears-the-channel"],
      untested: ["send.stores-and-delivers", "messages.live-equals-history"],
    },
    systems: ["discodeit-2"],
  },
  {
    id: "messages-at-slashes",
    notes: {
      "messages are delivered to a destination with slashes": [
        patch(
          "server/stomp/broker.ts",
          "const groups = this.#destinations.get(record.destination);",
          'const groups = this.#destinations.get(record.destination.replace("channels.", "channels/"));',
        ),
      ],
    },
    only: ["subscribe", "send.stores-and-delivers", "send.rest-is-delivered-too", "tabs.three-stomp"],
    exactly: {
      red: ["subscribe.hears-the-channel"],
      untested: ["send.stores-and-delivers", "send.rest-is-delivered-too", "subscribe.as-admin", "tabs.three-stomp"],
    },
    systems: ["discodeit-2"],
  },
  {
    id: "messages-come-twice",
    notes: {
      "a listener of the broker's topic broadcasts what a listener of the transaction has broadcast": comesTwice,
    },
    only: [
      "subscribe.exactly-once",
      "send",
      "tabs",
      "sockjs.raw-websocket",
      "sockjs.over-websocket",
      "witness.stompjs",
    ],
    exactly: {
      red: ["subscribe.exactly-once"],
      untested: [],
    },
    systems: ["discodeit-2"],
  },
  {
    id: "channels-untold",
    notes: {
      "nobody is told of a new private channel": [
        patch(channels, "channelEvent(row, online), members, id);", "channelEvent(row, online), [], id);"),
      ],
    },
    only: ["sse", "replay", "tabs.three-streams", "tabs.closing-one-stream", "witness.eventsource"],
    exactly: {
      red: ["sse.channel-created-to-participants"],
      untested: ["replay.rights-of-now"],
      green: [
        "sse.more-than-six-streams",
        "replay.exactly-the-missing",
        "replay.only-mine",
        "tabs.three-streams",
        "tabs.closing-one-stream",
        "witness.eventsource",
      ],
    },
    systems: ["discodeit-2"],
  },
  {
    id: "a-token-holds-the-name",
    notes: {
      "who has another name must log in again to delete itself; until then it is a 401 or a 500": [
        prepend(accounts, "const outdated = new Set<unknown>();"),
        patch(
          accounts,
          "  const online = await core.presence.online([id]);\n  return saved(",
          "  if (changes.newUsername != null) outdated.add(principal.loginId);\n  const online = await core.presence.online([id]);\n  return saved(",
        ),
        patch(
          accounts,
          'const allowed = principal.userId === id || hasRole(principal.role, "ADMIN");',
          'if (outdated.has(principal.loginId)) throw core.name === "discodeit-1" ? new Error("Cannot find the user") : new Problem(401, "INVALID_TOKEN", "Cannot find the user", {});\n  const allowed = principal.userId === id || hasRole(principal.role, "ADMIN");',
        ),
      ],
    },
    only: ["sse.user-changes-to-everyone", "accounts.update-changes-the-user", "accounts.update-takes-optional-fields"],
    exactly: { red: [] },
  },
  {
    id: "one-login-for-ever",
    notes: {
      "the second login of a user is a fault of the server": oneLoginForEver,
    },
    only: [
      "login.returns-the-token",
      "login.sets-the-refresh-cookie",
      "login.cookie-name-and-path",
      "login.refresh-renews",
    ],
    exactly: { red: ["login.returns-the-token"] },
    systems: ["discodeit-1"],
    leavesBehind: true,
  },
  {
    id: "one-login-for-ever-in-a-page",
    notes: { "the second login of a user is a fault of the server": oneLoginForEver },
    only: ["login.returns-the-token", "witness.browser-log-out"],
    exactly: { red: ["login.returns-the-token"], untested: ["witness.browser-log-out"] },
    systems: ["discodeit-1"],
    leavesBehind: true,
    inBrowser: true,
  },
  {
    id: "last-id-from-the-query-in-a-page",
    notes: { "the last id is read from the query alone": like("replay-header-ignored") },
    only: ["replay.by-header", "witness.browser-eventsource"],
    exactly: { red: ["replay.by-header"], untested: ["witness.browser-eventsource"] },
    systems: ["discodeit-2"],
    inBrowser: true,
  },
  {
    id: "nothing-is-kept-for-who-has-no-stream-in-a-page",
    notes: {
      "an event is kept for those alone who have a stream when it is made": like("replay-keeps-nothing-for-the-absent"),
    },
    only: ["replay.after-a-reload", "witness.eventsource-resumes", "witness.browser-eventsource"],
    exactly: {
      red: ["replay.after-a-reload"],
      untested: ["witness.eventsource-resumes", "witness.browser-eventsource"],
    },
    systems: ["discodeit-2"],
    inBrowser: true,
  },
  {
    id: "heard-by-another-name-first-of-all",
    notes: { "a new channel is told as channel.created": like("sse-wrong-event-name") },
    only: ["witness.eventsource", "witness.eventsource-resumes"],
    exactly: { red: [], green: ["witness.eventsource", "witness.eventsource-resumes"] },
    systems: ["discodeit-2"],
  },
  {
    id: "a-list-is-read-once",
    notes: {
      "the cached copy of a list cannot be read": [
        patch(
          "server/http.ts",
          "  app.use(crossOrigin(edge.originAllowed));\n",
          `  const cached = new Set<string>();
  app.use((request, response, next) => {
    const key = [request.get("Authorization"), request.url].join();
    if (request.method !== "GET" || !/^\\/api\\/(channels|notifications)\\b/.test(request.url)) return next();
    if (cached.has(key)) return void response.status(500).json({ status: 500 });
    cached.add(key);
    next();
  });
  app.use(crossOrigin(edge.originAllowed));
`,
        ),
      ],
    },
    only: [
      "csrf.not-for-reading",
      "channels.list-holds-mine",
      "notifications.list-is-current",
      "notifications.notification-has-its-fields",
    ],
    exactly: {
      red: ["channels.list-holds-mine", "notifications.list-is-current"],
      untested: ["notifications.notification-has-its-fields"],
      green: ["csrf.not-for-reading"],
    },
    systems: ["discodeit-2"],
  },
  {
    id: "a-live-id-where-messages-come-twice",
    notes: {
      "a subscription id may be used again": like("subscribe-live-id-ghost"),
      "each message is delivered twice": comesTwice,
    },
    only: ["subscribe.exactly-once", "subscribe.live-id-again"],
    exactly: { red: ["subscribe.exactly-once"], untested: ["subscribe.live-id-again"] },
    systems: ["discodeit-2"],
  },
  {
    id: "a-list-that-fails-on-either-instance",
    notes: {
      "notifications cannot be listed, by whatever token": [
        patch(notifications, "return rows.map((row) => core.payloads.notification(row));", 'throw new Error("JDBC");'),
      ],
      "there is a second instance": secondPort(0),
    },
    only: ["fanout.tokens-are-good-on-all", "fanout.stomp-crosses", "fanout.rest-crosses", "fanout.events-cross"],
    exactly: {
      red: [],
      green: ["fanout.tokens-are-good-on-all", "fanout.stomp-crosses", "fanout.rest-crosses", "fanout.events-cross"],
    },
    secondPort: true,
    systems: ["discodeit-2"],
  },
  {
    id: "pages-that-count",
    notes: {
      "a page of the history says how many messages there are": [
        patch(messages, "totalElements: null,", "totalElements: page.length,"),
      ],
    },
    only: ["messages.history-newest-first", "messages.page-has-its-fields"],
    exactly: { red: [], green: ["messages.history-newest-first", "messages.page-has-its-fields"] },
    systems: ["discodeit-2"],
  },
  {
    id: "doubled-slashes-are-shown-the-door",
    notes: {
      "a firewall refuses a doubled slash, and its error page asks for a login": [
        patch(
          "server/sockjs/http.ts",
          "if (!route) return respond(response, 404);",
          'if (!route) return respond(response, request.url?.includes("//") === true ? 401 : 404);',
        ),
      ],
    },
    only: ["sockjs.unknown-paths-are-404"],
    exactly: { red: [], green: ["sockjs.unknown-paths-are-404"] },
    systems: ["discodeit-2"],
  },
  {
    id: "refused-refresh-repeats-a-token-that-opens-something",
    notes: {
      "whatever looks like a refresh token opens what is open to anybody who is logged in": [
        patch(
          "server/systems/discodeit/domain/logins.ts",
          "  const claims = await core.tokens.read(accessToken);\n  if (!claims) return undefined;",
          `  if (accessToken.startsWith("eyJhbGciOiJI."))
    return (await core.store.query<Principal & Record<string, unknown>>(
      'SELECT u.id AS "userId", u.username, u.role, l.id AS "loginId" FROM logins l JOIN users u ON u.id = l.user_id LIMIT 1',
    ))[0];
  const claims = await core.tokens.read(accessToken);
  if (!claims) return undefined;`,
        ),
      ],
      "a refused refresh repeats the token that was sent": echoedRefresh,
    },
    only: ["login"],
    exactly: { red: [] },
  },
  {
    id: "sockjs-behind-csrf",
    notes: {
      "SockJS's XHR transports are refused by CSRF": [
        patch(
          "server/sockjs/http.ts",
          "if (!this.#options.originAllowed(request))",
          'if (request.method === "POST" || !this.#options.originAllowed(request))',
        ),
      ],
    },
    only: ["csrf.spares-sockjs", "sockjs.info", ...overXhr],
    exactly: { red: ["csrf.spares-sockjs"], untested: overXhr },
    systems: ["discodeit-1"],
  },
  {
    id: "users-open-to-all",
    notes: {
      "the list of users asks for no token": [
        patch(
          routes,
          "const token = bearerOf(request);",
          'if (request.method === "GET" && request.path === "/users") return next();\n    const token = bearerOf(request);',
        ),
      ],
    },
    only: ["login", "accounts", "csrf"],
    exactly: { red: ["login.tokens-are-required"] },
  },
  {
    id: "users-open-at-first",
    notes: {
      "the list of users asks for no token, and is a fault from the second time on; so is another one": [
        prepend(routes, "let asked = 0;"),
        patch(
          routes,
          "const token = bearerOf(request);",
          `const token = bearerOf(request);
    if (token === undefined && request.path === "/notifications") throw new Error("Cannot find the principal");
    if (token === undefined && request.method === "GET" && request.path === "/users") {
      if ((asked += 1) > 1) throw new Error("Cannot read the cache");
      return next();
    }`,
        ),
      ],
    },
    only: ["login.tokens-are-required"],
    exactly: { red: ["login.tokens-are-required"] },
    systems: ["discodeit-1"],
  },
  {
    id: "no-partial-change",
    notes: {
      "a change of a user without a password is a fault of the server": [
        patch(
          accounts,
          "const online = await core.presence.online([id]);\n  return saved(",
          'if (changes.newPassword == null) throw new Error("rawPassword cannot be null");\n  const online = await core.presence.online([id]);\n  return saved(',
        ),
      ],
    },
    only: ["accounts", "csrf"],
    exactly: { red: ["accounts.update-takes-optional-fields"] },
  },
  {
    id: "read-status-whole",
    notes: {
      "a change of a read status must name lastReadAt": [
        patch(validation, "newLastReadAt: pastInstant.nullish(),", "newLastReadAt: pastInstant,"),
      ],
    },
    only: ["reads", "notifications", "rest"],
    exactly: { red: ["reads.updated"] },
  },
  {
    id: "private-channels-silent-at-first",
    notes: {
      "notifications of a private channel are off until switched on": like("reads-not-private-channel-makes-them"),
      "there is a second instance": secondPort(0),
    },
    only: ["reads", "notifications", "fanout.notifications-once"],
    exactly: { red: ["reads.private-channel-makes-them"] },
    secondPort: true,
    systems: ["discodeit-2"],
  },
  {
    id: "resumes-by-a-header-of-its-own",
    notes: {
      "the last id is read from a header LastEventId alone": [
        patch(
          "server/sse/hub.ts",
          '[request.get("Last-Event-ID"), lastEventId, LastEventId]',
          '[request.get("LastEventId")]',
        ),
      ],
    },
    only: ["replay", "witness.eventsource-resumes"],
    exactly: { red: ["replay.by-header", "replay.by-query"], untested: ["witness.eventsource-resumes"] },
    systems: ["discodeit-1"],
  },
  {
    id: "resumes-never",
    notes: {
      "the last id is not read": [
        patch("server/sse/hub.ts", '[request.get("Last-Event-ID"), lastEventId, LastEventId]', "[undefined]"),
      ],
    },
    only: ["replay", "witness.eventsource-resumes"],
    exactly: { red: ["replay.exactly-the-missing"], untested: ["witness.eventsource-resumes"] },
    systems: ["discodeit-2"],
  },
  {
    id: "notifications-told-twice",
    notes: {
      "each notification comes once more, by an event without its id": [
        patch(
          notifications,
          `rows.map((row) => eventRecord(core, "notificationCreated", core.payloads.notification(row), [row.receiverId])),`,
          `rows.flatMap((row) =>
      [core.payloads.notification(row), { ...(core.payloads.notification(row) as object), id: null }].map((told) =>
        eventRecord(core, "notificationCreated", told, [row.receiverId]),
      ),
    ),`,
        ),
      ],
    },
    only: ["notifications"],
    exactly: { red: ["notifications.event-to-the-receiver"], green: ["notifications.of-a-message"] },
    systems: ["discodeit-2"],
  },
  {
    id: "notifications-without-the-text",
    notes: {
      "the content says who wrote, and not what": [
        patch(
          "server/systems/discodeit/domain/notifications.ts",
          "content: record.content,",
          "content: `A message by ${record.authorName}`,",
        ),
      ],
    },
    only: ["notifications"],
    exactly: { red: ["notifications.name-author-and-text"] },
  },
  {
    id: "notifications-listed-once",
    notes: { "the list of notifications comes from a cache": like("notifications-list-of-the-first-look") },
    only: ["notifications"],
    exactly: {
      red: ["notifications.list-is-current"],
      untested: [
        "notifications.notification-has-its-fields",
        "notifications.list-is-mine",
        "notifications.list-newest-first",
        "notifications.deleted",
        "notifications.not-deleted-by-others",
        "notifications.not-mine-is-403",
        "notifications.of-a-role-change",
      ],
    },
  },
  {
    id: "csrf-is-401",
    notes: { "a missing CSRF header is answered 401": [patch(routes, "throw forbidden(", "throw unauthenticated(")] },
    only: ["csrf", "login"],
    exactly: { red: ["csrf.missing-header-is-403"], untested: ["csrf.comes-before-the-token"] },
  },
  {
    id: "size-ignored",
    notes: { "a page of the history has always 50 rows": like("messages-size-ignored") },
    only: ["messages"],
    exactly: {
      red: ["messages.history-page-size"],
      untested: ["messages.history-pages", "messages.paging-survives-ties", "messages.paging-survives-new-messages"],
    },
  },
  {
    id: "a-slow-refusal",
    notes: {
      "the first stream with a bad token is refused after 6 s: somebody else keeps the server busy": [
        prepend(routes, 'import { setTimeout as later } from "node:timers/promises";\nlet isBusy = true;'),
        patch(
          routes,
          "const token = bearerOf(request);",
          'const token = bearerOf(request);\n    if (request.path === "/sse" && token?.startsWith("garbage") === true && isBusy) {\n      isBusy = false;\n      await later(6_000);\n    }',
        ),
      ],
    },
    only: ["sse.needs-a-token"],
    exactly: { red: [], green: ["sse.needs-a-token"] },
    systems: ["discodeit-1"],
  },
  {
    id: "uploads-wait",
    notes: {
      "an upload never ends": [
        patch(
          "server/systems/discodeit/domain/uploads.ts",
          'return this.#end(fileId, "SUCCESS");',
          'if (tryCount > triesMax) await this.#end(fileId, "SUCCESS"); else return;',
        ),
      ],
    },
    only: ["files"],
    exactly: {
      red: ["files.upload-ends-in-success"],
      untested: ["files.upload-event-to-the-uploader", "files.upload-event-to-nobody-else"],
    },
  },
];
