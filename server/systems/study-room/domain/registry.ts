// Who is in a room, over all tabs and instances? A seat is a user in a room; its tabs listen to the room's topic, or
// to its presence (presence/tabs.ts), and the first tab and the last are told to the room. What the room was told is a
// row, locked while it is compared with the tabs, and changed in the transaction that publishes it: so each change is
// told once, and all instances tell them in one order. Source: the study-room contract, sections 5 to 7.

import {
  enteredText,
  firstStatus,
  leftText,
  presenceDestination,
  roomDestination,
  type Status,
} from "../../../../systems/study-room/wire.ts";
import { enqueueAll } from "../../../bus/outbox.ts";
import type { Delivery } from "../../../bus/records.ts";
import { Tabs } from "../../../presence/tabs.ts";
import type { Queryable } from "../../../store/store.ts";
import type { SystemContext } from "../../system.ts";
import { commit } from "./core.ts";
import { delivery, type Person } from "./facts.ts";

type Topic = "chat" | "presence";
const topics = ["chat", "presence"] as const;

/** A user in a room. */
export interface Seat {
  roomId: number;
  userId: string;
}

interface Told extends Record<string, unknown> {
  entered: boolean;
  status: Status;
}

export class Registry extends Tabs<Topic, Seat> {
  readonly #core: Pick<SystemContext, "store" | "outbox">;

  constructor(core: Pick<SystemContext, "name" | "instance" | "redis" | "store" | "outbox" | "onFault">) {
    super({ ...core, name: `${core.name}.rooms` });
    this.#core = core;
  }

  protected override keyOf({ roomId, userId }: Seat): string {
    return `${roomId}:${userId}`;
  }

  /** Says what a user does, after what its tabs did before. False: the user is not there, or says that it is not. */
  async setStatus(seat: Seat, status: Status): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    this.inTurn(seat, () => this.#setStatus(seat, status).then(resolve, reject));
    return promise;
  }

  #setStatus(seat: Seat, status: Status): Promise<boolean> {
    return commit(this.#core, async (tx) => {
      const told = await lockTold(tx, seat);
      if (told.status === "OFFLINE" || status === "OFFLINE") return false;
      if (told.status !== status) await tell(tx, seat, { ...told, status }, told);
      return true;
    });
  }

  /** Compares what rooms were told with who is there, and tells the difference. */
  override async review(): Promise<void> {
    if (!this.knowsAll) return;
    const rows = await this.#core.store.query<{ roomId: number; userId: number } & Told>(
      `SELECT room_id AS "roomId", user_id AS "userId", entered, status FROM told WHERE entered OR status <> 'OFFLINE'`,
    );
    const told = new Map<string, { seat: Seat; entered: boolean; online: boolean }>();
    for (const seat of this.seatsHere()) told.set(this.keyOf(seat), { seat, entered: false, online: false });
    for (const { roomId, userId, entered, status } of rows) {
      const seat = { roomId, userId: String(userId) };
      told.set(this.keyOf(seat), { seat, entered, online: status !== "OFFLINE" });
    }
    const seats = [...told.values()];
    const isAt = await this.at(
      seats.map(({ seat }) => seat),
      topics,
    );
    for (const { seat, entered, online } of seats)
      if (isAt(seat, "chat") !== entered || isAt(seat, "presence") !== online)
        this.inTurn(seat, () => this.settle(seat));
  }

  protected override async settle(seat: Seat): Promise<void> {
    await commit(this.#core, async (tx) => {
      const told = await lockTold(tx, seat);
      // Asked under the lock, so that of two instances the later one sees what the earlier one did.
      const isAt = await this.at([seat], topics);
      // While Redis is away, nobody is said to be gone.
      const isAway = this.trouble !== undefined;
      const entered = isAt(seat, "chat") || (isAway && told.entered);
      const online = isAt(seat, "presence") || (isAway && told.status !== "OFFLINE");
      const status = online ? (told.status === "OFFLINE" ? firstStatus : told.status) : "OFFLINE";
      await tell(tx, seat, { entered, status }, told);
    });
  }
}

async function lockTold(tx: Queryable, { roomId, userId }: Seat): Promise<Told> {
  await tx.query("INSERT INTO told (room_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", [roomId, userId]);
  const sql = "SELECT entered, status FROM told WHERE room_id = $1 AND user_id = $2 FOR UPDATE";
  const [row] = await tx.query<Told>(sql, [roomId, userId]);
  if (!row) throw new Error(`Cannot tell room ${roomId}: the row that was just written is missing`);
  return row;
}

/** Remembers what is told now, and publishes what is new in it. */
async function tell(
  tx: Queryable,
  { roomId, userId }: Seat,
  now: Pick<Told, "entered" | "status">,
  before: Told,
): Promise<void> {
  if (now.entered === before.entered && now.status === before.status) return;
  await tx.query("UPDATE told SET entered = $3, status = $4 WHERE room_id = $1 AND user_id = $2", [
    roomId,
    userId,
    now.entered,
    now.status,
  ]);
  const [person] = await tx.query<Person & Record<string, unknown>>(
    `SELECT id, provider_id AS "providerId", nickname FROM users WHERE id = $1`,
    [userId],
  );
  if (!person) return;
  const { providerId, nickname } = person;
  const deliveries: Delivery[] = [];
  if (now.entered !== before.entered) {
    const [type, content] = now.entered ? ["JOIN", enteredText(nickname)] : ["LEAVE", leftText(nickname)];
    deliveries.push(delivery(roomId, roomDestination(roomId), { type, providerId, content }));
  }
  if (now.status !== before.status) {
    const body = { type: "PRESENCE", providerId, userId: person.id, nickname, status: now.status };
    deliveries.push(delivery(roomId, presenceDestination(roomId), body));
  }
  await enqueueAll(tx, deliveries);
}
