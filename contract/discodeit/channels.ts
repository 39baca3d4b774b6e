// Channels: public and private, who may, and who hears of them. Source: the Discodeit contract, "REST" and "SSE".

import type { Area } from "../clause.ts";

export const channels = {
  "channels.channel-has-its-fields": {
    level: "MUST",
    text: "A ChannelDto has id, type, name, description, participants and lastMessageAt.",
    source: "REST, DTOs",
  },
  "channels.private-is-created": {
    level: "MUST",
    text: "POST /api/channels/private answers 201 with a PRIVATE ChannelDto that names its participants.",
    source: "REST, POST /api/channels/private",
  },
  "channels.private-needs-two": {
    level: "MUST",
    text: "A private channel of fewer than two different participants is refused.",
    source: "REST, POST /api/channels/private",
    negative: true,
  },
  "channels.private-names-each-once": {
    level: "house",
    text: "A private channel of one user who is named twice is refused.",
    source: "REST, POST /api/channels/private",
    negative: true,
  },
  "channels.private-includes-the-caller": {
    level: "house",
    text: "A private channel without the caller among its participants is answered 400.",
    source: "REST, POST /api/channels/private",
    negative: true,
  },
  "channels.private-is-not-changed": {
    level: "MUST",
    text: "PATCH of a private channel is refused.",
    source: "REST, PATCH /api/channels",
    negative: true,
  },
  "channels.private-is-deleted": {
    level: "MUST",
    text: "DELETE of a private channel by somebody who may, a participant or a CHANNEL_MANAGER, removes it from its participants' lists.",
    source: "REST, DELETE /api/channels",
  },
  "channels.private-is-deleted-by-a-participant": {
    level: "house",
    text: "Any participant may delete a private channel; it is gone from both lists.",
    source: "REST, who may",
  },
  "channels.private-is-not-deleted-by-others": {
    level: "MUST",
    security: true,
    text: "A stranger's DELETE of a private channel is refused without effect.",
    source: "REST, who may",
    negative: true,
  },
  "channels.public-is-created": {
    level: "MUST",
    text: "POST /api/channels/public by a CHANNEL_MANAGER answers 201 with a PUBLIC ChannelDto without participants.",
    source: "REST, POST /api/channels/public",
    needs: ["admin"],
  },
  "channels.public-is-changed": {
    level: "MUST",
    text: "PATCH of a public channel by a CHANNEL_MANAGER answers 200 with the new name and description.",
    source: "REST, PATCH /api/channels",
    needs: ["admin"],
  },
  "channels.public-is-deleted": {
    level: "MUST",
    text: "DELETE of a public channel by a CHANNEL_MANAGER removes it from everybody's list.",
    source: "REST, DELETE /api/channels",
    needs: ["admin"],
  },
  "channels.public-needs-a-manager": {
    level: "MUST",
    security: true,
    text: "A USER's POST, PATCH and DELETE of a public channel are refused without effect.",
    source: "REST, who may",
    needs: ["admin"],
    negative: true,
  },
  "channels.user-cannot-create-public": {
    level: "MUST",
    security: true,
    text: "A USER's POST /api/channels/public is refused without effect.",
    source: "REST, who may",
    negative: true,
  },
  "channels.denied-is-403": {
    level: "SHOULD",
    text: "What the role does not allow is answered 403.",
    source: "REST, who may",
    negative: true,
  },
  "channels.name-limits": {
    level: "house",
    text: "Channel name 2–50, description up to 255: the limits are accepted, one beyond is answered 400.",
    source: "REST, validation",
    needs: ["admin"],
    negative: true,
  },
  "channels.list-holds-mine": {
    level: "MUST",
    text: "GET /api/channels?userId= gives all public channels and the user's private ones.",
    source: "REST, GET /api/channels",
  },
  "channels.list-holds-no-others": {
    level: "MUST",
    text: "GET /api/channels?userId= gives no private channel of which the user is no participant.",
    source: "REST, GET /api/channels",
    negative: true,
    security: true,
  },
  "channels.list-of-another-is-403": {
    level: "SHOULD",
    security: true,
    text: "GET /api/channels with another user's id is answered 403.",
    source: "REST, who may",
    negative: true,
  },
  "channels.last-message-at": {
    level: "SHOULD",
    text: "lastMessageAt of a channel is the createdAt of its newest message.",
    source: "REST, DTOs",
  },
} as const satisfies Area<"channels">;
