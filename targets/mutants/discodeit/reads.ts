// Mutants of contract/discodeit/reads.ts: servers that get read statuses wrong.

import { patch, type Mutant } from "../../faulty.ts";

export const reads: readonly Mutant[] = [
  {
    id: "reads-read-status-with-another-name",
    what: "a read status names its user ownerId",
    patches: [
      patch(
        "server/systems/discodeit/domain/reads.ts",
        'user_id AS "userId", channel_id',
        'user_id AS "ownerId", channel_id',
      ),
    ],
    red: ["reads.read-status-has-its-fields"],
  },
  {
    id: "reads-not-private-channel-makes-them",
    what: "a private channel's read statuses begin without notifications",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        "clock_timestamp(), '-infinity' FROM unnest(",
        "clock_timestamp(), NULL FROM unnest(",
      ),
    ],
    red: ["reads.private-channel-makes-them"],
  },
  {
    id: "reads-not-public-has-none",
    what: "a public channel's read status begins with notifications",
    patches: [
      patch(
        "server/systems/discodeit/domain/reads.ts",
        "(id, user_id, channel_id, last_read_at) VALUES ($1, $2, $3, $4)",
        "(id, user_id, channel_id, last_read_at, notified_since) VALUES ($1, $2, $3, $4, clock_timestamp())",
      ),
    ],
    red: ["reads.public-has-none"],
  },
  {
    id: "reads-not-created",
    what: "a new read status is answered 200",
    patches: [patch("server/systems/discodeit/routes/reads.ts", "response.status(201)", "response.status(200)")],
    red: ["reads.created"],
  },
  {
    id: "reads-not-created-again",
    what: "the same read status again is a fault of the server",
    patches: [
      patch("server/systems/discodeit/domain/reads.ts", "ON CONFLICT ON CONSTRAINT read_statuses_pair DO NOTHING", ""),
    ],
    red: ["reads.created-again"],
  },
  {
    id: "reads-not-updated",
    what: "an absent lastReadAt becomes now",
    patches: [
      patch(
        "server/systems/discodeit/domain/reads.ts",
        "SET last_read_at = COALESCE($3, last_read_at)",
        "SET last_read_at = COALESCE($3, clock_timestamp())",
      ),
    ],
    red: ["reads.updated"],
  },
  {
    id: "reads-not-future-is-400",
    what: "lastReadAt may lie two hours ahead",
    patches: [
      patch(
        "server/systems/discodeit/domain/validation.ts",
        "const clockSkewMs = 2_000;",
        "const clockSkewMs = 7_200_000;",
      ),
    ],
    red: ["reads.future-is-400"],
  },
  {
    id: "reads-not-others-are-403",
    what: "another user's read statuses are answered with the own",
    patches: [
      patch(
        "server/systems/discodeit/routes/reads.ts",
        'if (idFrom(request.query["userId"], "userId") !== principal.userId) throw',
        'if (idFrom(request.query["userId"], "userId") === "") throw',
      ),
    ],
    red: ["reads.others-are-403"],
  },
];
