// Mutants of contract/discodeit/notifications.ts: servers that tell the wrong ones, too often, not at all, or the wrong thing.

import { patch, prepend, type Mutant } from "../../faulty.ts";

const notificationsFile = "server/systems/discodeit/domain/notifications.ts";
const events =
  'rows.map((row) => eventRecord(core, "notificationCreated", core.payloads.notification(row), [row.receiverId])),';

export const notifications: readonly Mutant[] = [
  {
    id: "notifications-notification-without-a-type",
    what: "a notification of revision 1 has no type",
    patches: [
      patch(
        "server/systems/discodeit/domain/payloads.ts",
        "{ ...base, type, targetId } : base",
        "{ ...base, targetId, kind: type } : base",
      ),
    ],
    red: ["notifications.notification-has-its-fields"],
  },
  {
    id: "notifications-for-the-author",
    what: "the author is notified, too",
    patches: [patch(notificationsFile, "AND u.id <> $2 ORDER BY", "AND $2::uuid IS NOT NULL ORDER BY")],
    red: ["notifications.not-for-the-author"],
  },
  {
    id: "notifications-though-disabled",
    what: "the switch is ignored",
    patches: [patch(notificationsFile, "AND r.notified_since < $3 AND", "AND $3::timestamptz IS NOT NULL AND")],
    red: ["notifications.not-when-disabled", "notifications.switched-on-in-public"],
  },
  {
    id: "notifications-cannot-be-switched-on",
    what: "switching notifications on changes nothing",
    patches: [
      patch(
        "server/systems/discodeit/domain/reads.ts",
        "WHEN true THEN COALESCE(notified_since, (SELECT last_instant FROM channels c WHERE c.id = channel_id))",
        "WHEN true THEN notified_since",
      ),
    ],
    red: ["notifications.switched-on-in-public"],
  },
  {
    id: "notifications-by-nobody",
    what: "the title does not say who wrote",
    patches: [patch(notificationsFile, ": record.authorName;", ': "New message";')],
    red: ["notifications.name-author-and-text", "notifications.title-form"],
  },
  {
    id: "notifications-content-cut",
    what: "the content is cut to ten characters",
    patches: [patch(notificationsFile, "title, content: record.content,", "title, content: `${record.content} …`,")],
    red: ["notifications.name-author-and-text"],
  },
  {
    id: "notifications-title-of-public-channels",
    what: "the title of a public channel's has another form",
    patches: [
      patch(
        notificationsFile,
        "`${record.authorName} (#${record.channelName})`",
        "`${record.authorName} in ${record.channelName}`",
      ),
    ],
    red: ["notifications.title-form"],
  },
  {
    id: "notifications-told-twice",
    what: "a notification is told twice",
    patches: [
      patch(
        notificationsFile,
        events,
        `[...rows, ...rows].map((row) => eventRecord(core, "notificationCreated", core.payloads.notification(row), [row.receiverId])),`,
      ),
    ],
    red: ["notifications.event-to-the-receiver"],
  },
  {
    id: "notifications-wrong-event-name",
    what: "the notification event has a name of the other revision",
    patches: [
      patch(
        "server/systems/discodeit/domain/payloads.ts",
        "return eventNames[this.system][kind];",
        'return kind === "notificationCreated" ? "notifications.created" : eventNames[this.system][kind];',
      ),
    ],
    red: ["notifications.event-to-the-receiver"],
  },
  {
    id: "notifications-to-everyone",
    what: "a notification is told to everyone",
    patches: [patch(notificationsFile, events, events.replace("[row.receiverId]", '"everyone"'))],
    red: ["notifications.event-to-nobody-else"],
  },
  {
    id: "notifications-list-of-all",
    what: "the list holds everybody's notifications",
    patches: [patch(notificationsFile, "WHERE receiver_id = $1 ORDER BY", "WHERE $1::uuid IS NOT NULL ORDER BY")],
    red: ["notifications.list-is-mine"],
  },
  {
    id: "notifications-oldest-first",
    what: "the list comes oldest first",
    patches: [patch(notificationsFile, "ORDER BY created_at DESC, id DESC", "ORDER BY created_at, id")],
    red: ["notifications.list-newest-first"],
  },
  {
    id: "notifications-not-deleted",
    what: "DELETE is answered, and the notification stays",
    patches: [
      patch(
        notificationsFile,
        '"DELETE FROM notifications WHERE id = $1 AND receiver_id = $2 RETURNING id"',
        '"SELECT id FROM notifications WHERE id = $1 AND receiver_id = $2"',
      ),
    ],
    red: ["notifications.deleted"],
  },
  {
    id: "notifications-deleted-by-anybody",
    what: "anybody may delete a notification",
    patches: [
      patch(
        notificationsFile,
        "WHERE id = $1 AND receiver_id = $2 RETURNING id",
        "WHERE id = $1 AND $2::uuid IS NOT NULL RETURNING id",
      ),
    ],
    red: ["notifications.not-deleted-by-others", "notifications.not-mine-is-403"],
  },
  {
    id: "notifications-not-mine-is-404",
    what: "DELETE of another's is answered 404",
    patches: [
      patch(
        notificationsFile,
        'throw forbidden("Cannot delete the notification: it is another user\'s");',
        'throw notFound("notification", id);',
      ),
    ],
    red: ["notifications.not-mine-is-403"],
  },
  {
    id: "notifications-of-a-role-change-half",
    what: "the notification of a role change names the new role only",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        "content: `${before.role} -> ${newRole}`,",
        "content: newRole,",
      ),
    ],
    red: ["notifications.of-a-role-change"],
  },
  {
    id: "notifications-of-a-role-change-in-english",
    what: "the notification of a role change has another title",
    system: "discodeit-2",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'title: "권한이 변경되었습니다.",',
        'title: "Role changed",',
      ),
    ],
    red: ["notifications.of-a-role-change"],
  },
  {
    id: "notifications-none",
    what: "a message notifies nobody",
    patches: [
      patch(notificationsFile, "receivers.map((row) => row.id),", "receivers.slice(0, 0).map((row) => row.id),"),
    ],
    red: ["notifications.of-a-message"],
  },
  {
    id: "notifications-list-of-the-first-look",
    what: "the list comes from a cache that nothing renews",
    patches: [
      prepend(notificationsFile, "const lists = new Map<string, unknown[]>();"),
      patch(
        notificationsFile,
        "export async function listNotifications(core: EventSource, principal: Principal): Promise<unknown[]> {",
        "export async function listNotifications(core: EventSource, principal: Principal): Promise<unknown[]> {\n  const cached = lists.get(principal.userId);\n  if (cached) return cached;",
      ),
      patch(
        notificationsFile,
        "return rows.map((row) => core.payloads.notification(row));",
        "const list = rows.map((row) => core.payloads.notification(row));\n  lists.set(principal.userId, list);\n  return list;",
      ),
    ],
    red: ["notifications.list-is-current"],
  },
];
