// Which requests have the right form? The limits of every field, once.

import { z } from "zod";
import { limits } from "../../../../systems/redis-chat/wire.ts";
import { accountFields, idSchema, nameField, text } from "../../validation.ts";

export const signUpSchema = z.object({ name: nameField(1, limits.nameMax), ...accountFields(limits) });
export type NewMember = z.infer<typeof signUpSchema>;
export const groupSchema = z.object({ roomName: nameField(1, limits.roomNameMax) });
export const privateSchema = z.object({ otherMemberId: idSchema });
/** `senderEmail` is not read: who sent it is known. */
export const messageSchema = z.object({ message: text.min(1).max(limits.messageMax) });
