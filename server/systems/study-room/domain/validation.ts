// Which requests have the right form? The limits of every field, once.

import { z } from "zod";
import { limits } from "../../../../systems/study-room/wire.ts";
import { invisibleText, isUnambiguous, isVisible, lookAlikeText, normalName } from "../../../security/names.ts";
import { isStorable, unstorableText } from "../../../store/text.ts";
import { Problem } from "../../problem.ts";

const text = z.string().refine(isStorable, unstorableText);
const nickname = text
  .trim()
  .refine(isVisible, invisibleText)
  .transform(normalName)
  .pipe(z.string().min(2).max(limits.nicknameMax).refine(isUnambiguous, lookAlikeText));
const email = text.trim().toLowerCase().max(limits.emailMax).pipe(z.email());

export const signUpSchema = z.object({
  email,
  password: text.min(limits.passwordMin).max(limits.passwordMax),
  nickname,
});
/** No limits here: who has no such address or password is told so, not why. */
export const credentialsSchema = z.object({ email: text.min(1).max(1_000), password: text.min(1).max(1_000) });
export const roomSchema = z.object({
  title: text.trim().min(1).max(limits.titleMax),
  description: text.max(limits.descriptionMax).default(""),
});
/** Ids are positive and fit the column. */
export const idSchema = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
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

/** The value in its checked form. Throws Problem 400 that names the field. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Problem(400, "VALIDATION_FAILED", `${issue?.path.join(".") || "body"}: ${issue?.message ?? "is wrong"}`);
}
