// Which rooms are there, and who is in them? Anybody who is signed in may look for a room and join it, until it has four
// members; what is said and who is there is for members alone. Source: the study-room contract, "REST".

import { departedNews, joinedNews, limits } from "../../../../systems/study-room/wire.ts";
import { enqueueAll } from "../../../bus/outbox.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Queryable } from "../../../store/store.ts";
import { forbidden, Problem } from "../../problem.ts";
import { commit, type Core } from "./core.ts";
import { notification, othersIn, rightsChanged, type Person } from "./facts.ts";

const roomNotFound = (): Problem => new Problem(404, "ROOM_NOT_FOUND", "room not found");
const participantCount = `(SELECT count(*) FROM room_members m WHERE m.room_id = r.id) AS "participantCount"`;
const roomColumns = `r.id, r.title, r.description, ${participantCount}`;

export async function personOf(tx: Queryable, { userId }: Pick<Principal, "userId">): Promise<Person> {
  const [row] = await tx.query<{ id: number; providerId: string; nickname: string }>(
    `SELECT id, provider_id AS "providerId", nickname FROM users WHERE id = $1`,
    [userId],
  );
  if (!row) throw new Problem(404, "USER_NOT_FOUND", "user not found");
  return row;
}

/** Whoever opens a room is its host. */
export async function openRoom(
  core: Core,
  { userId, username }: Principal,
  { title, description }: { title: string; description: string },
): Promise<unknown> {
  return core.store.transaction(async (tx) => {
    const [room] = await tx.query<{ id: number }>(
      "INSERT INTO rooms (title, description, host_id) VALUES ($1, $2, $3) RETURNING id",
      [title, description, userId],
    );
    await tx.query("INSERT INTO room_members (room_id, user_id, role) VALUES ($1, $2, 'HOST')", [room?.id, userId]);
    return { id: room?.id, title, description, hostId: Number(userId), hostNickname: username };
  });
}

interface RoomsPage {
  page: number;
  size: number;
  keyword?: string | undefined;
  hostId?: number | undefined;
}

/** A page as Spring has it, newest first. */
export async function listRooms(core: Core, { page, size, keyword, hostId }: RoomsPage): Promise<unknown> {
  const where = `($1::text IS NULL OR position(lower($1) in lower(r.title)) > 0) AND ($2::bigint IS NULL OR r.host_id = $2)`;
  const filters = [keyword ?? null, hostId ?? null];
  const [counted] = await core.store.query<{ count: number }>(
    `SELECT count(*) AS count FROM rooms r WHERE ${where}`,
    filters,
  );
  const content = await core.store.query(
    `SELECT ${roomColumns} FROM rooms r WHERE ${where} ORDER BY r.id DESC LIMIT $3 OFFSET $4`,
    [...filters, size, page * size],
  );
  const totalElements = counted?.count ?? 0;
  const totalPages = Math.ceil(totalElements / size);
  return {
    content,
    number: page,
    size,
    totalElements,
    totalPages,
    numberOfElements: content.length,
    first: page === 0,
    last: page + 1 >= totalPages,
    empty: content.length === 0,
  };
}

export async function room(core: Core, id: number): Promise<unknown> {
  const [row] = await core.store.query(`SELECT ${roomColumns} FROM rooms r WHERE r.id = $1`, [id]);
  if (!row) throw roomNotFound();
  return row;
}

/** Throws Problem 404 or 403 unless the user is a stored member. */
export async function checkMember(tx: Queryable, { userId }: Principal, roomId: number): Promise<void> {
  if (await isMember(tx, userId, roomId)) return;
  const rows = await tx.query("SELECT 1 FROM rooms WHERE id = $1", [roomId]);
  throw rows.length > 0 ? forbidden("not a participant") : roomNotFound();
}

export async function isMember(tx: Queryable, userId: string, roomId: number): Promise<boolean> {
  const sql = "SELECT 1 FROM room_members WHERE room_id = $1 AND user_id = $2";
  return (await tx.query(sql, [roomId, userId])).length > 0;
}

/** Changes of a room, and messages in it, come one after the other. */
export async function lockRoom(tx: Queryable, roomId: number): Promise<void> {
  const rows = await tx.query("SELECT 1 FROM rooms WHERE id = $1 FOR NO KEY UPDATE", [roomId]);
  if (rows.length === 0) throw roomNotFound();
}

async function memberCount(tx: Queryable, roomId: number): Promise<number> {
  const [row] = await tx.query<{ count: number }>("SELECT count(*) AS count FROM room_members WHERE room_id = $1", [
    roomId,
  ]);
  return row?.count ?? 0;
}

/** Throws Problem 404, 409 to a member, 400 when the room is full. */
export async function joinRoom(core: Core, principal: Principal, roomId: number): Promise<unknown> {
  return commit(core, async (tx) => {
    await lockRoom(tx, roomId);
    if (await isMember(tx, principal.userId, roomId))
      throw new Problem(409, "ALREADY_PARTICIPANT", "already participant");
    const count = await memberCount(tx, roomId);
    if (count >= limits.capacity) throw new Problem(400, "ROOM_IS_FULL", "room is full");
    await tx.query("INSERT INTO room_members (room_id, user_id, role) VALUES ($1, $2, 'PARTICIPANT')", [
      roomId,
      principal.userId,
    ]);
    const actor = await personOf(tx, principal);
    const receivers = await othersIn(tx, roomId, actor.id);
    const message = joinedNews(actor.nickname);
    await enqueueAll(tx, [notification({ type: "USER_JOIN", roomId, actor, message, receivers })]);
    return { roomId, userId: actor.id, action: "join", participantCount: count + 1 };
  });
}

/** From then on the user hears nothing of the room. Throws Problem 404, 403 to who is none of it, 400 to the host. */
export async function leaveRoom(core: Core, principal: Principal, roomId: number): Promise<unknown> {
  return commit(core, async (tx) => {
    await lockRoom(tx, roomId);
    await checkMember(tx, principal, roomId);
    const [left] = await tx.query(
      "DELETE FROM room_members WHERE room_id = $1 AND user_id = $2 AND role <> 'HOST' RETURNING id",
      [roomId, principal.userId],
    );
    if (!left) throw new Problem(400, "HOST_CANNOT_LEAVE", "host cannot leave");
    const actor = await personOf(tx, principal);
    const receivers = await othersIn(tx, roomId, actor.id);
    const message = departedNews(actor.nickname);
    await enqueueAll(tx, [
      rightsChanged(roomId, principal.userId),
      notification({ type: "USER_LEAVE", roomId, actor, message, receivers }),
    ]);
    return { roomId, userId: actor.id, action: "leave", participantCount: receivers.length };
  });
}

/** With what the room was last told of each. */
export async function participants(core: Core, principal: Principal, roomId: number): Promise<unknown> {
  await checkMember(core.store, principal, roomId);
  return core.store.query(
    `SELECT m.id, u.id AS "userId", u.nickname, NULL AS "profileImageUrl", m.role, COALESCE(t.status, 'OFFLINE') AS status
     FROM room_members m JOIN users u ON u.id = m.user_id
     LEFT JOIN told t ON t.room_id = m.room_id AND t.user_id = m.user_id WHERE m.room_id = $1 ORDER BY m.id`,
    [roomId],
  );
}
