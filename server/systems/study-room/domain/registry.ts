// Who is in a room, over all tabs and instances? A seat is a user in a room; its tabs listen to the room's topic, or
// to its presence (presence/tabs.ts), and the first tab and the last are told to the room (presence/told-tabs.ts). What
// the room was told is a row. Source: the study-room contract, sections 5 to 7.

import {
  enteredText,
  firstStatus,
  leftText,
  presenceDestination,
  roomDestination,
  type Status,
} from "../../../../systems/study-room/wire.ts";
import { newDelivery } from "../../../bus/new-records.ts";
import { enqueueAll } from "../../../bus/outbox.ts";
import type { Delivery } from "../../../bus/records.ts";
import { ToldTabs } from "../../../presence/told-tabs.ts";
import type { Queryable, Row } from "../../../store/store.ts";
import type { SystemContext } from "../../system.ts";
import { personOf } from "./facts.ts";

export type Topic = "chat" | "presence";

/** A user in a room. */
export interface Seat {
  roomId: number;
  userId: string;
}

interface Told {
  entered: boolean;
  status: Status;
}

export class Registry extends ToldTabs<Topic, Seat, Told> {
  constructor(core: Pick<SystemContext, "name" | "instance" | "redis" | "store" | "outbox" | "onFault">) {
    super(["chat", "presence"], { ...core, name: `${core.name}.rooms` });
  }

  /** Says what a user does. False: the user is not there, or says that it is not. */
  setStatus(seat: Seat, status: Status): Promise<boolean> {
    return this.change(seat, (told) =>
      told.status === "OFFLINE" || status === "OFFLINE" ? undefined : { ...told, status },
    );
  }

  protected override keyOf({ roomId, userId }: Seat): string {
    return `${roomId}:${userId}`;
  }

  protected override async allTold(store: Queryable): Promise<{ seat: Seat; told: Told }[]> {
    const rows = await store.query<Seat & Told & Row>(
      `SELECT room_id AS "roomId", user_id::text AS "userId", entered, status FROM told
       WHERE entered OR status <> 'OFFLINE'`,
    );
    return rows.map(({ roomId, userId, ...told }) => ({ seat: { roomId, userId }, told }));
  }

  protected override async lockTold(tx: Queryable, { roomId, userId }: Seat): Promise<Told> {
    // It changes nothing, but so the row comes back, whoever made it.
    const [row] = await tx.query<Told & Row>(
      `INSERT INTO told (room_id, user_id) VALUES ($1, $2)
       ON CONFLICT (room_id, user_id) DO UPDATE SET room_id = EXCLUDED.room_id RETURNING entered, status`,
      [roomId, userId],
    );
    if (!row) throw new Error(`Cannot tell room ${roomId}: no row came back`);
    return row;
  }

  protected override isToldAt({ entered, status }: Told, topic: Topic): boolean {
    return topic === "chat" ? entered : status !== "OFFLINE";
  }

  protected override toTell(isAt: (topic: Topic) => boolean, { status }: Told): Told {
    const there = status === "OFFLINE" ? firstStatus : status;
    return { entered: isAt("chat"), status: isAt("presence") ? there : "OFFLINE" };
  }

  protected override async tell(tx: Queryable, { roomId, userId }: Seat, now: Told, before: Told): Promise<void> {
    const { entered, status } = now;
    if (entered === before.entered && status === before.status) return;
    const sql = "UPDATE told SET entered = $3, status = $4 WHERE room_id = $1 AND user_id = $2";
    await tx.query(sql, [roomId, userId, entered, status]);
    const { id, providerId, nickname } = await personOf(tx, { userId });
    const deliveries: Delivery[] = [];
    if (entered !== before.entered) {
      const [type, content] = entered ? ["JOIN", enteredText(nickname)] : ["LEAVE", leftText(nickname)];
      deliveries.push(newDelivery(roomId, roomDestination(roomId), { type, providerId, content }));
    }
    if (status !== before.status) {
      const body = { type: "PRESENCE", providerId, userId: id, nickname, status };
      deliveries.push(newDelivery(roomId, presenceDestination(roomId), body));
    }
    await enqueueAll(tx, deliveries);
  }
}
