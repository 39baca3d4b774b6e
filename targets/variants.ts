// Servers that behave as the field does where the contract's page has a note. The verifier must get along with each: no
// MUST may fail, except where the note itself breaks one (`rightly`). Notes that do not get in each other's way share a
// server, which speaks both revisions.

import type { AreaName, ClauseId } from "../contract/catalogue.ts";
import type { SystemName as Revision } from "../systems/discodeit/wire.ts";
import { importing, patch, prepend } from "./faulty.ts";
import { mutants } from "./mutants.ts";
import { oneCause } from "./one-cause.ts";
import type { Patch } from "./patch.ts";
import { secondPort } from "./second-port.ts";

export interface Variant {
  id: string;
  /** Each note, and how the server comes to behave so. */
  notes: Readonly<Record<string, readonly Patch[]>>;
  /** As which systems; absent: in both revisions of Discodeit. */
  systems?: readonly (Revision | "stomp")[];
  /** What is run against it: what the notes concern, and a sample beside it. */
  only: readonly (AreaName | ClauseId)[];
  /** MUSTs that the notes break: they fail, and must. */
  rightly?: readonly ClauseId[];
  /**
   * Instead: exactly these are red (fail, or weak where they are no MUST), and all others are green or untested; these
   * are untested, and these green.
   */
  exactly?: { red: readonly ClauseId[]; untested?: readonly ClauseId[]; green?: readonly ClauseId[] };
  /** Users whom nobody can delete. */
  leavesBehind?: true;
  /** Added to the server's environment. */
  environment?: Readonly<Record<string, string>>;
  /** A second port is its second instance, or its first. */
  secondPort?: true | "first";
  /** The first instance is reached by TLS with a private CA, at a base path, on ::1. */
  behindTls?: true;
  /** It takes a real page to see it. */
  inBrowser?: true;
}

const like = (id: string): readonly Patch[] => {
  const mutant = mutants.find((item) => item.id === id);
  if (mutant === undefined) throw new Error(`Cannot find mutant ${id}`);
  return mutant.patches;
};

const auth = "server/systems/discodeit/routes/auth.ts";
const routes = "server/systems/discodeit/routes/routes.ts";
const errors = "server/systems/discodeit/routes/errors.ts";
const messages = "server/systems/discodeit/domain/messages.ts";
const payloads = "server/systems/discodeit/domain/payloads.ts";
const channels = "server/systems/discodeit/domain/channels.ts";
const session = "server/stomp/session.ts";
const broker = "server/stomp/broker.ts";
const stream = "server/sse/stream.ts";
const hub = "server/sse/hub.ts";
const deleted = (file: string): Patch =>
  patch(
    `server/systems/discodeit/routes/${file}.ts`,
    "response.status(204).end();",
    "response.status(200).json({ deleted: true });",
  );
const lastIdFrom = (sources: string): readonly Patch[] => [
  patch(hub, '[request.get("Last-Event-ID"), lastEventId, LastEventId]', sources),
];
const firstPing = "if (lastEventId === undefined) this.#write(this.#host.hello(await this.#newestReadableId()));";
const resumedPing = "    this.#write(this.#host.hello());\n";
const written = "chunk: eventChunk(record.name, record.data, record.id)";

