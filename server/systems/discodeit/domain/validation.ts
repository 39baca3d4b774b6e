// Which requests have the right form? The limits of every field, once; the domain applies the rules that need data.
// Text is what the database can keep (store/text.ts), in every field. Ids are compared in lower case.
// Source: the Discodeit contract, "Validation".

import { z } from "zod";
import { limits, roles } from "../../../../systems/discodeit/wire.ts";
import { isStorable, unstorableText } from "../../../store/text.ts";
import { parseInstant } from "./instant.ts";
import { invisibleText, isUnambiguous, isVisible, lookAlikeText, normalName } from "./names.ts";
import { invalid } from "./problem.ts";

/** Clocks of clients run ahead a little; an hour ahead is refused (clause reads.not-in-the-future). */
const clockSkewMs = 2_000;
const participantsMax = 500;

const text = z.string();
export const idSchema = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, "must be a UUID")
  .toLowerCase();
const instant = z.string().transform((value, context) => {
  const parsed = parseInstant(value);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: "must be an ISO-8601 instant" });
  return z.NEVER;
});
const pastInstant = instant.refine(
  (value) => Date.parse(value) <= Date.now() + clockSkewMs,
  "must not be in the future",
);

// Judged before it is normalized, which could make what is hidden vanish.
const visible = text.trim().refine(isVisible, invisibleText);
const username = visible
  .transform(normalName)
  .pipe(text.trim().min(limits.usernameMin).max(limits.usernameMax).refine(isUnambiguous, lookAlikeText));
const email = text.trim().max(limits.emailMax).pipe(z.email());
const password = text
  .min(limits.passwordMin)
  .max(limits.passwordMax)
  .refine((value) => /\p{L}/u.test(value), "must contain a letter")
  .refine((value) => /\d/.test(value), "must contain a digit")
  .refine((value) => /[!@#$%^&*]/.test(value), "must contain one of !@#$%^&*");
const channelName = visible.min(limits.channelNameMin).max(limits.channelNameMax);
const description = text.max(limits.descriptionMax);
/** Blankness depends on the attachments, so it is judged with them. */
const content = text.max(limits.contentMax);

export const signUpSchema = z.object({ username, email, password });
export const userUpdateSchema = z.object({
  newUsername: username.nullish(),
  newEmail: email.nullish(),
  newPassword: password.nullish(),
});
/** No limits here: who has no such name or password is told so, not why. */
export const credentialsSchema = z.object({
  username: z.string().min(1).max(1_000),
  password: z.string().min(1).max(1_000),
});
export const roleChangeSchema = z.object({ userId: idSchema, newRole: z.enum(roles) });
export const publicChannelSchema = z.object({ name: channelName, description: description.nullish() });
export const privateChannelSchema = z.object({ participantIds: z.array(idSchema).max(participantsMax) });
export const channelUpdateSchema = z.object({ newName: channelName.nullish(), newDescription: description.nullish() });
export const messageSchema = z.object({ content: content.nullish(), channelId: idSchema, authorId: idSchema });
export const messageUpdateSchema = z.object({ newContent: content });
export const readStatusSchema = z.object({ userId: idSchema, channelId: idSchema, lastReadAt: pastInstant });
export const readStatusUpdateSchema = z.object({
  newLastReadAt: pastInstant.nullish(),
  newNotificationEnabled: z.boolean().nullish(),
});
export const pageSchema = z.object({
  channelId: idSchema,
  cursor: z.union([z.literal("").transform(() => undefined), instant]).optional(),
  size: z.coerce.number().int().min(1).max(limits.pageSizeMax).default(limits.pageSizeDefault),
  sort: z
    .string()
    .regex(/^createdAt,desc$/i, "must be createdAt,desc")
    .optional(),
});

export type SignUp = z.infer<typeof signUpSchema>;
export type UserUpdate = z.infer<typeof userUpdateSchema>;
export type NewMessage = z.infer<typeof messageSchema>;
export type PageRequest = z.infer<typeof pageSchema>;
export type NewReadStatus = z.infer<typeof readStatusSchema>;
export type ReadStatusUpdate = z.infer<typeof readStatusUpdateSchema>;
export type ChannelUpdate = z.infer<typeof channelUpdateSchema>;

/** The value in its checked form. Throws Problem 400 whose details name each field. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (!result.success)
    throw invalid(
      Object.fromEntries(result.error.issues.map((issue) => [issue.path.join(".") || "body", issue.message])),
    );
  const unstorable = Object.entries(result.data as object).filter(([, field]) => !isStorable(field));
  if (unstorable.length > 0) throw invalid(Object.fromEntries(unstorable.map(([name]) => [name, unstorableText])));
  return result.data;
}
