// The shapes of the Discodeit DTOs on the wire, per revision. Extra fields are allowed everywhere: servers add their
// own. Terms: strict – the shape as the contract says, which one clause per DTO judges; lenient – what everything else
// reads: only what it cannot do without has to be there, so that one wrong field is one failure. Source: the Discodeit
// contract, "REST", DTOs.

import { z } from "zod";
import { roles, uploadStatus, type SystemName } from "./wire.ts";

const id = z.uuid();
/** A DTO within another: its own clause judges it. */
const nested = z.looseObject({ id });
/**
 * ISO-8601 in UTC, any number of fraction digits; some servers send an empty channel's as the least instant there is.
 */
const instant = z
  .string()
  .regex(/^-?\d{4,10}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/, "no ISO-8601 instant");

// The same in both revisions.
const strictPage = z.looseObject({
  content: z.array(nested),
  nextCursor: z.unknown(),
  size: z.number().int(),
  hasNext: z.boolean(),
  totalElements: z.number().nullable(),
});
const strictReadStatus = z.looseObject({
  id,
  userId: id,
  channelId: id,
  lastReadAt: instant,
  notificationEnabled: z.boolean(),
});
const strictError = z.looseObject({
  timestamp: instant,
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).nullable(),
  exceptionType: z.string(),
  status: z.number().int(),
});

/** All DTOs of one revision as the contract says. */
export function strictSchemasOf(system: SystemName) {
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
    profile: nested.nullable(),
    online: z.boolean().nullable(),
    role: z.enum(roles),
  });
  const channel = z.looseObject({
    id,
    type: z.enum(["PUBLIC", "PRIVATE"]),
    name: z.string().nullable(),
    description: z.string().nullable(),
    participants: z.array(nested),
    lastMessageAt: instant.nullable(),
  });
  const message = z.looseObject({
    id,
    createdAt: instant,
    updatedAt: instant.nullable(),
    content: z.string().nullable(),
    channelId: id,
    author: nested.nullable(),
    attachments: z.array(nested),
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
  return {
    binaryContent,
    user,
    channel,
    message,
    notification,
    page: strictPage,
    readStatus: strictReadStatus,
    error: strictError,
  };
}

/** A field that may be missing, or of another kind: then it is undefined. */
const maybe = <T extends z.ZodType>(schema: T): z.ZodCatch<z.ZodOptional<T>> => schema.optional().catch(undefined);

const text = maybe(z.string());
const textOrNull = maybe(z.string().nullable());

const binaryContent = z.looseObject({ id: z.string(), fileName: text, size: maybe(z.number()), contentType: text });
const user = z.looseObject({
  id: z.string(),
  username: text,
  email: text,
  profile: maybe(binaryContent.nullable()),
  online: maybe(z.boolean().nullable()),
  role: text,
});
const message = z.looseObject({
  id: z.string(),
  createdAt: text,
  updatedAt: textOrNull,
  content: textOrNull,
  channelId: text,
  author: maybe(user.nullable()),
  attachments: maybe(z.array(binaryContent)),
});

/** As read by everything that is not about the shape. */
export const lenientSchemas = {
  binaryContent,
  user,
  channel: z.looseObject({
    id: z.string(),
    type: text,
    name: textOrNull,
    description: textOrNull,
    participants: maybe(z.array(user)),
    lastMessageAt: textOrNull,
  }),
  message,
  notification: z.looseObject({
    id: z.string(),
    receiverId: text,
    createdAt: text,
    title: text,
    content: text,
    type: text,
  }),
  page: z.looseObject({
    content: z.array(message),
    nextCursor: z.unknown(),
    size: maybe(z.number()),
    hasNext: maybe(z.boolean()),
    totalElements: maybe(z.number().nullable()),
  }),
  readStatus: z.looseObject({
    id: z.string(),
    userId: text,
    channelId: text,
    lastReadAt: text,
    notificationEnabled: maybe(z.boolean()),
  }),
  error: z.looseObject({
    code: text,
    message: text,
    details: maybe(z.record(z.string(), z.unknown()).nullable()),
    status: maybe(z.number()),
  }),
};

export type StrictSchemas = ReturnType<typeof strictSchemasOf>;
type Schemas = typeof lenientSchemas;
export type UserDto = z.infer<Schemas["user"]>;
export type ChannelDto = z.infer<Schemas["channel"]>;
export type MessageDto = z.infer<Schemas["message"]>;
export type PageDto = z.infer<Schemas["page"]>;
export type ReadStatusDto = z.infer<Schemas["readStatus"]>;
export type BinaryContentDto = z.infer<Schemas["binaryContent"]>;
export type NotificationDto = z.infer<Schemas["notification"]>;
