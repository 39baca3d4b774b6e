// How far did a user read a channel, and does it want to be told of new messages there? One read status per user and
// channel; in a public channel the user makes it (notifications off), in a private one it comes with the channel (on).
// Source: the Discodeit contract.

import { v7 as newId } from "uuid";
import type { Principal } from "../../../realtime/ports.ts";
import { checkReadable } from "./channels.ts";
import type { Core } from "./core.ts";
import { forbidden, notFound } from "./problem.ts";
import type { NewReadStatus, ReadStatusUpdate } from "./validation.ts";

export interface ReadStatusDto extends Record<string, unknown> {
  id: string;
  userId: string;
  channelId: string;
  lastReadAt: string;
  notificationEnabled: boolean;
}

const columns = `id, user_id AS "userId", channel_id AS "channelId", last_read_at AS "lastReadAt", notified_since IS NOT NULL AS "notificationEnabled"`;

export async function listReadStatuses(core: Core, principal: Principal): Promise<ReadStatusDto[]> {
  return core.store.query<ReadStatusDto>(`SELECT ${columns} FROM read_statuses WHERE user_id = $1 ORDER BY id`, [
    principal.userId,
  ]);
}

/** The same pair again returns the existing one, unchanged. */
export async function createReadStatus(
  core: Core,
  principal: Principal,
  status: NewReadStatus,
): Promise<ReadStatusDto> {
  if (status.userId !== principal.userId) throw forbidden("Cannot create the read status: it would be another user's");
  return core.store.transaction(async (tx) => {
    await checkReadable(tx, principal, status.channelId, "FOR KEY SHARE");
    await tx.query(
      `INSERT INTO read_statuses (id, user_id, channel_id, last_read_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT ON CONSTRAINT read_statuses_pair DO NOTHING`,
      [newId(), status.userId, status.channelId, status.lastReadAt],
    );
    const sql = `SELECT ${columns} FROM read_statuses WHERE user_id = $1 AND channel_id = $2`;
    const [row] = await tx.query<ReadStatusDto>(sql, [status.userId, status.channelId]);
    if (!row) throw notFound("read status", status.channelId);
    return row;
  });
}

/**
 * What is null or absent stays. A switch is placed among the channel's messages by their own clock, the channel's last
 * instant: a wall clock may tick too slowly to tell the switch from the message after it.
 */
export async function updateReadStatus(
  core: Core,
  principal: Principal,
  id: string,
  changes: ReadStatusUpdate,
): Promise<ReadStatusDto> {
  const [row] = await core.store.query<ReadStatusDto>(
    `UPDATE read_statuses SET last_read_at = COALESCE($3, last_read_at),
       notified_since = CASE $4::boolean WHEN true THEN COALESCE(notified_since, (SELECT last_instant FROM channels c WHERE c.id = channel_id)) WHEN false THEN NULL ELSE notified_since END
     WHERE id = $1 AND user_id = $2 RETURNING ${columns}`,
    [id, principal.userId, changes.newLastReadAt ?? null, changes.newNotificationEnabled ?? null],
  );
  if (row) return row;
  const [other] = await core.store.query("SELECT id FROM read_statuses WHERE id = $1", [id]);
  if (!other) throw notFound("read status", id);
  throw forbidden("Cannot change the read status: it is another user's");
}