export const variants: readonly Variant[] = [
  {
    id: "stomp-and-messages",
    notes: {
      "only DISCONNECT has a receipt": [
        patch(
          session,
          "this.#receipt(headers);\n        return this.#end(",
          'this.#reply("RECEIPT", { "receipt-id": headers.get("receipt") ?? "" });\n        return this.#end(',
        ),
        patch(
          session,
          'if (receipt !== undefined) this.#reply("RECEIPT"',
          'if (receipt === null) this.#reply("RECEIPT"',
        ),
      ],
      "heart-beat:0,0": [
        ...like("connect-no-heart-beat-offer"),
        patch("server/stomp/heart-beat.ts", "if (clientMs === 0) return 0;", "if (clientMs >= 0) return 0;"),
      ],
      "ERROR loses the race against the close": [patch(session, '    this.#reply("ERROR", headers, body);\n', "")],
      "nothing is told of a bad SEND": like("send-errors-untold"),
      "neighbours of a burst arrive swapped": [
        patch(session, "  // --- what the server asks\n", "  // --- what the server asks\n\n  #turn = 0;\n"),
        // Only what is delivered in one go can be overtaken.
        patch(
          session,
          "    this.#send(message);\n  }\n",
          "    if ((this.#turn += 1) % 2 === 0) setImmediate(() => this.#send(message));\n    else this.#send(message);\n  }\n",
        ),
      ],
      "nine fraction digits live, six and rounded in the history": [
        importing(messages, "nineDigits", "nine-digits.ts"),
        patch(
          messages,
          "const payload = core.payloads.message(row, online);",
          "const payload = nineDigits(core.payloads.message(row, online));",
        ),
      ],
      "online is null when nested": [
        patch(
          payloads,
          "const author = row.author && this.user(row.author, online);",
          "const author = row.author && { ...this.user(row.author, online), online: null };",
        ),
        patch(
          payloads,
          "row.participants.map((user) => this.user(user, online))",
          "row.participants.map((user) => ({ ...this.user(user, online), online: null }))",
        ),
      ],
      "a whole ChannelDto in revision 1": [
        patch(
          payloads,
          'return this.system === "discodeit-1" ? { channelId: row.id } : this.channel(row, online);',
          "return this.channel(row, online);",
        ),
      ],
      "the least instant as lastMessageAt": [
        patch(
          payloads,
          "participants: row.participants",
          'lastMessageAt: lastMessageAt ?? "-1000000000-01-01T00:00:00Z", participants: row.participants',
        ),
        patch(payloads, ", lastMessageAt };", " };"),
      ],
      "nextCursor though hasNext is false": [
        patch(
          messages,
          "nextCursor: hasNext ? (page.at(-1)?.createdAt ?? null) : null,",
          "nextCursor: page.at(-1)?.createdAt ?? null,",
        ),
      ],
      "409 for a read status that is there": [
        patch(
          "server/systems/discodeit/domain/reads.ts",
          "import { forbidden, notFound }",
          "import { forbidden, notFound, Problem }",
        ),
        patch(
          "server/systems/discodeit/domain/reads.ts",
          '    await checkReadable(tx, principal, status.channelId, "FOR KEY SHARE");\n',
          '    await checkReadable(tx, principal, status.channelId, "FOR KEY SHARE");\n    const there = await tx.query("SELECT 1 FROM read_statuses WHERE user_id = $1 AND channel_id = $2", [status.userId, status.channelId]);\n    if (there.length > 0) throw new Problem(409, "READ_STATUS_EXISTS", "There is one");\n',
        ),
      ],
    },
    systems: ["discodeit-1"],
    only: [
      "connect",
      "subscribe",
      "send",
      "messages.live-equals-history",
      "messages.text-survives",
      "messages.history-pages",
      "channels.last-message-at",
      "channels.private-is-created",
      "channels.list-holds-mine",
      "reads",
      "tabs",
      "sse.channel-created-to-participants",
      "notifications.switched-on-in-public",
    ],
  },
  {
    id: "cookies-and-refusals",
    notes: {
      "cookies are Secure over plain HTTP, below another path": [
        patch(
          "server/security/cookies.ts",
          'path: "/",\n    sameSite: "lax",\n    secure: request.secure,',
          'path: "/api",\n    sameSite: "none",\n    secure: true,',
        ),
      ],
      "another name of the refresh cookie": [
        patch(auth, "const cookieName = refreshCookie[revision.system];", 'const cookieName = "JREFRESH";'),
      ],
      "a new CSRF cookie with each bearer answer, or never": [
        patch(routes, "import { csrfHoldsFor }", "import { csrfHoldsFor, renewCsrfToken }"),
        patch(
          routes,
          'response.locals["principal"] = principal;',
          'response.locals["principal"] = principal;\n    if (core.name === "discodeit-2") renewCsrfToken(request, response);',
        ),
        patch(
          auth,
          "    renewCsrfToken(request, response);\n    answer",
          '    if (core.name === "discodeit-2") renewCsrfToken(request, response);\n    answer',
        ),
      ],
      "csrf-token is 204": [
        patch(auth, "if (revision.csrfBody) response.json(", "if (revision === undefined) response.json("),
        patch(auth, "response.status(203).end();", "response.status(204).end();"),
      ],
      "a bare token of refresh and me": [
        patch(
          auth,
          "void response.json(",
          'void (revision.sessionBody === "token" && response.req.path !== "/auth/login" ? { json: (token: unknown) => response.type("text").send(token) } : response).json(',
        ),
      ],
      "equal tokens within a second": [
        patch("server/security/tokens.ts", '      .setJti(randomBytes(12).toString("base64url"))\n', ""),
      ],
      "logout is 200": [patch("server/systems/discodeit/discodeit-2.ts", "logoutStatus: 204", "logoutStatus: 200")],
      "a refresh without a cookie is 500": [
        patch(
          auth,
          "await refresh(core, readCookie(request, cookieName))",
          'await refresh(core, readCookie(request, cookieName)).catch(() => { throw new Error("no cookie"); })',
        ),
      ],
      "refusals have bodies of any kind": [
        importing(errors, "refuseAnyhow", "refusals-of-any-kind.ts"),
        patch(
          errors,
          "    response.status(problem.status).json(problem.response());\n",
          "    refuseAnyhow(response, problem);\n",
        ),
      ],
      "no token is 403": [
        patch(
          routes,
          'if (token === undefined) throw unauthenticated("Cannot',
          'if (token === undefined) throw forbidden("Cannot',
        ),
      ],
      "deletions are 200 with a body": ["users", "channels", "messages", "notifications"].map(deleted),
      "a refused role change is 500": [
        patch(
          "server/systems/discodeit/domain/accounts.ts",
          'throw forbidden("Cannot change a role: only admins may");',
          'throw new Error("AccessDenied");',
        ),
      ],
      "an upload takes 3 s, and a download before is refused": [
        patch(
          "server/systems/discodeit/domain/uploads.ts",
          "    for (let tryCount = 1;",
          "    await delay(3_000);\n    for (let tryCount = 1;",
        ),
        patch(
          "server/systems/discodeit/domain/files.ts",
          "const { fileName, contentType } = await readableFile(core, principal, id);",
          'const { fileName, contentType, status } = await readableFile(core, principal, id);\n  if (status === "WAITING") throw notFound("file content", id);',
        ),
      ],
      "a name beyond Latin-1 loses Content-Disposition": [
        patch(
          "server/systems/discodeit/routes/files.ts",
          '"Content-Disposition": attachmentHeader(file.fileName),',
          '...(/[^\\u0000-\\u00ff]/.test(file.fileName) ? {} : { "Content-Disposition": attachmentHeader(file.fileName) }),',
        ),
      ],
    },
    only: [
      "login",
      "csrf",
      "rest",
      "accounts.delete-removes-the-user",
      "accounts.role-change-by-admin",
      "accounts.role-change-only-by-admin",
      "accounts.limits-are-exact",
      "files.download-gives-the-bytes",
      "files.upload-event-to-the-uploader",
      "files.name-beyond-latin-1",
      "files.private-to-members",
      "messages.content-limit",
      "messages.delete-by-author",
      "messages.private-post-by-stranger",
      "channels.private-is-deleted-by-a-participant",
      "channels.denied-is-403",
      "notifications.deleted",
      "witness.fetch",
    ],
  },
  {
    id: "streams-without-a-word",
    notes: {
      "no head before the first event, no first event and no comments": like("sse-silent-at-first"),
      "the last id only from lastEventId": lastIdFrom("[lastEventId]"),
      "an unknown id is passed over in silence": like("replay-gap-untold"),
      "the uploader is not alone to hear": like("files-not-upload-event-to-nobody-else"),
    },
    only: [
      "sse",
      "replay",
      "tabs",
      "notifications.event-to-the-receiver",
      "notifications.event-to-nobody-else",
      "presence",
      "files.upload-event-to-nobody-else",
      "witness.eventsource",
    ],
    systems: ["discodeit-2"],
    rightly: ["replay.by-header"],
  },
  {
    id: "streams-with-ping-without-data",
    notes: {
      "ping without data": [
        ...like("sse-ping-without-data"),
        patch(stream, resumedPing, '    this.#write(Buffer.from("event: ping\\n\\n"));\n'),
      ],
      "the last id only from the header": lastIdFrom('[request.get("Last-Event-ID")]'),
      "another id of an event for each receiver": [
        prepend(stream, "const named = new Map<string, string>();"),
        patch(stream, "    this.#response.write(entry.chunk);\n", "    this.#response.write(this.#named(entry));\n"),
        patch(stream, "        this.#write(entry.chunk);\n", "        this.#write(this.#named(entry));\n"),
        patch(
          stream,
          "  #closed(): boolean {\n",
          `  #named({ record }: LogEntry): Buffer {
    const id = record.id.slice(0, 24) + this.principal.userId.slice(24);
    named.set(id, record.id);
    return eventChunk(record.name, record.data, id);
  }

  #closed(): boolean {\n`,
        ),
        patch(
          stream,
          "await this.#positionOf(lastEventId)",
          "await this.#positionOf(named.get(lastEventId) ?? lastEventId)",
        ),
      ],
      "deleting a user breaks all open streams": [
        prepend("server/systems/discodeit/domain/accounts.ts", 'import { endStreams } from "../../../sse/hub.ts";'),
        prepend(
          hub,
          "const opened = new Set<SseStream>(); export const endStreams = (): void => opened.forEach((stream) => stream.end());",
        ),
        patch(
          "server/systems/discodeit/domain/accounts.ts",
          'await tell(tx, core, "userDeleted"',
          'setTimeout(() => endStreams(), 300);\n    await tell(tx, core, "userDeleted"',
        ),
        patch(hub, "    this.#streams.add(stream);\n", "    this.#streams.add(stream);\n    opened.add(stream);\n"),
      ],
    },
    only: [
      "sse",
      "replay",
      "tabs",
      "notifications.event-to-the-receiver",
      "accounts.delete-removes-the-user",
      "accounts.deleted-author-is-null",
      "accounts.duplicate-is-409",
      "login.connections-end-with-deletion",
      "witness.eventsource-resumes",
    ],
    systems: ["discodeit-1"],
  },
  {
    id: "open-to-everybody",
    notes: {
      "sse.connected with a random id": [
        patch(
          stream,
          firstPing,
          'if (lastEventId === undefined) this.#write(eventChunk("sse.connected", "connected", crypto.randomUUID()));',
        ),
        patch(stream, resumedPing, '    this.#write(eventChunk("sse.connected", "connected", crypto.randomUUID()));\n'),
      ],
      "the last id only from LastEventId": lastIdFrom("[LastEventId]"),
      "an unknown id replays everything": like("replay-unknown-id-replays-everything"),
      "a retry field": [
        patch(
          "server/sse/replay-log.ts",
          written,
          'chunk: Buffer.concat([Buffer.from("retry: 3000\\n"), eventChunk(record.name, record.data, record.id)])',
        ),
      ],
      "SUBSCRIBE is accepted anywhere, and a pattern hears every channel": [
        patch(channels, "if (destination === errorQueue) return true;", "if (destination !== undefined) return true;"),
        ...like("subscribe-patterns-deliver").filter(({ file }) => file === broker),
      ],
      "SEND to /sub is relayed": like("send-to-the-broker"),
      "private channels are checked nowhere": [
        ...like("send-private-by-anybody"),
        ...like("messages-history-for-anybody"),
      ],
      "authorId is trusted": like("send-author-trusted"),
      "the frame STOMP is let in": like("connect-stomp-frame-unchecked"),
      "a lower-case authorization header": like("connect-lower-case-header"),
      "SockJS's XHR transports are refused by CSRF": [
        patch(
          "server/sockjs/http.ts",
          "if (!this.#options.originAllowed(request))",
          'if (request.method === "POST" || !this.#options.originAllowed(request))',
        ),
      ],
      "connections outlive their login": [
        patch("server/security/logins.ts", "return rows.map((row) => row.id);", "return [];"),
      ],
      "online means: has an account": [
        patch(
          "server/presence/presence.ts",
          "new Set(userIds.filter((userId) => this.#present.has(userId)))",
          "new Set(userIds)",
        ),
      ],
    },
    only: [
      "connect",
      "subscribe",
      "send",
      "sockjs",
      "presence",
      "messages.private-post-by-stranger",
      "messages.private-history-by-stranger",
      "messages.author-is-the-caller",
      "sse",
      "replay",
    ],
    systems: ["discodeit-2"],
    rightly: ["replay.by-header"],
  },
  {
    id: "late-and-far-away",
    notes: {
      "consumers need seconds to join": secondPort(4_000),
      "the first instance is at a base path behind a proxy, with a private CA, on ::1": [],
    },
    only: [
      "fanout",
      "tabs",
      "connect.with-a-token",
      "sockjs",
      "csrf",
      "login.returns-the-token",
      "login.sets-the-refresh-cookie",
      "login.logout-clears-the-cookie",
      "witness",
      "files.download-gives-the-bytes",
    ],
    systems: ["discodeit-1"],
    secondPort: true,
    behindTls: true,
  },
  {
    id: "limits-sign-ups",
    notes: {
      "each kind of client has to come again for its first sign-up": [
        patch(
          "server/http.ts",
          "  app.use(crossOrigin(edge.originAllowed));\n",
          `  const known = new Set<string>();
  app.use((request, response, next) => {
    const who = String(request.headers["user-agent"]);
    if (request.method !== "POST" || request.path !== "/api/users" || known.has(who)) return next();
    known.add(who);
    response.status(429).set("Retry-After", "1").end();
  });
  app.use(crossOrigin(edge.originAllowed));
`,
        ),
      ],
    },
    exactly: { red: [], green: ["witness.fetch"] },
    only: ["witness.fetch", "accounts.sign-up-returns-the-user"],
    systems: ["discodeit-2"],
  },
  {
    id: "busy-for-a-moment",
    notes: {
      "the first who asks for a history is never answered": [
        patch(
          "server/systems/discodeit/routes/messages.ts",
          '  router.get("/messages", async (request, response) => {\n',
          '  let asked = 0;\n  router.get("/messages", async (request, response) => {\n    if ((asked += 1) === 1) return;\n',
        ),
      ],
      "the first who makes a channel of three meets a fault that another request left behind": [
        prepend("server/systems/discodeit/routes/channels.ts", "let count = 0;"),
        patch(
          "server/systems/discodeit/routes/channels.ts",
          "    response.status(201).json(await createPrivateChannel(core,",
          `    if (participantIds.length === 3 && (count += 1) === 1) throw new Error("The emitter has already completed");
    response.status(201).json(await createPrivateChannel(core,`,
        ),
      ],
      "the notification of one message comes after 12 s": [
        prepend(
          "server/systems/discodeit/domain/notifications.ts",
          'import { setTimeout as wait } from "node:timers/promises";\nlet notified = 0;',
        ),
        patch(
          "server/systems/discodeit/domain/notifications.ts",
          "    await notify(\n      tx,\n      core,\n      receivers.map((row) => row.id),\n",
          `    if (record.content.startsWith("fence-") && (notified += 1) === 1)
      return void wait(12_000).then(() => notifyOfMessage(core, record), core.onFault);
    await notify(
      tx,
      core,
      receivers.map((row) => row.id),
`,
        ),
      ],
    },
    only: ["messages.history-newest-first", "channels.private-is-created", "notifications.of-a-message"],
    systems: ["discodeit-2"],
  },
  {
    id: "late-in-a-burst",
    notes: {
      "the last of the first burst comes after 12 s": [
        patch(
          "server/realtime/realtime.ts",
          "      if (!live) return broker.remember(record);\n",
          `      if (!live) return broker.remember(record);
      if (/"n49-/.test(JSON.stringify(record)) && (bursts += 1) === 1)
        return void setTimeout(() => broker.deliver(record), 12_000);
`,
        ),
        prepend("server/realtime/realtime.ts", "let bursts = 0;"),
      ],
    },
    only: ["send.stores-and-delivers", "send.order-of-a-burst"],
    systems: ["discodeit-2"],
    exactly: { red: [], green: ["send.order-of-a-burst"] },
  },
  {
    id: "late-for-a-step",
    notes: {
      "the second notification of one channel comes after 12 s": [
        prepend(
          "server/systems/discodeit/domain/notifications.ts",
          'import { setTimeout as wait } from "node:timers/promises";\nconst seen = new Set<string>();\nlet late = 0;',
        ),
        patch(
          "server/systems/discodeit/domain/notifications.ts",
          "    await notify(\n      tx,\n      core,\n      receivers.map((row) => row.id),\n",
          `    if (record.content.startsWith("m-") && seen.has(record.channelId) && (late += 1) === 1)
      return void wait(12_000).then(() => notifyOfMessage(core, record), core.onFault);
    seen.add(record.channelId);
    await notify(
      tx,
      core,
      receivers.map((row) => row.id),
`,
        ),
      ],
    },
    only: ["notifications.not-for-the-author"],
    systems: ["discodeit-2"],
    exactly: { red: [], green: ["notifications.not-for-the-author"] },
  },
  {
    id: "no-cors",
    notes: {
      "a page of another origin may have the WebSocket, and nothing else": [
        patch("server/security/cross-origin.ts", '      "Access-Control-Allow-Origin": origin,\n', ""),
      ],
    },
    only: ["witness.browser-other-origin", "witness.browser-eventsource"],
    systems: ["discodeit-1"],
    exactly: { red: [], green: ["witness.browser-other-origin", "witness.browser-eventsource"] },
    inBrowser: true,
  },
  {
    id: "small-frames",
    notes: {
      "a STOMP frame has at most 8 KiB": [
        patch("server/stomp/codec.ts", "const frameBytesMax = 64 * 1024;", "const frameBytesMax = 8 * 1024;"),
      ],
    },
    systems: ["stomp"],
    only: ["payload", "acks", "transactions"],
    exactly: { red: [] },
  },
  ...(
    [
      ["behind", -3_600_000, "discodeit-1"],
      ["ahead", 3_600_000, "discodeit-2"],
    ] as const
  ).map(([way, offsetMs, system]): Variant => ({
    id: `an-hour-${way}`,
    notes: {
      [`its clock is an hour ${way}`]: [
        prepend("server/main.ts", 'import "../targets/mutants/discodeit/modules/clock-an-hour-off.ts";'),
      ],
    },
    environment: { CLOCK_OFFSET_MS: String(offsetMs) },
    only: ["login", "reads", "messages", "notifications"],
    systems: [system],
    exactly: { red: [] },
  })),
  ...oneCause,
];
