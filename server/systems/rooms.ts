// Who is in a room? The same in every system whose rooms are numbered rows (`rooms`) and whose members are pairs of a
// room and a user in a table of their own.

import type { Request } from "express";
import type { Principal } from "../realtime/ports.ts";
import type { Queryable } from "../store/store.ts";
import { forbidden, Problem } from "./problem.ts";
import { idIn } from "./validation.ts";

export const roomNotFound = (): Problem => new Problem(404, "ROOM_NOT_FOUND", "room not found");

/** A path that names no number names no room. Throws Problem 404. */
export function roomIdIn({ params: { id } }: Request<{ id: string }>): number {
  const roomId = idIn(id);
  if (roomId === undefined) throw roomNotFound();
  return roomId;
}

/** Changes of a room, and messages in it, come one after the other. Throws Problem 404. */
export async function lockRoom(tx: Queryable, roomId: number): Promise<void> {
  const rows = await tx.query("SELECT 1 FROM rooms WHERE id = $1 FOR NO KEY UPDATE", [roomId]);
  if (rows.length === 0) throw roomNotFound();
}

type User = Pick<Principal, "userId">;

export interface Members {
  isIn(tx: Queryable, user: User, roomId: number): Promise<boolean>;
  /** Throws Problem 404 or 403 unless the user is in the room. */
  check(tx: Queryable, user: User, roomId: number): Promise<void>;
}

/** `table`: (`room_id`, `user`, …). */
export function membersIn(table: string, user: string): Members {
  const isIn: Members["isIn"] = async (tx, { userId }, roomId) => {
    const rows = await tx.query(`SELECT 1 FROM ${table} WHERE room_id = $1 AND ${user} = $2`, [roomId, userId]);
    return rows.length > 0;
  };
  return {
    isIn,
    async check(tx, principal, roomId) {
      if (await isIn(tx, principal, roomId)) return;
      const rows = await tx.query("SELECT 1 FROM rooms WHERE id = $1", [roomId]);
      throw rows.length > 0 ? forbidden("not a participant") : roomNotFound();
    },
  };
}
