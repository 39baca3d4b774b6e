// Who is told what, in person? A notification is a row of its receiver and an event to its receiver, made in one
// transaction. Each has a cause; the same cause never tells the same receiver twice, so that work that is repeated
// after a crash changes nothing. Source: the Discodeit contract, "Notifications".

import { v7 as newId } from "uuid";
import { enqueueAll } from "../../../bus/outbox.ts";
import type { MessageRecord } from "../../../bus/records.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Queryable } from "../../../store/store.ts";
import { commit, eventRecord, type EventSource } from "./facts.ts";
import type { NotificationRow } from "./payloads.ts";
import { forbidden, notFound } from "./problem.ts";

/** More than a person reads; older ones show up as the newer ones are deleted. */
const listedMax = 500;
const columns = `id, created_at AS "createdAt", receiver_id AS "receiverId", title, content, type, target_id AS "targetId"`;

export interface News {
  cause: string;
  type: NotificationRow["type"];
  title: string;
  content: string;
  targetId: string;
}

/** Tells these users, those that exist, once per cause. Part of the caller's transaction. */
export async function notify(
  tx: Queryable,
  core: EventSource,
  receiverIds: readonly string[],
  news: News,
): Promise<void> {
  if (receiverIds.length === 0) return;
  const rows = await tx.query<NotificationRow & Record<string, unknown>>(
    `INSERT INTO notifications (id, receiver_id, type, title, content, target_id, cause)
     SELECT n.id, n.receiver_id, $3, $4, $5, $6, $7 FROM unnest($1::uuid[], $2::uuid[]) AS n (id, receiver_id)
     ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING RETURNING ${columns}`,
    [receiverIds.map(() => newId()), receiverIds, news.type, news.title, news.content, news.targetId, news.cause],
  );
  if (rows.length === 0) return;
  await enqueueAll(
    tx,
    rows.map((row) => eventRecord(core, "notificationCreated", core.payloads.notification(row), [row.receiverId])),
  );
}

/** Tells everyone who had notifications of the channel switched on when the message was made, except the author. */
export async function notifyOfMessage(core: EventSource, record: MessageRecord): Promise<void> {
  const title = record.channelType === "PUBLIC" ? `${record.authorName} (#${record.channelName})` : record.authorName;
  const news: News = {
    cause: record.id,
    type: "NEW_MESSAGE",
    title,
    content: record.content,
    targetId: record.channelId,
  };
  const { createdAt } = JSON.parse(record.body) as { createdAt: string };
  await commit(core, async (tx) => {
    // The lock keeps a receiver from being deleted between here and the insert.
    const receivers = await tx.query<{ id: string }>(
      `SELECT u.id FROM read_statuses r JOIN users u ON u.id = r.user_id
       WHERE r.channel_id = $1 AND r.notified_since < $3 AND u.id <> $2 ORDER BY u.id FOR KEY SHARE OF u`,
      [record.channelId, record.authorId, createdAt],
    );
    await notify(
      tx,
      core,
      receivers.map((row) => row.id),
      news,
    );
  });
}

/** The caller's notifications, newest first, 500 at most. */
export async function listNotifications(core: EventSource, principal: Principal): Promise<unknown[]> {
  const rows = await core.store.query<NotificationRow & Record<string, unknown>>(
    `SELECT ${columns} FROM notifications WHERE receiver_id = $1 ORDER BY created_at DESC, id DESC LIMIT ${listedMax}`,
    [principal.userId],
  );
  return rows.map((row) => core.payloads.notification(row));
}

export async function deleteNotification(core: EventSource, principal: Principal, id: string): Promise<void> {
  const deleted = await core.store.query("DELETE FROM notifications WHERE id = $1 AND receiver_id = $2 RETURNING id", [
    id,
    principal.userId,
  ]);
  if (deleted.length > 0) return;
  const [other] = await core.store.query("SELECT id FROM notifications WHERE id = $1", [id]);
  if (!other) throw notFound("notification", id);
  throw forbidden("Cannot delete the notification: it is another user's");
}
