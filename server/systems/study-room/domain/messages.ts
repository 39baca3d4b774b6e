// What was said in a room, and in which order? A message takes the lock of its room: instants and ids grow together, so
// the order of the topic is that of the history. Who sent it is the session's to say. Source: the study-room contract,
// "STOMP".

import { roomDestination } from "../../../../systems/study-room/wire.ts";
import { enqueueAll } from "../../../bus/outbox.ts";
import type { Principal } from "../../../realtime/ports.ts";
import { commit, type Core } from "./core.ts";
import { delivery, localTime, notification, othersIn } from "./facts.ts";
import { checkMember, lockRoom, personOf } from "./rooms.ts";

interface Stored extends Record<string, unknown> {
  id: number;
  createdAt: string;
}

/** Stores a message and has it published; a blank one is ignored. Throws Problem 403 or 404 without effect. */
export async function chat(core: Core, principal: Principal, roomId: number, content: string): Promise<void> {
  if (content.trim() === "") return;
  await commit(core, async (tx) => {
    await lockRoom(tx, roomId);
    await checkMember(tx, principal, roomId);
    const actor = await personOf(tx, principal);
    const [stored] = await tx.query<Stored>(
      `INSERT INTO messages (room_id, sender_id, content, created_at) VALUES ($1, $2, $3, clock_timestamp())
       RETURNING id, created_at AS "createdAt"`,
      [roomId, actor.id, content],
    );
    if (!stored) throw new Error("Cannot store a message: no row came back");
    const { id, createdAt } = stored;
    const message = { id, roomId, senderId: actor.id, senderNickname: actor.nickname, senderProfileImageUrl: null };
    const body = { ...message, content, createdAt: localTime(createdAt) };
    const receivers = await othersIn(tx, roomId, actor.id);
    await enqueueAll(tx, [
      delivery(roomId, roomDestination(roomId), body, Date.parse(createdAt)),
      notification({ type: "CHAT_MESSAGE", roomId, actor, message: content, receivers }),
    ]);
  });
}

interface Page {
  page: number;
  size: number;
}

/** Newest first; the id decides between equal instants. */
export async function history(
  core: Core,
  principal: Principal,
  roomId: number,
  { page, size }: Page,
): Promise<unknown> {
  await checkMember(core.store, principal, roomId);
  const rows = await core.store.query<Stored>(
    `SELECT m.id, m.room_id AS "roomId", m.sender_id AS "senderId", u.nickname AS "senderNickname",
       NULL AS "senderProfileImageUrl", m.content, m.created_at AS "createdAt"
     FROM messages m JOIN users u ON u.id = m.sender_id WHERE m.room_id = $1
     ORDER BY m.created_at DESC, m.id DESC LIMIT $2 OFFSET $3`,
    [roomId, size, page * size],
  );
  return rows.map((row) => ({ ...row, createdAt: localTime(row.createdAt) }));
}
