// Which requests have the right form? The limits of every field, once.

import { z } from "zod";
import { limits } from "../../../../systems/redis-chat/wire.ts";
import { invisibleText, isVisible, normalName } from "../../../security/names.ts";
import { isStorable, unstorableText } from "../../../store/text.ts";
import { Problem } from "../../problem.ts";

const text = z.string().refine(isStorable, unstorableText);
const name = (max: number) =>
  text.trim().refine(isVisible, invisibleText).transform(normalName).pipe(z.string().min(1).max(max));

export const signUpSchema = z.object({
  name: name(limits.nameMax),
  email: text.trim().toLowerCase().max(limits.emailMax).pipe(z.email()),
  password: text.min(limits.passwordMin).max(limits.passwordMax),
});
/** No limits here: who has no such address or password is told so, not why. */
export const credentialsSchema = z.object({ email: text.min(1).max(1_000), password: text.min(1).max(1_000) });
export const groupSchema = z.object({ roomName: name(limits.roomNameMax) });
/** Ids are positive and fit the column. */
export const idSchema = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
export const privateSchema = z.object({ otherMemberId: idSchema });
/** `senderEmail` is not read: who sent it is known. */
export const messageSchema = z.object({ message: text.min(1).max(limits.messageMax) });

/** The value in its checked form. Throws Problem 400 that names the field. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Problem(400, "VALIDATION_FAILED", `${issue?.path.join(".") || "body"}: ${issue?.message ?? "is wrong"}`);
}
