// Notifications: who gets one, what it says, and that it is heard once in every tab. Source: the Discodeit contract,
// "Notifications" and "SSE".

import type { Area } from "../clause.ts";

export const notifications = {
  "notifications.notification-has-its-fields": {
    level: "MUST",
    text: "A NotificationDto has id, createdAt, receiverId, title and content; in revision 1 type and targetId too.",
    source: "REST, DTOs",
  },
  "notifications.of-a-message": {
    level: "MUST",
    text: "A message makes one notification for each other reader of the channel who enabled them.",
    source: "Notifications",
  },
  "notifications.list-is-current": {
    level: "MUST",
    text: "GET /api/notifications holds a new notification, also for who looked before.",
    source: "REST, GET /api/notifications",
  },
  "notifications.not-for-the-author": {
    level: "MUST",
    text: "The author gets no notification of its own message.",
    source: "Notifications",
    negative: true,
  },
  "notifications.not-when-disabled": {
    level: "MUST",
    text: "A reader who disabled notifications gets none.",
    source: "Notifications",
    negative: true,
  },
  "notifications.switched-on-in-public": {
    level: "MUST",
    text: "In a public channel a reader gets notifications after switching them on, and none before.",
    source: "Notifications",
    needs: ["admin"],
  },
  "notifications.name-author-and-text": {
    level: "MUST",
    text: "The title contains the author's username, the content equals the text.",
    source: "Notifications",
  },
  "notifications.title-form": {
    level: "SHOULD",
    text: 'The title is "username (#channel name)" for a public channel, the username alone for a private one.',
    source: "Notifications",
    needs: ["admin"],
  },
  "notifications.event-to-the-receiver": {
    level: "MUST",
    text: "The receiver hears the notification event once in every open stream, with the NotificationDto as data.",
    source: "SSE, notifications",
  },
  "notifications.event-to-nobody-else": {
    level: "MUST",
    security: true,
    text: "Nobody but the receiver hears the notification event.",
    source: "SSE, notifications",
    negative: true,
  },
  "notifications.list-is-mine": {
    level: "MUST",
    security: true,
    text: "GET /api/notifications gives only the caller's.",
    source: "REST, GET /api/notifications",
    negative: true,
  },
  "notifications.list-newest-first": {
    level: "SHOULD",
    text: "GET /api/notifications gives the newest first.",
    source: "REST, GET /api/notifications",
  },
  "notifications.deleted": {
    level: "MUST",
    text: "DELETE by the receiver removes the notification.",
    source: "REST, DELETE /api/notifications",
  },
  "notifications.not-deleted-by-others": {
    level: "MUST",
    security: true,
    text: "DELETE of another's notification leaves it where it is.",
    source: "REST, DELETE /api/notifications",
    negative: true,
  },
  "notifications.not-mine-is-403": {
    level: "SHOULD",
    text: "DELETE of another's notification is answered 403.",
    source: "REST, DELETE /api/notifications",
    negative: true,
  },
  "notifications.of-a-role-change": {
    level: "SHOULD",
    text: "A role change notifies the user: both role names in the text; revision 1 with type ROLE_CHANGED, revision 2 titled 권한이 변경되었습니다.",
    source: "Notifications",
    needs: ["admin"],
  },
} as const satisfies Area<"notifications">;
