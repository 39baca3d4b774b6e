// Which requests have the right form? The limits of every field, once.

import { z } from "zod";
import { limits } from "../../../../systems/study-room/wire.ts";
import { invisibleText, isUnambiguous, isVisible, lookAlikeText, normalName } from "../../../security/names.ts";
import { email, idSchema, text } from "../../validation.ts";

const nickname = text
  .trim()
  .refine(isVisible, invisibleText)
  .transform(normalName)
  .pipe(z.string().min(2).max(limits.nicknameMax).refine(isUnambiguous, lookAlikeText));

export const signUpSchema = z.object({
  email: email.max(limits.emailMax).pipe(z.email()),
  password: text.min(limits.passwordMin).max(limits.passwordMax),
  nickname,
});
export const roomSchema = z.object({
  title: text.trim().min(1).max(limits.titleMax),
  description: text.max(limits.descriptionMax).default(""),
});
export const roomIdSchema = z.object({ roomId: idSchema });
const page = z.coerce.number().int().min(0).max(1_000_000).default(0);
const size = z.coerce.number().int().min(1).max(limits.pageSizeMax).default(limits.pageSizeDefault);
export const pageSchema = z.object({ page, size });
export const roomsPageSchema = z.object({
  page,
  size,
  keyword: text.max(limits.titleMax).optional(),
  hostId: idSchema.optional(),
});
export const chatSchema = z.object({ content: text.max(limits.contentMax) });
export const presenceSchema = z.object({ status: z.string() });
