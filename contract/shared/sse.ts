// The event stream GET /api/sse: head, first event, form of events, who hears what. Source: the Discodeit contract,
// "SSE"; obligations SSE.

import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Area } from "../clause.ts";

export const sse = {
  "sse.needs-a-token": {
    level: "MUST",
    security: true,
    text: "A stream without a token or with a bad one is refused.",
    source: "SSE",
    needs: ["bearer"],
    negative: true,
    features: ["credential"],
  },
  "sse.content-type": { level: "MUST", text: "A stream answers 200 with text/event-stream.", source: "SSE-01" },
  "sse.head-at-once": {
    level: "SHOULD",
    text: "The response head comes at once, before the first event, also of a stream that resumes with an unknown id.",
    source: "SSE; SSE-04",
  },
  "sse.not-cached": {
    level: "SHOULD",
    text: "Caching is forbidden: Cache-Control no-cache or no-store.",
    source: "SSE-05",
  },
  "sse.ping-first": {
    level: "house",
    text: "The first event is ping with data {}.",
    source: "SSE, first event",
    of: systemNames,
  },
  "sse.ping-has-the-cursor": {
    level: "house",
    text: "On a stream opened without an id, ping carries an id from which a resume misses nothing; on a resumed stream it has none.",
    source: "SSE, first event",
    of: systemNames,
  },
  "sse.events-have-ids": {
    level: "MUST",
    text: "Every event of the table carries an id, unique in the stream, and its data is one line of JSON, or text where that is what events carry.",
    source: "SSE",
    features: ["events", "replay"],
  },
  "sse.ids-are-uuids": {
    level: "house",
    text: "Event ids are UUIDs, the same for all receivers, tabs and streams.",
    source: "SSE",
    of: systemNames,
  },
  "sse.channel-created-to-participants": {
    level: "MUST",
    text: "All participants of a new private channel hear the channel event, with the channel's id.",
    source: "SSE, channels",
    of: systemNames,
  },
  "sse.channel-created-to-nobody-else": {
    level: "MUST",
    security: true,
    text: "Nobody else hears of a private channel.",
    source: "SSE, channels",
    negative: true,
    of: systemNames,
  },
  "sse.channel-deleted-to-participants": {
    level: "MUST",
    text: "The participants hear that a private channel was deleted, and nobody else does.",
    source: "SSE, channels",
    of: systemNames,
  },
  "sse.public-channel-to-everyone": {
    level: "MUST",
    text: "Creation, change and deletion of a public channel are told to everyone.",
    source: "SSE, channels",
    needs: ["admin"],
    of: systemNames,
  },
  "sse.user-changes-to-everyone": {
    level: "MUST",
    text: "Sign-up, profile change and deletion of a user are told to everyone.",
    source: "SSE, users",
    of: systemNames,
  },
  "sse.comment-every-10-s": {
    level: "SHOULD",
    text: "An idle stream carries a comment at least every 15 s.",
    source: "SSE; SSE-17",
    needs: ["patience"],
    of: [...systemNames, "sse"],
  },
  "sse.stays-open": {
    level: "SHOULD",
    text: "An idle stream is not ended within 45 s.",
    source: "SSE",
    needs: ["patience"],
  },
  "sse.more-than-six-streams": {
    level: "SHOULD",
    text: "A user may hold seven streams at once; each hears everything.",
    source: "SSE, any number of streams",
    features: ["events"],
  },
  "sse.head-request-does-not-hang": {
    level: "SHOULD",
    text: "HEAD on the stream does not hang, other methods are refused.",
    source: "SSE-25",
    of: systemNames,
  },
  "sse.no-odd-lines": {
    level: "SHOULD",
    text: "A stream has only fields of the standard, and each event ends with an empty line.",
    source: "SSE-08, SSE-19",
  },
} as const satisfies Area<"sse">;
