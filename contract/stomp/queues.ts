// Queues: each message goes to one subscriber, and waits while there is none. STOMP itself leaves to the broker what a
// destination means. Source: the STOMP contract.

import type { Area } from "../clause.ts";

export const queues = {
  "queues.sent-is-heard": {
    level: "SHOULD",
    text: "What is sent to a queue is heard by its subscriber, once.",
    source: "STOMP broker, queues",
    needs: ["queues"],
  },
  "queues.one-of-two-hears": {
    level: "SHOULD",
    text: "Of two subscribers of a queue one hears each message, and only one.",
    source: "STOMP broker, queues",
    needs: ["queues"],
  },
  "queues.kept-until-taken": {
    level: "SHOULD",
    text: "What is sent to a queue while nobody subscribes is heard, in its order, by who does later.",
    source: "STOMP broker, queues",
    needs: ["queues", "receipts"],
  },
  "queues.in-turn": {
    level: "house",
    text: "Two subscribers of a queue hear its messages in turn.",
    source: "STOMP broker, queues",
    needs: ["queues", "receipts"],
  },
  "queues.full-is-refused": {
    level: "house",
    text: "A queue that nobody takes from keeps 1,000 messages; a SEND to the full one gets ERROR.",
    source: "STOMP broker, queues",
    needs: ["queues", "receipts"],
    negative: true,
    of: ["stomp"],
  },
} as const satisfies Area<"queues">;
