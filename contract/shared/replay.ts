// Replay: a stream that resumes with the last id misses nothing and hears nothing twice. Source: the Discodeit
// contract, "SSE", resume; obligations REP.

import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Area } from "../clause.ts";

export const replay = {
  "replay.exactly-the-missing": {
    level: "MUST",
    text: "Resumed with Last-Event-ID, a stream replays exactly the events after it for this receiver, oldest first, each once.",
    source: "SSE, resume; REP-01",
  },
  "replay.after-a-reload": {
    level: "MUST",
    text: "A user whose only stream was closed misses nothing either: resumed, the next one replays what happened meanwhile.",
    source: "SSE, resume; REP-01",
  },
  "replay.same-events": {
    level: "MUST",
    text: "A replayed event has the same id, name and data as when it was live.",
    source: "REP-12",
  },
  "replay.before-live": {
    level: "MUST",
    text: "Replay comes before anything live, and nothing is lost or doubled at the seam under concurrent publishing.",
    source: "SSE, resume; REP-02, REP-03",
  },
  "replay.every-cut-point": {
    level: "MUST",
    text: "From every cut point, what was read before plus what the resumed stream yields equals one reference log.",
    source: "L2",
  },
  "replay.none-without-id": {
    level: "MUST",
    text: "A stream opened without an id replays nothing.",
    source: "SSE, resume; REP-06",
    negative: true,
  },
  "replay.only-mine": {
    level: "MUST",
    security: true,
    text: "Replay holds no event of other receivers.",
    source: "REP-04",
    negative: true,
    of: systemNames,
  },
  "replay.by-header": {
    level: "MUST",
    text: "The last id is read from the header Last-Event-ID.",
    source: "SSE, resume",
  },
  "replay.by-query": {
    level: "SHOULD",
    text: "The last id is read from the query, as lastEventId and as LastEventId.",
    source: "SSE, resume",
  },
  "replay.header-wins": {
    level: "house",
    text: "When header and query differ, the header wins.",
    source: "SSE, resume; REP-15",
    of: [...systemNames, "sse"],
  },
  "replay.unknown-id-is-reported": {
    level: "SHOULD",
    security: true,
    text: "An unknown id replays nothing, and the stream says so with replay.gap, whose id is a cursor that works.",
    source: "SSE, resume; REP-07, REP-09",
    negative: true,
    of: [...systemNames, "sse"],
  },
  "replay.malformed-id-is-reported": {
    level: "SHOULD",
    text: "A malformed id is treated like an unknown one, not as an error.",
    source: "REP-08",
    negative: true,
    of: [...systemNames, "sse"],
  },
  "replay.foreign-id-is-reported": {
    level: "SHOULD",
    security: true,
    text: "The id of an event that the caller may not read is treated like an unknown one.",
    source: "SSE, resume; REP-18",
    negative: true,
    of: systemNames,
  },
  "replay.from-the-first-ping": {
    level: "house",
    text: "A stream that dropped before its first event resumes from ping's id and misses nothing.",
    source: "SSE, first event",
    of: systemNames,
  },
  "replay.own-cursor-per-tab": {
    level: "MUST",
    text: "One tab's resume does not move another tab's stream.",
    source: "REP-13",
  },
  "replay.twice-from-one-id": {
    level: "MUST",
    text: "Two streams resumed from one id get the same replay.",
    source: "REP-13",
  },
  "replay.rights-of-now": {
    level: "SHOULD",
    security: true,
    text: "Events of a private channel that was deleted, or that the caller left, are cut by the rights of now.",
    source: "SSE, resume; REP-05",
    negative: true,
    of: systemNames,
  },
} as const satisfies Area<"replay">;
