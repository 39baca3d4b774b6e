// Which rooms are there, and who is in them? A group is everybody's to join and leave, and goes with its last
// participant; a private room is there once for two members and stays. Source: the Redis chat contract, sections 2 and 6.

import { rightsChanged } from "../../../bus/new-records.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Queryable } from "../../../store/store.ts";
import type { Core } from "../../core.ts";
import { Problem } from "../../problem.ts";
import { lockRoom, membersIn } from "../../rooms.ts";
import { publish } from "./publish.ts";

export const participants = membersIn("participants", "member_id");

export async function createGroup(core: Core, { userId }: Principal, name: string): Promise<void> {
  await core.store.query(
    `WITH room AS (INSERT INTO rooms (name) VALUES ($1) RETURNING id)
     INSERT INTO participants (room_id, member_id) SELECT id, $2 FROM room`,
    [name, userId],
  );
}

/** The room of these two, whoever of them asks and how many do at once. Throws Problem 400 or 404. */
export async function openPrivate(core: Core, { userId }: Principal, otherId: number): Promise<number> {
  const ids = [Number(userId), otherId];
  if (ids[0] === otherId) throw new Problem(400, "PRIVATE_ROOM_WITH_MYSELF", "otherMemberId: is your own");
  return core.store.transaction(async (tx) => {
    const [named] = await tx.query<{ name: string }>(
      "SELECT me.name || '-' || other.name AS name FROM members me, members other WHERE me.id = $1 AND other.id = $2",
      ids,
    );
    if (!named) throw new Problem(404, "MEMBER_NOT_FOUND", "member not found");
    const pair = ids.toSorted((one, other) => one - other).join(":");
    // It changes nothing, but so the row of whoever was faster comes back.
    const [room] = await tx.query<{ id: number }>(
      `INSERT INTO rooms (name, pair) VALUES ($1, $2)
       ON CONFLICT ON CONSTRAINT rooms_pair DO UPDATE SET pair = EXCLUDED.pair RETURNING id`,
      [named.name, pair],
    );
    if (!room) throw new Error("Cannot open a private room: no row came back");
    await tx.query(
      "INSERT INTO participants (room_id, member_id) SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING",
      [room.id, ids],
    );
    return room.id;
  });
}

export const groups = (core: Core): Promise<unknown[]> =>
  core.store.query(`SELECT id AS "roomId", name AS "roomName" FROM rooms WHERE pair IS NULL ORDER BY id`);

export const myRooms = (core: Core, { userId }: Principal): Promise<unknown[]> =>
  core.store.query(
    `SELECT r.id AS "roomId", r.name AS "roomName", CASE WHEN r.pair IS NULL THEN 'Y' ELSE 'N' END AS "isGroupChat",
       (SELECT count(*) FROM read_marks k WHERE k.member_id = p.member_id AND k.room_id = r.id AND NOT k.is_read)
         AS "unReadCount"
     FROM participants p JOIN rooms r ON r.id = p.room_id WHERE p.member_id = $1 ORDER BY r.id`,
    [userId],
  );

async function lockGroup(tx: Queryable, roomId: number): Promise<void> {
  await lockRoom(tx, roomId);
  const groups = await tx.query("SELECT 1 FROM rooms WHERE id = $1 AND pair IS NULL", [roomId]);
  if (groups.length === 0) throw new Problem(400, "NOT_A_GROUP", "not a group room");
}

/** A participant may join again. Throws Problem 404 or 400. */
export async function joinGroup(core: Core, { userId }: Principal, roomId: number): Promise<void> {
  await core.store.transaction(async (tx) => {
    await lockGroup(tx, roomId);
    const sql = "INSERT INTO participants (room_id, member_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    await tx.query(sql, [roomId, userId]);
  });
}

/** From then on the member hears nothing of the room. Throws Problem 404 or 400. */
export async function leaveGroup(core: Core, principal: Principal, roomId: number): Promise<void> {
  const { userId } = principal;
  await core.store.transaction(async (tx) => {
    await lockGroup(tx, roomId);
    if (!(await participants.isIn(tx, principal, roomId)))
      throw new Problem(404, "PARTICIPANT_NOT_FOUND", "not a participant");
    await tx.query("DELETE FROM read_marks WHERE room_id = $1 AND member_id = $2", [roomId, userId]);
    await tx.query("DELETE FROM participants WHERE room_id = $1 AND member_id = $2", [roomId, userId]);
    // With its messages and their marks.
    const nobody = "NOT EXISTS (SELECT 1 FROM participants WHERE room_id = $1)";
    await tx.query(`DELETE FROM rooms WHERE id = $1 AND ${nobody}`, [roomId]);
  });
  // Nobody hears it; the subscriptions of the member are checked on every server.
  await publish(core, rightsChanged(roomId, userId));
}
