// A record of the bus for what a client sent to the broker itself.

import { randomUUID } from "node:crypto";
import type { MessageRecord } from "../../../../server/bus/records.ts";

export const relayed = (destination: string, body: string): MessageRecord => ({
  topic: "messages",
  id: randomUUID(),
  channelId: "",
  destination,
  body,
  messageId: "",
  authorId: "",
  authorName: "",
  content: "",
  channelType: "PUBLIC",
  channelName: null,
  createdAtMs: Date.now(),
});
