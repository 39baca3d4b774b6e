// What was said in a room, and who has read it? A message is stored together with a mark for each participant, then
// published. Who sent it is the session's to say. Source: the Redis chat contract, sections 3 to 5.

import { roomDestination } from "../../../../systems/redis-chat/wire.ts";
import { newDelivery } from "../../../bus/new-records.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Core } from "../../core.ts";
import { lockRoom } from "../../rooms.ts";
import { publish } from "./publish.ts";
import { participants } from "./rooms.ts";

/** Throws Problem 403 or 404 without effect. */
export async function say(core: Core, principal: Principal, roomId: number, message: string): Promise<void> {
  await core.store.transaction(async (tx) => {
    await lockRoom(tx, roomId);
    await participants.check(tx, principal, roomId);
    await tx.query(
      `WITH said AS (INSERT INTO messages (room_id, sender_id, content) VALUES ($1, $2, $3) RETURNING id)
       INSERT INTO read_marks (message_id, room_id, member_id, is_read)
         SELECT said.id, p.room_id, p.member_id, p.member_id = $2 FROM said, participants p WHERE p.room_id = $1`,
      [roomId, principal.userId, message],
    );
  });
  const body = { roomId, message, senderEmail: principal.username };
  await publish(core, newDelivery(roomId, roomDestination(roomId), body));
}

/** All of it, oldest first. Throws Problem 404 or 403. */
export async function history(core: Core, principal: Principal, roomId: number): Promise<unknown[]> {
  await participants.check(core.store, principal, roomId);
  return core.store.query(
    `SELECT NULL AS "roomId", m.content AS message, s.email AS "senderEmail"
     FROM messages m JOIN members s ON s.id = m.sender_id WHERE m.room_id = $1 ORDER BY m.id`,
    [roomId],
  );
}

/** Everything of the room is read by the member. Throws Problem 404 or 403. */
export async function markRead(core: Core, principal: Principal, roomId: number): Promise<void> {
  await participants.check(core.store, principal, roomId);
  const sql = "UPDATE read_marks SET is_read = true WHERE member_id = $1 AND room_id = $2 AND NOT is_read";
  await core.store.query(sql, [principal.userId, roomId]);
}
