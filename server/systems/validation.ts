// Which fields have the same rules in several systems? Text is what the database can keep; an e-mail address is
// compared without case; an id is a number.

import { z } from "zod";
import { invisibleText, isVisible, normalName } from "../security/names.ts";
import { isStorable, unstorableText } from "../store/text.ts";
import { Problem } from "./problem.ts";

export const text = z.string().refine(isStorable, unstorableText);
const email = text.trim().toLowerCase();
/** Of a user or a room: nothing in it is invisible. In the form in which it is kept. */
export const nameField = (min: number, max: number) =>
  text.trim().refine(isVisible, invisibleText).transform(normalName).pipe(z.string().min(min).max(max));
/** Of who signs up. */
export const accountFields = (limits: { emailMax: number; passwordMin: number; passwordMax: number }) => ({
  email: email.max(limits.emailMax).pipe(z.email()),
  password: text.min(limits.passwordMin).max(limits.passwordMax),
});
/** No limits here: who has no such address or password is told so, not why. */
export const credentialsSchema = z.object({ email: text.min(1).max(1_000), password: text.min(1).max(1_000) });
export type Credentials = z.infer<typeof credentialsSchema>;
/** Ids are positive and fit the column. */
export const idSchema = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);

/** The id that a segment of a path names, undefined where it is no number. */
export const idIn = (segment: string): number | undefined =>
  /^\d+$/.test(segment) ? idSchema.safeParse(segment).data : undefined;

/** The value in its checked form. Throws Problem 400 that names the field. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Problem(400, "VALIDATION_FAILED", `${issue?.path.join(".") || "body"}: ${issue?.message ?? "is wrong"}`);
}
