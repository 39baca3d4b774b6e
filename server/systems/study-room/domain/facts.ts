// What is a user told? Server-sent notifications, each enqueued in the transaction that makes its fact true. Source: the
// study-room contract, "SSE".

import { notificationEvent } from "../../../../systems/study-room/wire.ts";
import { newEvent } from "../../../bus/new-records.ts";
import type { EventRecord } from "../../../bus/records.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Queryable, Row } from "../../../store/store.ts";
import { Problem } from "../../problem.ts";

export interface Person extends Row {
  id: number;
  providerId: string;
  nickname: string;
}

export async function personOf(tx: Queryable, { userId }: Pick<Principal, "userId">): Promise<Person> {
  const sql = `SELECT id, provider_id AS "providerId", nickname FROM users WHERE id = $1`;
  const [row] = await tx.query<Person>(sql, [userId]);
  if (!row) throw new Problem(404, "USER_NOT_FOUND", "user not found");
  return row;
}

export interface News {
  type: "CHAT_MESSAGE" | "USER_JOIN" | "USER_LEAVE" | "TEST";
  roomId?: number;
  actor: Person;
  message: string;
}

/** Of a room, only who is still a member gets it at replay. */
export function notification({ type, roomId, actor, message }: News, receivers: readonly string[]): EventRecord {
  const { providerId, nickname } = actor;
  const timestamp = localTime(new Date().toISOString());
  const data = { type, roomId, providerId, nickname, message, timestamp };
  return newEvent(notificationEvent, data, receivers, roomId === undefined ? undefined : String(roomId));
}

/** For the stored members of the room but the actor. */
export async function roomNews(tx: Queryable, news: News & { roomId: number }): Promise<EventRecord> {
  const others = await tx.query<{ id: string }>(
    "SELECT user_id::text AS id FROM room_members WHERE room_id = $1 AND user_id <> $2",
    [news.roomId, news.actor.id],
  );
  const receivers = others.map(({ id }) => id);
  return notification(news, receivers);
}

/** An instant of ours as the wire has it: UTC, without a zone. */
export const localTime = (instant: string): string => instant.replace(/Z$/, "");
