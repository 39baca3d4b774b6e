// Which requests have the right form? The limits of every field, once.

import { z } from "zod";
import { limits } from "../../../../systems/study-room/wire.ts";
import { isUnambiguous, lookAlikeText } from "../../../security/names.ts";
import { accountFields, idSchema, nameField, text } from "../../validation.ts";

export const signUpSchema = z.object({
  ...accountFields(limits),
  nickname: nameField(2, limits.nicknameMax).refine(isUnambiguous, lookAlikeText),
});
export type NewUser = z.infer<typeof signUpSchema>;
export const roomSchema = z.object({
  title: text.trim().min(1).max(limits.titleMax),
  description: text.max(limits.descriptionMax).default(""),
});
export type NewRoom = z.infer<typeof roomSchema>;
export const roomIdSchema = z.object({ roomId: idSchema });
const page = z.coerce.number().int().min(0).max(1_000_000).default(0);
const size = z.coerce.number().int().min(1).max(limits.pageSizeMax).default(limits.pageSizeDefault);
export const pageSchema = z.object({ page, size });
export type Page = z.infer<typeof pageSchema>;
export const roomsPageSchema = pageSchema.extend({
  keyword: text.max(limits.titleMax).optional(),
  hostId: idSchema.optional(),
});
export type RoomsPage = z.infer<typeof roomsPageSchema>;
export const chatSchema = z.object({ content: text.max(limits.contentMax) });
export const presenceSchema = z.object({ status: z.string() });
