// Mutants of contract/shared/replay.ts: streams that resume at the wrong place, with the wrong events, or without a word about
// what is missing.

import { patch, prepend, swap, type Mutant } from "../../faulty.ts";

const hub = "server/sse/hub.ts";
const stream = "server/sse/stream.ts";
const replayed = "        this.#write(entry.chunk);\n";
const sources = '[request.get("Last-Event-ID"), lastEventId, LastEventId]';

export const replay: readonly Mutant[] = [
  {
    id: "replay-off-by-one",
    what: "the event that the client named is replayed, too",
    patches: [patch(stream, "this.#cursor = position + 1;", "this.#cursor = position;")],
    red: ["replay.exactly-the-missing"],
  },
  {
    id: "replay-keeps-nothing-for-the-absent",
    what: "an event is kept for those receivers alone who have a stream when it is made",
    patches: [
      patch(
        hub,
        "const entry = this.log.append(record);",
        `const present = new Set([...this.#streams].map(({ principal }) => principal.userId));
    const { receivers } = record;
    const entry = this.log.append(
      receivers === "everyone" ? record : { ...record, receivers: receivers.filter((id) => present.has(id)) },
    );`,
      ),
    ],
    red: ["replay.after-a-reload"],
  },
  {
    id: "replay-with-new-ids",
    what: "a replayed event has another id than it had live",
    patches: [
      patch(
        stream,
        replayed,
        "        this.#write(eventChunk(entry.record.name, entry.record.data, crypto.randomUUID()));\n",
      ),
    ],
    red: ["replay.same-events"],
  },
  {
    id: "replay-doubled-at-the-seam",
    what: "a stream that still catches up is live already",
    patches: [
      patch(
        stream,
        "    try {\n      if (lastEventId === undefined)",
        "    this.#live = true;\n    try {\n      if (lastEventId === undefined)",
      ),
      patch(stream, replayed, `        await new Promise((resolve) => setTimeout(resolve, 20));\n${replayed}`),
    ],
    red: ["replay.before-live", "replay.every-cut-point"],
  },
  {
    id: "replay-lost-at-the-seam",
    what: "what happens while a stream catches up is lost",
    patches: [
      patch(
        stream,
        "    while (!this.#closed()) {\n",
        "    const end = this.#host.log.end;\n    while (!this.#closed()) {\n",
      ),
      patch(
        stream,
        "const entry = this.#host.log.at(this.#cursor);\n",
        "const entry = this.#cursor < end ? this.#host.log.at(this.#cursor) : undefined;\n",
      ),
      patch(stream, replayed, `        await new Promise((resolve) => setTimeout(resolve, 20));\n${replayed}`),
    ],
    red: ["replay.before-live", "replay.every-cut-point"],
  },
  {
    id: "replay-without-an-id",
    what: "a stream without an id replays everything",
    patches: [patch(stream, "this.#cursor = host.log.end;", "this.#cursor = host.log.start;")],
    red: ["replay.none-without-id"],
  },
  {
    id: "replay-of-others",
    what: "replay does not ask who an event was for",
    patches: [
      patch(
        stream,
        "if (!isReceiver(entry, this.principal.userId)) return false;\n    const",
        'if (entry.record.id !== "") return true;\n    const',
      ),
    ],
    red: ["replay.only-mine", "replay.foreign-id-is-reported", "replay.rights-of-now"],
  },
  {
    id: "replay-header-ignored",
    what: "the last id is read from the query only",
    patches: [patch(hub, sources, "[lastEventId, LastEventId]")],
    red: ["replay.by-header"],
  },
  {
    id: "replay-one-query-name",
    what: "of the query only lastEventId is read",
    patches: [patch(hub, sources, '[request.get("Last-Event-ID"), lastEventId]')],
    red: ["replay.by-query"],
  },
  {
    id: "replay-query-wins",
    what: "the query wins over the header",
    patches: [patch(hub, sources, '[lastEventId, LastEventId, request.get("Last-Event-ID")]')],
    red: ["replay.header-wins"],
  },
  {
    id: "replay-gap-untold",
    what: "an unknown id is passed over in silence",
    patches: [patch(stream, "else await this.#tellGap();", "")],
    red: ["replay.unknown-id-is-reported", "replay.malformed-id-is-reported", "replay.foreign-id-is-reported"],
  },
  {
    id: "replay-unknown-id-replays-everything",
    what: "an unknown id replays everything",
    patches: [patch(stream, "else await this.#tellGap();", "else this.#cursor = this.#host.log.start;")],
    red: ["replay.unknown-id-is-reported", "replay.malformed-id-is-reported"],
  },
  {
    id: "replay-gap-without-a-cursor",
    what: "replay.gap has an id that nobody knows",
    patches: [
      patch(
        stream,
        '\'{"reason":"unknown"}\', await this.#newestReadableId()',
        '\'{"reason":"unknown"}\', crypto.randomUUID()',
      ),
    ],
    red: ["replay.unknown-id-is-reported"],
  },
  {
    id: "replay-malformed-id-is-400",
    what: "an id that is no UUID is answered 400",
    patches: [
      patch(
        hub,
        "    response.status(200).set({\n",
        "    const asked = lastEventIdOf(request);\n    if (asked !== undefined && !/^[0-9a-f-]{36}$/.test(asked)) return void response.status(400).end();\n    response.status(200).set({\n",
      ),
    ],
    red: ["replay.malformed-id-is-reported"],
  },
  {
    id: "replay-foreign-id-known",
    what: "any id of the log is a place to resume from, whoever may read its event",
    patches: [patch(stream, "entry && (await this.#mayRead(entry))) this.#cursor", "entry) this.#cursor")],
    red: ["replay.foreign-id-is-reported"],
  },
  {
    id: "replay-in-all-tabs",
    what: "one tab's replay is written to all tabs of the user",
    patches: [
      prepend(stream, "const streams = new Set<SseStream>();"),
      patch(stream, "    this.principal = principal;\n", "    this.principal = principal;\n    streams.add(this);\n"),
      patch(
        stream,
        replayed,
        "        for (const other of streams) if (other.principal.userId === this.principal.userId) other.#write(entry.chunk);\n",
      ),
    ],
    red: ["replay.own-cursor-per-tab", "replay.twice-from-one-id"],
  },
  {
    id: "replay-once-per-id",
    what: "an id can be resumed from once",
    patches: [swap("server/sse/replay-log.ts", "replay-once-per-id.ts")],
    red: ["replay.twice-from-one-id"],
  },
  {
    id: "replay-rights-of-then",
    what: "replay does not ask whether the reader may still read the channel",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        "return event.channelId === undefined || mayRead(core, principal, event.channelId);",
        "return true;",
      ),
    ],
    red: ["replay.rights-of-now"],
  },
];
