// Mutants of contract/redis-chat/topics.ts: servers that believe what a body says, or let strangers speak and listen.

import { patch, type Mutant } from "../../faulty.ts";

const system = "redis-chat";
const realtime = "server/systems/redis-chat/realtime.ts";
const messages = "server/systems/redis-chat/domain/messages.ts";
const said = "await say(core, principal, Number(roomId), parse(messageSchema, parseJson(body)).message);";
const ports = "server/systems/room-ports.ts";
const mayHear = "(await members.isIn(store, principal, Number(roomId)))";

export const topics: readonly Mutant[] = [
  {
    id: "topics-room-as-text",
    what: "the room's id is a text in a MESSAGE",
    system,
    patches: [patch(messages, "const body = { roomId, message,", "const body = { roomId: String(roomId), message,")],
    red: ["topics.message-is-whole"],
  },
  {
    id: "topics-one-prefix",
    what: "SEND to /app is refused",
    system,
    patches: [patch(realtime, "(?:publish|app)", "publish")],
    red: ["topics.app-is-an-alias"],
  },
  {
    id: "topics-sender-from-the-body",
    what: "the body says who sent a message",
    system,
    patches: [
      patch(
        realtime,
        said,
        "const { senderEmail } = (parseJson(body) ?? {}) as { senderEmail?: string };\n    await say(core, { ...principal, username: senderEmail ?? principal.username }, Number(roomId), parse(messageSchema, parseJson(body)).message);",
      ),
    ],
    red: ["topics.sender-is-the-session"],
  },
  {
    id: "topics-room-from-the-body",
    what: "the body says in which room a message is heard",
    system,
    patches: [
      patch(
        realtime,
        said,
        "const { roomId: other } = (parseJson(body) ?? {}) as { roomId?: number };\n    await say(core, principal, other ?? Number(roomId), parse(messageSchema, parseJson(body)).message);",
      ),
    ],
    red: ["topics.room-is-the-destination"],
  },
  {
    id: "topics-for-clients-to-write",
    what: "SEND to a topic says something in its room",
    system,
    patches: [patch(realtime, "(?:publish|app)", "(?:publish|app|topic)")],
    red: ["topics.clients-write-to-none"],
  },
  {
    id: "topics-below-a-room",
    what: "what is below a room's topic is heard there",
    system,
    patches: [
      patch(realtime, "const heard = /^\\/topic\\/([1-9]\\d{0,14})$/;", "const heard = /^\\/topic\\/([1-9].*)$/;"),
      patch(ports, mayHear, `(roomId.includes("/") || ${mayHear.slice(1)}`),
      patch(
        messages,
        "await publish(core, newDelivery(roomId, roomDestination(roomId), body));",
        'for (const tail of ["", "/x"]) await publish(core, newDelivery(roomId, `${roomDestination(roomId)}${tail}`, body));',
      ),
    ],
    red: ["topics.patterns-hear-nothing"],
  },
  {
    id: "topics-for-strangers",
    what: "everybody may listen in every room",
    system,
    patches: [patch(ports, mayHear, `(${mayHear} || true)`)],
    red: ["topics.stranger-is-sent-away"],
  },
  {
    id: "topics-any-message",
    what: "a message may be anything, or nothing",
    system,
    patches: [
      patch(
        realtime,
        said,
        'const anything = parseJson(body) as { message?: unknown } | null;\n    await say(core, principal, Number(roomId), typeof anything?.message === "string" ? anything.message : JSON.stringify(anything?.message ?? anything));',
      ),
      patch(realtime, 'import { messageSchema } from "./domain/validation.ts";\n', ""),
      patch(realtime, 'import { parse } from "../validation.ts";\n', ""),
    ],
    red: ["topics.malformed-disturbs-nobody"],
  },
  {
    id: "topics-too-long-is-dropped",
    what: "a message that is too long is dropped in silence",
    system,
    patches: [
      patch(
        "server/systems/problem.ts",
        "return problem.response();",
        'return problem.code === "VALIDATION_FAILED" ? undefined : problem.response();',
      ),
    ],
    red: ["topics.too-long-is-not-silence"],
  },
  {
    id: "topics-history-newest-first",
    what: "the history comes newest first",
    system,
    patches: [patch(messages, "ORDER BY m.id`", "ORDER BY m.id DESC`")],
    red: ["topics.history-oldest-first"],
  },
  {
    id: "topics-history-for-all",
    what: "everybody reads the history",
    system,
    patches: [
      patch(
        messages,
        "await participants.check(core.store, principal, roomId);\n  return core.store.query(",
        "void principal;\n  return core.store.query(",
      ),
    ],
    red: ["topics.history-is-for-participants"],
  },
];
