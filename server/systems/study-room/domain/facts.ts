// What is told of a fact? Deliveries to who listens in the room, and events to its stored members, each enqueued in the
// transaction that makes the fact true.

import { v7 as newId } from "uuid";
import { notificationEvent } from "../../../../systems/study-room/wire.ts";
import type { Delivery, EventRecord } from "../../../bus/records.ts";
import type { Queryable } from "../../../store/store.ts";

export interface Person {
  id: number;
  providerId: string;
  nickname: string;
}

/** All of a room is in one order: the room is the key. */
export const delivery = (roomId: number, destination: string, body: object, createdAtMs = Date.now()): Delivery => ({
  topic: "messages",
  id: newId(),
  channelId: String(roomId),
  destination,
  body: JSON.stringify(body),
  createdAtMs,
});

/** Nobody hears it; the subscriptions of the user are checked where it stands in the room's order. */
export const rightsChanged = (roomId: number, userId: string): Delivery => ({
  ...delivery(roomId, "", {}),
  rightsOf: userId,
});

export interface News {
  type: "CHAT_MESSAGE" | "USER_JOIN" | "USER_LEAVE" | "TEST";
  roomId: number | undefined;
  actor: Person;
  message: string;
  receivers: readonly string[];
}

/** A server-sent notification; of a room only who is still a member gets it at replay. */
export const notification = ({ type, roomId, actor, message, receivers }: News): EventRecord => ({
  topic: "events",
  id: newId(),
  name: notificationEvent,
  data: JSON.stringify({
    type,
    roomId,
    providerId: actor.providerId,
    nickname: actor.nickname,
    message,
    timestamp: localTime(new Date().toISOString()),
  }),
  receivers,
  ...(roomId === undefined ? {} : { channelId: String(roomId) }),
  createdAtMs: Date.now(),
});

/** The stored members of a room but one. */
export async function othersIn(tx: Queryable, roomId: number, userId: number): Promise<string[]> {
  const rows = await tx.query<{ id: number }>(
    "SELECT user_id AS id FROM room_members WHERE room_id = $1 AND user_id <> $2",
    [roomId, userId],
  );
  return rows.map(({ id }) => String(id));
}

/** An instant of ours as the wire has it: UTC, without a zone. */
export const localTime = (instant: string): string => instant.replace(/Z$/, "");
