// Which requests have the right form? The limits of every field, once.

import { z } from "zod";
import { limits } from "../../../../systems/redis-chat/wire.ts";
import { invisibleText, isVisible, normalName } from "../../../security/names.ts";
import { email, idSchema, text } from "../../validation.ts";

const name = (max: number) =>
  text.trim().refine(isVisible, invisibleText).transform(normalName).pipe(z.string().min(1).max(max));

export const signUpSchema = z.object({
  name: name(limits.nameMax),
  email: email.max(limits.emailMax).pipe(z.email()),
  password: text.min(limits.passwordMin).max(limits.passwordMax),
});
export const groupSchema = z.object({ roomName: name(limits.roomNameMax) });
export const privateSchema = z.object({ otherMemberId: idSchema });
/** `senderEmail` is not read: who sent it is known. */
export const messageSchema = z.object({ message: text.min(1).max(limits.messageMax) });
