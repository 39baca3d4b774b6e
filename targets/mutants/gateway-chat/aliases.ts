// Mutants of contract/gateway-chat/aliases.ts: servers that know one name, believe what a body says, or lose it in
// silence.

import { patch, prepend, type Mutant } from "../../faulty.ts";

const system = "gateway-chat";
const realtime = "server/systems/gateway-chat/realtime.ts";
const rooms = "server/systems/gateway-chat/raw-rooms.ts";
const messages = "server/systems/gateway-chat/domain/messages.ts";
const validation = "server/systems/gateway-chat/domain/validation.ts";
const body = "JSON.stringify({ id, roomId, sender, content, timestamp, clientMsgId })";
const records = "[heardAt(roomDestination(roomId), id), heardAt(roomAlias(roomId), newId())]";

export const aliases: readonly Mutant[] = [
  {
    id: "aliases-nobodys",
    what: "a message does not say who sent it",
    system,
    patches: [
      patch(messages, body, 'JSON.stringify({ id, roomId, sender: "somebody", content, timestamp, clientMsgId })'),
    ],
    red: ["aliases.message-is-whole"],
  },
  {
    id: "aliases-request-is-broadcast",
    what: "what is heard is the request, without an id",
    system,
    patches: [patch(messages, body, "JSON.stringify({ roomId, sender, content, timestamp, clientMsgId })")],
    red: ["aliases.message-is-the-stored-one"],
  },
  {
    id: "aliases-timeless",
    what: "a message does not say when it was stored",
    system,
    patches: [patch(messages, body, "JSON.stringify({ id, roomId, sender, content, clientMsgId })")],
    red: ["aliases.message-says-when"],
  },
  {
    id: "aliases-one-prefix",
    what: "SEND to /app is refused",
    system,
    patches: [patch(realtime, "(?:pub|app)", "pub")],
    red: ["aliases.every-way-is-heard-everywhere"],
  },
  {
    id: "aliases-topic-is-dead",
    what: "nothing is heard on /topic",
    system,
    patches: [
      patch(messages, records, "[heardAt(roomDestination(roomId), id)]"),
      patch(messages, "import { roomAlias, roomDestination }", "import { roomDestination }"),
    ],
    red: ["aliases.every-way-is-heard-everywhere"],
  },
  {
    id: "aliases-id-of-the-request",
    what: "the request's id is the message's",
    system,
    patches: [
      patch(validation, "clientMsgId: z.union(", "id: z.unknown().optional(),\n  clientMsgId: z.union("),
      patch(
        messages,
        body,
        "JSON.stringify({ id: request.id ?? id, roomId, sender, content, timestamp, clientMsgId })",
      ),
    ],
    red: ["aliases.id-is-the-servers"],
  },
  {
    id: "aliases-client-id-is-the-sender",
    what: "the clientMsgId is filled with the sender",
    system,
    patches: [
      patch(
        messages,
        body,
        "JSON.stringify({ id, roomId, sender, content, timestamp, clientMsgId: clientMsgId && sender })",
      ),
    ],
    red: ["aliases.client-id-comes-back"],
  },
  {
    id: "aliases-enters-as-text",
    what: "that somebody entered is said as plain text",
    system,
    patches: [
      prepend(realtime, 'import { v7 as newId } from "uuid";\nimport { publicationOf } from "../../bus/records.ts";'),
      patch(
        realtime,
        "authenticate: (token) =>",
        `listening: (_, { username }, destination) =>
      core.bus.publish([
        publicationOf({
          topic: "messages",
          id: newId(),
          channelId: destination,
          destination,
          body: \`\${username}님이 입장하였습니다\`,
          createdAtMs: Date.now(),
        }),
      ]),
    authenticate: (token) =>`,
      ),
    ],
    red: ["aliases.everything-is-json"],
  },
  {
    id: "aliases-for-clients-to-write",
    what: "SEND to a room's destination says something there",
    system,
    patches: [
      patch(realtime, "if (!sent.test(destination))", "if (!sent.test(destination) && !heard.test(destination))"),
    ],
    red: ["aliases.clients-write-to-none"],
  },
  {
    id: "aliases-below-a-room",
    what: "what is below a room's destination is heard there",
    system,
    patches: [
      patch(
        realtime,
        'roomIdPattern.test(heard.exec(destination)?.[1] ?? "")',
        'destination.endsWith("/x") || roomIdPattern.test(heard.exec(destination)?.[1] ?? "")',
      ),
      patch(
        messages,
        records,
        "[...[heardAt(roomDestination(roomId), id), heardAt(roomAlias(roomId), newId())], heardAt(`${roomDestination(roomId)}/x`, newId())]",
      ),
    ],
    red: ["aliases.patterns-hear-nothing"],
  },
  {
    id: "aliases-any-content",
    what: "the content may be anything",
    system,
    patches: [
      patch(
        validation,
        'content: text.max(limits.contentMax).refine((content) => content.trim() !== "", "must not be blank"),',
        'content: z.unknown().transform((content) => (typeof content === "string" ? content : JSON.stringify(content ?? null))),',
      ),
    ],
    red: ["aliases.malformed-disturbs-nobody"],
  },
  {
    id: "aliases-stored-by-chance",
    what: "nobody looks whether a message could be stored",
    system,
    patches: [
      patch(
        realtime,
        "return refusalOf(\n        () => say(core, requestOf(body, bearers && principal)),\n        () => undefined,\n      );",
        "return refusalOf(\n        () => say(core, requestOf(body, bearers && principal)),\n        () => undefined,\n      ).then(\n        () => undefined,\n        () => undefined,\n      );",
      ),
    ],
    red: ["aliases.unstored-is-not-silence"],
  },
  {
    id: "aliases-own-origin-alone",
    what: "pages of other origins are refused",
    system,
    patches: [patch(realtime, "anyOrigin: true,", "")],
    red: ["aliases.any-origin"],
  },
  {
    id: "aliases-sockjs-alone",
    what: "there is no WebSocket at /chat itself",
    system,
    patches: [
      patch(
        "server/realtime/websocket.ts",
        'if (rest === "" || rest === "/" || rest === "/websocket") return "websocket";',
        'if (rest === "/websocket") return "websocket";',
      ),
    ],
    red: ["aliases.native-at-chat"],
  },
  {
    id: "aliases-two-rooms",
    what: "raw rooms hear nothing of what is sent by STOMP",
    system,
    patches: [
      patch(
        rooms,
        "if (!this.#recent.add(record.id) || !live) return;",
        "if (!this.#recent.add(record.id) || !live || record.from === undefined) return;",
      ),
    ],
    red: ["aliases.raw-and-stomp-are-one-room"],
  },
];
