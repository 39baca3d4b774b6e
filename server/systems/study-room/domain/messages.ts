// What was said in a room, and in which order? A message takes the lock of its room: instants and ids grow together, so
// the order of the topic is that of the history. Who sent it is the session's to say. Source: the study-room contract,
// "STOMP".

import { roomDestination } from "../../../../systems/study-room/wire.ts";
import { newDelivery } from "../../../bus/new-records.ts";
import { commit, enqueueAll } from "../../../bus/outbox.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Core } from "../../core.ts";
import { lockRoom } from "../../rooms.ts";
import { localTime, personOf, roomNews } from "./facts.ts";
import { members } from "./rooms.ts";
import type { Page } from "./validation.ts";

interface Message extends Record<string, unknown> {
  createdAt: string;
}
/** Of messages m and users u. */
const columns = `m.id, m.room_id AS "roomId", m.sender_id AS "senderId", u.nickname AS "senderNickname",
  NULL AS "senderProfileImageUrl", m.content, m.created_at AS "createdAt"`;

/** Stores a message and has it published; a blank one is ignored. Throws Problem 403 or 404 without effect. */
export async function chat(core: Core, principal: Principal, roomId: number, content: string): Promise<void> {
  if (content.trim() === "") return;
  await commit(core, async (tx) => {
    await lockRoom(tx, roomId);
    await members.check(tx, principal, roomId);
    const [message] = await tx.query<Message>(
      `WITH m AS (INSERT INTO messages (room_id, sender_id, content, created_at)
         VALUES ($1, $2, $3, clock_timestamp()) RETURNING *)
       SELECT ${columns} FROM m JOIN users u ON u.id = m.sender_id`,
      [roomId, principal.userId, content],
    );
    if (!message) throw new Error("Cannot store a message: no row came back");
    const actor = await personOf(tx, principal);
    await enqueueAll(tx, [
      newDelivery(roomId, roomDestination(roomId), onWire(message), Date.parse(message.createdAt)),
      await roomNews(tx, { type: "CHAT_MESSAGE", roomId, actor, message: content }),
    ]);
  });
}

/** Newest first; the id decides between equal instants. */
export async function history(
  core: Core,
  principal: Principal,
  roomId: number,
  { page, size }: Page,
): Promise<unknown> {
  await members.check(core.store, principal, roomId);
  const rows = await core.store.query<Message>(
    `SELECT ${columns} FROM messages m JOIN users u ON u.id = m.sender_id WHERE m.room_id = $1
     ORDER BY m.created_at DESC, m.id DESC LIMIT $2 OFFSET $3`,
    [roomId, size, page * size],
  );
  return rows.map(onWire);
}

const onWire = (message: Message): Message => ({ ...message, createdAt: localTime(message.createdAt) });
