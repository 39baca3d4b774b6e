// Which rooms are there, and whose? Public channels are for all who are signed in and are run by channel managers;
// private ones are for their participants, to read, write, subscribe and delete. Source: the Discodeit contract, "REST"
// and "Rules".

import { v7 as newId } from "uuid";
import { brokerPrefix, errorQueue } from "../../../../systems/discodeit/wire.ts";
import type { EventRecord } from "../../../bus/records.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Queryable } from "../../../store/store.ts";
import { hasRole, type Core } from "./core.ts";
import { commit, tell } from "./facts.ts";
import type { ChannelRow, Online } from "./payloads.ts";
import { forbidden, invalid, notFound, Problem } from "./problem.ts";
import { userJson, userTables } from "./rows.ts";
import type { ChannelUpdate } from "./validation.ts";

const nobody: Online = new Set();
/** SQL: the user `$n` may read channel c. */
export const readableBy = (parameter: string): string =>
  `(c.type = 'PUBLIC' OR EXISTS (SELECT 1 FROM channel_members m WHERE m.channel_id = c.id AND m.user_id = ${parameter}))`;

const channelColumns = `c.id, c.type, c.name, c.description,
  (SELECT max(created_at) FROM messages WHERE channel_id = c.id) AS "lastMessageAt",
  COALESCE((SELECT json_agg(${userJson} ORDER BY u.username) FROM ${userTables} JOIN channel_members m ON m.user_id = u.id WHERE m.channel_id = c.id), '[]') AS participants`;

type ChannelRecord = ChannelRow & Record<string, unknown>;

async function channelRow(tx: Queryable, id: string): Promise<ChannelRow> {
  const [row] = await tx.query<ChannelRecord>(`SELECT ${channelColumns} FROM channels c WHERE c.id = $1`, [id]);
  if (!row) throw notFound("channel", id);
  return row;
}

/**
 * Resolves when the caller may read the channel. Throws Problem 404 or 403. `lock` keeps the channel until the
 * transaction ends.
 */
export async function checkReadable(
  tx: Queryable,
  principal: Principal,
  id: string,
  lock: "" | "FOR KEY SHARE" = "",
): Promise<void> {
  const sql = `SELECT ${readableBy("$2")} AS readable FROM channels c WHERE c.id = $1 ${lock}`;
  const [row] = await tx.query<{ readable: boolean }>(sql, [id, principal.userId]);
  if (!row) throw notFound("channel", id);
  if (!row.readable) throw forbidden("Cannot enter the channel: it is private to others");
}

function checkManager(principal: Principal): void {
  if (!hasRole(principal.role, "CHANNEL_MANAGER"))
    throw forbidden("Cannot manage public channels: only channel managers and admins may");
}

/** All public channels and the caller's private ones, oldest first. */
export async function listChannels(core: Core, principal: Principal): Promise<unknown[]> {
  const sql = `SELECT ${channelColumns} FROM channels c WHERE ${readableBy("$1")} ORDER BY c.created_at, c.id`;
  const rows = await core.store.query<ChannelRecord>(sql, [principal.userId]);
  const online = await core.presence.online([
    ...new Set(rows.flatMap((row) => row.participants.map((user) => user.id))),
  ]);
  return rows.map((row) => core.payloads.channel(row, online));
}

export async function createPublicChannel(
  core: Core,
  principal: Principal,
  name: string,
  description: string,
): Promise<unknown> {
  checkManager(principal);
  const row: ChannelRow = { id: newId(), type: "PUBLIC", name, description, lastMessageAt: null, participants: [] };
  await commit(core, async (tx) => {
    await tx.query("INSERT INTO channels (id, type, name, description) VALUES ($1, $2, $3, $4)", [
      row.id,
      row.type,
      name,
      description,
    ]);
    await tell(tx, core, "channelCreated", core.payloads.channelEvent(row, nobody), "everyone");
  });
  return core.payloads.channel(row, nobody);
}

