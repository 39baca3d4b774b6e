// The shapes of the Discodeit DTOs on the wire, per revision. Extra fields are allowed everywhere: servers add their
// own. Source: the Discodeit contract, "REST", DTOs.

import { z } from "zod";
import { roles, uploadStatus, type SystemName } from "./wire.ts";

const id = z.uuid();
/**
 * ISO-8601 in UTC, any number of fraction digits; some servers send an empty channel's as the least instant there is.
 */
const instant = z
  .string()
  .regex(/^-?\d{4,10}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/, "no ISO-8601 instant");

/** All DTO schemas of one revision. */
export function schemasOf(system: SystemName) {
  const status = uploadStatus[system];
  const binaryContent = z.looseObject({
    id,
    fileName: z.string(),
    size: z.number().int().nonnegative(),
    contentType: z.string(),
    // Checked, but not part of the type: the field's name differs by revision.
    ...({ [status.field]: z.enum([status.waiting, status.success, status.failed]) } as object),
  });
  const user = z.looseObject({
    id,
    username: z.string(),
    email: z.string(),
    profile: binaryContent.nullable(),
    online: z.boolean().nullable(),
    role: z.enum(roles),
  });
  const channel = z.looseObject({
    id,
    type: z.enum(["PUBLIC", "PRIVATE"]),
    name: z.string().nullable(),
    description: z.string().nullable(),
    participants: z.array(user),
    lastMessageAt: instant.nullable(),
  });
  const message = z.looseObject({
    id,
    createdAt: instant,
    updatedAt: instant.nullable(),
    content: z.string().nullable(),
    channelId: id,
    author: user.nullable(),
    attachments: z.array(binaryContent),
  });
  const notificationBase = { id, createdAt: instant, receiverId: id, title: z.string(), content: z.string() };
  const notification =
    system === "discodeit-1"
      ? z.looseObject({
          ...notificationBase,
          type: z.enum(["NEW_MESSAGE", "ROLE_CHANGED", "ASYNC_FAILED"]),
          targetId: z.string().nullable(),
        })
      : z.looseObject(notificationBase);
  const page = z.looseObject({
    content: z.array(message),
    nextCursor: z.unknown(),
    size: z.number().int(),
    hasNext: z.boolean(),
    totalElements: z.number().nullable(),
  });
  const readStatus = z.looseObject({
    id,
    userId: id,
    channelId: id,
    lastReadAt: instant,
    notificationEnabled: z.boolean(),
  });
  const error = z.looseObject({
    timestamp: instant,
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).nullable(),
    exceptionType: z.string(),
    status: z.number().int(),
  });
  return { binaryContent, user, channel, message, notification, page, readStatus, error };
}

export type Schemas = ReturnType<typeof schemasOf>;
export type UserDto = z.infer<Schemas["user"]>;
export type ChannelDto = z.infer<Schemas["channel"]>;
export type MessageDto = z.infer<Schemas["message"]>;
export type PageDto = z.infer<Schemas["page"]>;
export type ReadStatusDto = z.infer<Schemas["readStatus"]>;
export type BinaryContentDto = z.infer<Schemas["binaryContent"]>;
export type NotificationDto = z.infer<Schemas["notification"]>;
