// Which messages have the right form? The limits of every field, once.

import { z } from "zod";
import { limits } from "../../../../systems/gateway-chat/wire.ts";
import { parse, text } from "../../validation.ts";

/** Exactly so: nothing that a pattern would match, and one segment of a destination. */
export const roomIdPattern = new RegExp(`^[A-Za-z0-9_-]{1,${limits.roomIdMax}}$`);

/** What a client sends as `id` or `timestamp` is not read. */
const requestSchema = z.object({
  roomId: z.string().regex(roomIdPattern, "must be 1 to 64 letters, digits, - or _"),
  sender: text.min(1).max(limits.senderMax),
  content: text.max(limits.contentMax).refine((content) => content.trim() !== "", "must not be blank"),
  clientMsgId: z.union([text.max(limits.clientMsgIdMax), z.number()]).optional(),
});

export type ChatRequest = z.infer<typeof requestSchema>;

/** Throws Problem 400 that names the field. */
export const parseRequest = (value: unknown): ChatRequest => parse(requestSchema, value);
