// Read statuses: where a user stands in a channel, and whether it wants notifications. Source: the Discodeit contract,
// "REST".

import type { Area } from "../clause.ts";

export const reads = {
  "reads.read-status-has-its-fields": {
    level: "MUST",
    text: "A ReadStatusDto has id, userId, channelId, lastReadAt and notificationEnabled.",
    source: "REST, DTOs",
  },
  "reads.private-channel-makes-them": {
    level: "MUST",
    text: "A new private channel makes a read status per participant, with notifications enabled.",
    source: "Notifications",
  },
  "reads.public-has-none": {
    level: "MUST",
    text: "A public channel has no read status until POST /api/readStatuses, which makes one with notifications disabled.",
    source: "Notifications",
    needs: ["admin"],
  },
  "reads.created": {
    level: "MUST",
    text: "POST /api/readStatuses answers 201 with a ReadStatusDto.",
    source: "REST, POST /api/readStatuses",
    needs: ["admin"],
  },
  "reads.created-again": {
    level: "SHOULD",
    text: "POST of the same pair again returns the existing read status.",
    source: "REST, POST /api/readStatuses",
  },
  "reads.updated": {
    level: "MUST",
    text: "PATCH changes lastReadAt and notificationEnabled; what is null stays.",
    source: "REST, PATCH /api/readStatuses",
  },
  "reads.future-is-400": {
    level: "house",
    text: "A lastReadAt in the future is answered 400.",
    source: "REST, validation",
    negative: true,
  },
  "reads.others-are-403": {
    level: "SHOULD",
    security: true,
    text: "Reading or changing another user's read statuses is answered 403.",
    source: "REST, who may",
    negative: true,
  },
} as const satisfies Area<"reads">;
