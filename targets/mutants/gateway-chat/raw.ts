// Mutants of contract/shared/raw.ts: rooms over bare WebSocket JSON that tell too many, too few, or too often.

import { patch, prepend, type Mutant } from "../../faulty.ts";

const system = "gateway-chat";
const rooms = "server/systems/gateway-chat/raw-rooms.ts";
const messages = "server/systems/gateway-chat/domain/messages.ts";
const toOthers = "if (socket.id !== record.from) socket.deliver(message);";
const instance = 'process.env["INSTANCE"]';

export const raw: readonly Mutant[] = [
  {
    id: "raw-heard-by-each-name",
    what: "a message is heard once for each name of its room",
    system,
    patches: [
      patch(rooms, "if (record.destination !== roomDestination(record.channelId)) return;", "void roomDestination;"),
    ],
    red: ["raw.others-hear-once"],
  },
  {
    id: "raw-echo",
    what: "whoever says something hears it, too",
    system,
    patches: [patch(rooms, toOthers, "socket.deliver(message);")],
    red: ["raw.echo-as-defined"],
  },
  {
    id: "raw-one-room-for-all",
    what: "all rooms hear everything",
    system,
    patches: [
      patch(
        rooms,
        "of this.#rooms.get(record.channelId) ?? [])",
        "of [...this.#rooms.values()].flatMap((members) => [...members]))",
      ),
    ],
    red: ["raw.other-rooms-are-silent"],
  },
  {
    id: "raw-ascii",
    what: "what is no ASCII is a question mark",
    system,
    patches: [patch(rooms, "Buffer.from(record.body)", 'Buffer.from(record.body.replace(/[^ -~]/g, "?"))')],
    red: ["raw.text-is-intact"],
  },
  {
    id: "raw-drops-what-waits",
    what: "of what comes while something is stored, ten messages are kept",
    system,
    patches: [patch(rooms, "this.#waiting.push(chunk);", "if (this.#waiting.length < 10) this.#waiting.push(chunk);")],
    red: ["raw.burst-is-complete"],
  },
  {
    id: "raw-newest-first",
    what: "of what waits, the newest is said first",
    system,
    patches: [
      patch(
        rooms,
        "message !== undefined; message = this.#waiting.shift()",
        "message !== undefined; message = this.#waiting.pop()",
      ),
    ],
    red: ["raw.burst-is-in-order"],
  },
  {
    id: "raw-one-speaker-at-a-time",
    what: "what somebody says while another one's message is stored is dropped",
    system,
    patches: [
      prepend(rooms, "const speakers = new Map<string, string>();"),
      patch(
        rooms,
        "await say(this.#core, request, this.id);",
        "if ((speakers.get(request.roomId) ?? this.id) !== this.id) return;\n      speakers.set(request.roomId, this.id);\n      await say(this.#core, request, this.id).finally(() => speakers.delete(request.roomId));",
      ),
    ],
    red: ["raw.many-at-once"],
  },
  {
    id: "raw-leavers-take-the-room",
    what: "whoever leaves a room takes all others out of it",
    system,
    patches: [patch(rooms, "members?.delete(socket);", "members?.clear();")],
    red: ["raw.leavers-harm-nobody"],
  },
  {
    id: "raw-anything-is-said",
    what: "what is no JSON is said to the room as it is",
    system,
    patches: [
      patch(
        rooms,
        'const request = parseRequest(parseJson(Buffer.from(bytes).toString("utf8")));',
        'const said = Buffer.from(bytes).toString("utf8");\n      const isRequest = said.startsWith("{") && said.endsWith("}");\n      const request = isRequest\n        ? parseRequest(parseJson(said))\n        : { roomId: this.roomId ?? "nowhere", sender: "somebody", content: said };',
      ),
    ],
    red: ["raw.bad-json-disturbs-nobody"],
  },
  {
    id: "raw-bad-json-closes",
    what: "what is no JSON ends the connection",
    system,
    patches: [
      patch(
        rooms,
        "if (problem.status >= 500) this.#options.onFault(error);\n      this.#tellError(problem.message);",
        "if (problem.status >= 500) this.#options.onFault(error);\n      this.refuse([policyViolation, problem.message]);",
      ),
    ],
    red: ["raw.bad-json-keeps-the-socket"],
  },
  {
    id: "raw-stays-on-its-instance",
    what: "a message is heard by the raw rooms of the instance that took it, and of no other",
    system,
    stack: true,
    patches: [
      patch(
        messages,
        "...(from === undefined ? {} : { from }),",
        `...(from === undefined ? {} : { from }),\n    ...{ madeBy: ${instance} },`,
      ),
      patch(
        rooms,
        "if (record.destination !== roomDestination(record.channelId)) return;",
        `if (record.destination !== roomDestination(record.channelId)) return;\n    if ("madeBy" in record && record.madeBy !== ${instance}) return;`,
      ),
    ],
    red: ["raw.crosses"],
  },
];
