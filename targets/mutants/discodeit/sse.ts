// Mutants of contract/shared/sse.ts: event streams whose head, form or receivers are wrong.

import { patch, type Mutant } from "../../faulty.ts";
import { blindTo } from "./presence.ts";

const hub = "server/sse/hub.ts";
const stream = "server/sse/stream.ts";
const log = "server/sse/replay-log.ts";
const channels = "server/systems/discodeit/domain/channels.ts";
const firstPing = "if (lastEventId === undefined) this.#write(this.#host.hello(await this.#newestReadableId()));";

export const sse: readonly Mutant[] = [
  {
    id: "sse-plain-text",
    what: "the stream says that it is plain text",
    patches: [patch(hub, '"text/event-stream;charset=utf-8"', '"text/plain;charset=utf-8"')],
    red: ["sse.content-type", "witness.eventsource"],
  },
  {
    id: "sse-silent-at-first",
    what: "nothing comes before the first event, not even the head",
    patches: [
      patch(hub, "    response.flushHeaders();\n", ""),
      // On a machine that is busy the deadline is longer than the pause between two comments.
      patch(stream, "const commentEveryMs = 10_000;", "const commentEveryMs = 3_600_000;"),
      patch(stream, firstPing, "if (lastEventId === undefined) await this.#newestReadableId();"),
      // That the reader came online would be such an event.
      ...blindTo("streams"),
    ],
    red: ["sse.head-at-once", "sse.ping-first"],
  },
  {
    id: "sse-cached",
    what: "the stream may be cached",
    patches: [patch(hub, '"no-cache, no-transform"', '"public, max-age=60"')],
    red: ["sse.not-cached"],
  },
  {
    id: "sse-ping-by-another-name",
    what: "the first event is sse.connected",
    patches: [
      patch(
        stream,
        firstPing,
        'if (lastEventId === undefined) this.#write(eventChunk("sse.connected", "{}", await this.#newestReadableId()));',
      ),
    ],
    red: ["sse.ping-first"],
  },
  {
    id: "sse-ping-without-data",
    what: "ping has no data",
    patches: [
      patch(stream, firstPing, 'if (lastEventId === undefined) this.#write(Buffer.from("event: ping\\n\\n"));'),
    ],
    red: ["sse.ping-first", "sse.ping-has-the-cursor"],
  },
  {
    id: "sse-ping-without-a-cursor",
    what: "ping carries no id",
    patches: [patch(stream, firstPing, "if (lastEventId === undefined) this.#write(this.#host.hello());")],
    red: ["sse.ping-has-the-cursor"],
  },
  {
    id: "sse-ping-with-an-unknown-id",
    what: "ping carries an id that nobody knows",
    patches: [
      patch(stream, firstPing, "if (lastEventId === undefined) this.#write(this.#host.hello(crypto.randomUUID()));"),
    ],
    red: ["sse.ping-has-the-cursor", "replay.from-the-first-ping"],
  },
  {
    id: "sse-silent-after-an-unknown-id",
    what: "a stream that resumes with an unknown id says nothing before the next event, not even its head",
    patches: [
      patch(
        hub,
        "    response.flushHeaders();\n",
        "    if (lastEventIdOf(request) === undefined) response.flushHeaders();\n",
      ),
      patch(stream, "const commentEveryMs = 10_000;", "const commentEveryMs = 3_600_000;"),
      patch(stream, "    this.#write(this.#host.hello());\n", ""),
      patch(stream, "else await this.#tellGap();", ""),
      ...blindTo("streams"),
    ],
    red: ["sse.head-at-once"],
  },
  {
    id: "sse-wrong-event-name",
    what: "a new channel is told as channel.created",
    system: "discodeit-2",
    patches: [
      patch(
        "server/systems/discodeit/domain/payloads.ts",
        "return eventNames[this.system][kind];",
        'return kind === "channelCreated" ? "channel.created" : eventNames[this.system][kind];',
      ),
    ],
    red: ["sse.channel-created-to-participants"],
  },
  {
    id: "sse-ping-of-a-resumed-stream-has-a-cursor",
    what: "ping carries an id on a resumed stream, too",
    patches: [
      patch(
        stream,
        "    this.#write(this.#host.hello());\n",
        "    this.#write(this.#host.hello(await this.#newestReadableId()));\n",
      ),
    ],
    red: ["sse.ping-has-the-cursor"],
  },
  {
    id: "sse-no-ids",
    what: "events carry no id",
    patches: [
      patch(
        log,
        "chunk: eventChunk(record.name, record.data, record.id)",
        "chunk: eventChunk(record.name, record.data)",
      ),
    ],
    red: ["sse.events-have-ids"],
  },
  {
    id: "sse-data-in-lines",
    what: "the data of an event is written over several lines",
    patches: [
      patch(
        log,
        'data: ${data.replaceAll(/\\r\\n|\\r|\\n/g, "\\ndata: ")}\\n\\n`',
        'data: ${data.replaceAll(",", ",\\ndata: ").replace("{", "{\\ndata: ")}\\n\\n`',
      ),
    ],
    red: ["sse.events-have-ids"],
  },
  {
    id: "sse-ids-with-a-prefix",
    what: "event ids are no UUIDs",
    patches: [
      patch(
        "server/bus/new-records.ts",
        'topic: "events",\n  id: newId(),',
        'topic: "events",\n  id: `event-${newId()}`,',
      ),
    ],
    red: ["sse.ids-are-uuids"],
  },
  {
    id: "sse-ids-per-stream",
    what: "every stream gives an event an id of its own",
    patches: [
      patch(
        stream,
        "    this.#response.write(entry.chunk);\n",
        "    this.#response.write(eventChunk(entry.record.name, entry.record.data, crypto.randomUUID()));\n",
      ),
    ],
    red: ["sse.ids-are-uuids", "replay.exactly-the-missing"],
  },
  {
    id: "sse-channel-told-to-its-maker",
    what: "a new private channel is told to its maker only",
    patches: [
      patch(
        channels,
        "channelEvent(row, online), members, id);",
        "channelEvent(row, online), [principal.userId], id);",
      ),
    ],
    red: ["sse.channel-created-to-participants"],
  },
  {
    id: "sse-private-channel-told-to-everyone",
    what: "a new private channel is told to everyone",
    patches: [
      patch(channels, "channelEvent(row, online), members, id);", 'channelEvent(row, online), "everyone", id);'),
    ],
    red: ["sse.channel-created-to-nobody-else", "rooms.strangers-hear-no-event"],
  },
  {
    id: "sse-deletion-untold",
    what: "the deletion of a channel is not told",
    patches: [
      patch(
        channels,
        'await tell(tx, core, "channelDeleted"',
        'if (tx === undefined) await tell(tx, core, "channelDeleted"',
      ),
    ],
    red: ["sse.channel-deleted-to-participants", "sse.public-channel-to-everyone"],
  },
  {
    id: "sse-private-deletion-told-to-everyone",
    what: "the deletion of a private channel is told to everyone",
    patches: [patch(channels, 'row.type === "PUBLIC" ? "everyone" : members);', '"everyone");')],
    red: ["sse.channel-deleted-to-participants"],
  },
  {
    id: "sse-channel-change-untold",
    what: "a changed public channel is not told",
    patches: [
      patch(
        channels,
        'await tell(tx, core, "channelUpdated"',
        'if (tx === undefined) await tell(tx, core, "channelUpdated"',
      ),
    ],
    red: ["sse.public-channel-to-everyone"],
  },
  {
    id: "sse-sign-up-untold",
    what: "a new user is not told",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'await tell(tx, core, "userCreated"',
        'if (tx === undefined) await tell(tx, core, "userCreated"',
      ),
    ],
    red: ["sse.user-changes-to-everyone"],
  },
  {
    id: "sse-user-deletion-untold",
    what: "a deleted user is not told",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'await tell(tx, core, "userDeleted"',
        'if (tx === undefined) await tell(tx, core, "userDeleted"',
      ),
    ],
    red: ["sse.user-changes-to-everyone"],
  },
  {
    id: "sse-no-comments",
    what: "an idle stream says nothing for a minute",
    patches: [patch(stream, "const commentEveryMs = 10_000;", "const commentEveryMs = 60_000;")],
    red: ["sse.comment-every-10-s"],
  },
  {
    id: "sse-ends-after-30-s",
    what: "a stream ends after 30 s",
    patches: [
      patch(
        stream,
        '    response.on("close", () => clearInterval(this.#commentTimer));\n',
        '    setTimeout(() => this.end(), 30_000);\n    response.on("close", () => clearInterval(this.#commentTimer));\n',
      ),
    ],
    red: ["sse.stays-open"],
  },
  {
    id: "sse-six-streams",
    what: "a user may hold six streams",
    patches: [],
    environment: { STREAMS_PER_USER_MAX: "6" },
    red: ["sse.more-than-six-streams"],
  },
  {
    id: "sse-head-hangs",
    what: "HEAD on the stream is never answered",
    patches: [
      patch(
        hub,
        'if (request.method === "HEAD") return void response.end();',
        'if (request.method === "HEAD") return;',
      ),
    ],
    red: ["sse.head-request-does-not-hang"],
  },
  {
    id: "sse-odd-lines",
    what: "events have a line that is no field of the standard",
    patches: [patch(log, "`${idLine}event: ${name}\\n", "`${idLine}kind: told\\nevent: ${name}\\n")],
    red: ["sse.no-odd-lines"],
  },
];