/** Each participant gets a read status with notifications on. */
export async function createPrivateChannel(
  core: Core,
  principal: Principal,
  participantIds: readonly string[],
): Promise<unknown> {
  const members = [...new Set(participantIds)].toSorted();
  if (members.length < 2) throw invalid({ participantIds: "must name at least two different users" });
  if (!members.includes(principal.userId)) throw invalid({ participantIds: "must include the caller" });
  const online = await core.presence.online(members);
  const id = newId();
  return commit(core, async (tx) => {
    const present = await tx.query<{ id: string }>(
      "SELECT id FROM users WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE",
      [members],
    );
    const found = new Set(present.map((user) => user.id));
    const missing = members.find((member) => !found.has(member));
    if (missing !== undefined) throw notFound("user", missing);
    await tx.query("INSERT INTO channels (id, type) VALUES ($1, 'PRIVATE')", [id]);
    await tx.query("INSERT INTO channel_members (channel_id, user_id) SELECT $1, unnest($2::uuid[])", [id, members]);
    await tx.query(
      `INSERT INTO read_statuses (id, user_id, channel_id, last_read_at, notified_since)
       SELECT r.id, r.user_id, $1, clock_timestamp(), '-infinity' FROM unnest($2::uuid[], $3::uuid[]) AS r (id, user_id)`,
      [id, members.map(() => newId()), members],
    );
    const row = await channelRow(tx, id);
    await tell(tx, core, "channelCreated", core.payloads.channelEvent(row, online), members, id);
    return core.payloads.channel(row, online);
  });
}

/** Public channels only; what is null or absent stays. */
export async function updateChannel(
  core: Core,
  principal: Principal,
  id: string,
  changes: ChannelUpdate,
): Promise<unknown> {
  return commit(core, async (tx) => {
    const row = await lockedChannel(tx, id);
    if (row.type === "PRIVATE") {
      await checkReadable(tx, principal, id);
      throw new Problem(400, "PRIVATE_CHANNEL_UPDATE", "Cannot change the channel: it is private", { id });
    }
    checkManager(principal);
    const [name, description] = [changes.newName ?? row.name, changes.newDescription ?? row.description];
    const changed: ChannelRow = { ...row, name, description };
    await tx.query("UPDATE channels SET name = $2, description = $3 WHERE id = $1", [id, name, description]);
    await tell(tx, core, "channelUpdated", core.payloads.channelEvent(changed, nobody), "everyone");
    return core.payloads.channel(changed, nobody);
  });
}

/** Removes the channel with its messages, files and read statuses. Those who could read it hear of it. */
export async function deleteChannel(core: Core, principal: Principal, id: string): Promise<void> {
  // Asked before: nobody waits for Redis while the channel is locked. Later there may be fewer members, never others.
  const online = await core.presence.online((await channelRow(core.store, id)).participants.map((user) => user.id));
  await commit(core, async (tx) => {
    const row = await lockedChannel(tx, id);
    if (row.type === "PUBLIC") checkManager(principal);
    else await checkReadable(tx, principal, id);
    const members = row.participants.map((user) => user.id);
    await tx.query("DELETE FROM channels WHERE id = $1", [id]);
    // Without a channel id: its readers are the former participants, and there is no membership left to check at
    // replay.
    await tell(
      tx,
      core,
      "channelDeleted",
      core.payloads.channelEvent(row, online),
      row.type === "PUBLIC" ? "everyone" : members,
    );
  });
}

async function lockedChannel(tx: Queryable, id: string): Promise<ChannelRow> {
  await tx.query("SELECT 1 FROM channels WHERE id = $1 FOR UPDATE", [id]);
  return channelRow(tx, id);
}

const messagesDestination = new RegExp(
  `^${brokerPrefix}/channels\\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.messages$`,
);

/**
 * Only the sender's error queue and the exact destination of a channel that the caller may read. An unknown channel is
 * refused.
 */
export async function maySubscribe(core: Core, principal: Principal, destination: string): Promise<boolean> {
  if (destination === errorQueue) return true;
  const channelId = messagesDestination.exec(destination)?.[1];
  return channelId !== undefined && mayRead(core, principal, channelId);
}

/** Whether the caller may read what the event tells, as of now. */
export async function mayReadNow(core: Core, principal: Principal, event: EventRecord): Promise<boolean> {
  return event.channelId === undefined || mayRead(core, principal, event.channelId);
}

async function mayRead(core: Core, principal: Principal, channelId: string): Promise<boolean> {
  const rows = await core.store.query(`SELECT 1 FROM channels c WHERE c.id = $1 AND ${readableBy("$2")}`, [
    channelId,
    principal.userId,
  ]);
  return rows.length > 0;
}
