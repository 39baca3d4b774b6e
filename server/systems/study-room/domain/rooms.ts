// Which rooms are there, and who is in them? Anybody who is signed in may look for a room and join it, until it has four
// members; what is said and who is there is for members alone. Source: the study-room contract, "REST".

import { departedNews, joinedNews, limits } from "../../../../systems/study-room/wire.ts";
import { rightsChanged } from "../../../bus/new-records.ts";
import { commit, enqueue } from "../../../bus/outbox.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Queryable } from "../../../store/store.ts";
import type { Core } from "../../core.ts";
import { Problem } from "../../problem.ts";
import { lockRoom, membersIn, roomNotFound } from "../../rooms.ts";
import { personOf, roomNews } from "./facts.ts";
import type { NewRoom, RoomsPage } from "./validation.ts";

export const members = membersIn("room_members", "user_id");

const participantCount = `(SELECT count(*) FROM room_members m WHERE m.room_id = r.id) AS "participantCount"`;
const roomColumns = `r.id, r.title, r.description, ${participantCount}`;

async function count(tx: Queryable, from: string, parameters: readonly unknown[]): Promise<number> {
  const [row] = await tx.query<{ count: number }>(`SELECT count(*) AS count FROM ${from}`, parameters);
  return row?.count ?? 0;
}

const memberCount = (tx: Queryable, roomId: number): Promise<number> =>
  count(tx, "room_members WHERE room_id = $1", [roomId]);

/** Whoever opens a room is its host. */
export async function openRoom(core: Core, host: Principal, { title, description }: NewRoom): Promise<unknown> {
  const [room] = await core.store.query<{ id: number }>(
    `WITH room AS (INSERT INTO rooms (title, description, host_id) VALUES ($1, $2, $3) RETURNING id)
     INSERT INTO room_members (room_id, user_id, role) SELECT id, $3, 'HOST' FROM room RETURNING room_id AS id`,
    [title, description, host.userId],
  );
  return { id: room?.id, title, description, hostId: Number(host.userId), hostNickname: host.username };
}

/** A page as Spring has it, newest first. */
export async function listRooms(core: Core, { page, size, keyword, hostId }: RoomsPage): Promise<unknown> {
  const where = `($1::text IS NULL OR position(lower($1) in lower(r.title)) > 0) AND ($2::bigint IS NULL OR r.host_id = $2)`;
  const filters = [keyword ?? null, hostId ?? null];
  const totalElements = await count(core.store, `rooms r WHERE ${where}`, filters);
  const content = await core.store.query(
    `SELECT ${roomColumns} FROM rooms r WHERE ${where} ORDER BY r.id DESC LIMIT $3 OFFSET $4`,
    [...filters, size, page * size],
  );
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

/** Changes who is in a room, after the changes before, and has its members told. Throws Problem 404. */
function changeMembers(
  core: Core,
  principal: Principal,
  roomId: number,
  action: keyof typeof newsOf,
  change: (tx: Queryable) => Promise<void>,
): Promise<unknown> {
  return commit(core, async (tx) => {
    await lockRoom(tx, roomId);
    await change(tx);
    const actor = await personOf(tx, principal);
    const [type, textOf] = newsOf[action];
    await enqueue(tx, await roomNews(tx, { type, roomId, actor, message: textOf(actor.nickname) }));
    return { roomId, userId: actor.id, action, participantCount: await memberCount(tx, roomId) };
  });
}

const newsOf = { join: ["USER_JOIN", joinedNews], leave: ["USER_LEAVE", departedNews] } as const;

/** Throws Problem 404, 409 to a member, 400 when the room is full. */
export const joinRoom = (core: Core, principal: Principal, roomId: number): Promise<unknown> =>
  changeMembers(core, principal, roomId, "join", async (tx) => {
    if (await members.isIn(tx, principal, roomId)) throw new Problem(409, "ALREADY_PARTICIPANT", "already participant");
    if ((await memberCount(tx, roomId)) >= limits.capacity) throw new Problem(400, "ROOM_IS_FULL", "room is full");
    const sql = "INSERT INTO room_members (room_id, user_id, role) VALUES ($1, $2, 'PARTICIPANT')";
    await tx.query(sql, [roomId, principal.userId]);
  });

/** From then on the user hears nothing of the room. Throws Problem 404, 403 to who is none of it, 400 to the host. */
export const leaveRoom = (core: Core, principal: Principal, roomId: number): Promise<unknown> =>
  changeMembers(core, principal, roomId, "leave", async (tx) => {
    await members.check(tx, principal, roomId);
    const sql = "DELETE FROM room_members WHERE room_id = $1 AND user_id = $2 AND role <> 'HOST' RETURNING id";
    const [left] = await tx.query(sql, [roomId, principal.userId]);
    if (!left) throw new Problem(400, "HOST_CANNOT_LEAVE", "host cannot leave");
    await enqueue(tx, rightsChanged(roomId, principal.userId));
  });

/** With what the room was last told of each. */
export async function participants(core: Core, principal: Principal, roomId: number): Promise<unknown> {
  await members.check(core.store, principal, roomId);
  return core.store.query(
    `SELECT m.id, u.id AS "userId", u.nickname, NULL AS "profileImageUrl", m.role, COALESCE(t.status, 'OFFLINE') AS status
     FROM room_members m JOIN users u ON u.id = m.user_id
     LEFT JOIN told t ON t.room_id = m.room_id AND t.user_id = m.user_id WHERE m.room_id = $1 ORDER BY m.id`,
    [roomId],
  );
}
