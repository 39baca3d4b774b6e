// Who is in a room, over all tabs and instances? Two counters for each user and room: tabs that listen to the room's
// topic, and tabs that listen to its presence; the first tab and the last are told to the room. Where the tabs are is kept
// in memory, or in Redis under the lease of their instance. What the room was told is a row, locked while it is compared
// with the tabs, and changed in the transaction that publishes it: so each change is told once, and all instances tell
// them in one order. Source: the study-room contract, sections 5 to 7.

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
import { LocalPresence, type PresenceState } from "../../../presence/presence.ts";
import { RedisPresence } from "../../../presence/redis-presence.ts";
import type { Listener } from "../../../realtime/ports.ts";
import type { Queryable } from "../../../store/store.ts";
import type { SystemContext } from "../../system.ts";
import { commit } from "./core.ts";
import { delivery, type Person } from "./facts.ts";

/** How often, where Redis does not set the pace, what was told is compared with who is there. */
const reviewEveryMs = 3_000;

type Topic = "chat" | "presence";

/** A user in a room. */
export interface Seat {
  roomId: number;
  userId: string;
}

interface Told extends Record<string, unknown> {
  entered: boolean;
  status: Status;
}

const seatKey = ({ roomId, userId }: Seat): string => `${roomId}:${userId}`;
const topicKey = (topic: Topic, seat: Seat): string => `${topic}:${seatKey(seat)}`;

export class Registry {
  readonly #core: Pick<SystemContext, "store" | "outbox" | "onFault">;
  readonly #state: PresenceState;
  readonly #redis: RedisPresence | undefined;
  /** Topic and seat → the tabs here that listen, with how many subscriptions each. */
  readonly #tabs = new Map<string, { seat: Seat; subscriptions: Map<Listener, number>; joined: Promise<void> }>();
  /** What is done for one seat is done one after the other. */
  readonly #last = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor({
    name,
    instance,
    redis,
    ...core
  }: Pick<SystemContext, "name" | "instance" | "redis" | "store" | "outbox" | "onFault">) {
    this.#core = core;
    this.#redis = redis && new RedisPresence(redis, { system: `${name}.rooms`, instance, onFault: core.onFault });
    this.#state = this.#redis ?? new LocalPresence();
  }

  /** From now on tabs of an instance that died are found out: with each renewal of the lease. */
  async start(): Promise<void> {
    const review = (): void => void this.review().catch(this.#core.onFault);
    if (this.#redis) return await this.#redis.start(review);
    this.#timer = setInterval(review, reviewEveryMs);
    await this.review();
  }

  /** Resolves when every instance counts the tab: before that, another one might say that the last tab is gone. */
  listening(listener: Listener, topic: Topic, seat: Seat): Promise<void> {
    const key = topicKey(topic, seat);
    const known = this.#tabs.get(key);
    if (known) {
      known.subscriptions.set(listener, (known.subscriptions.get(listener) ?? 0) + 1);
      return known.joined;
    }
    const { promise: joined, resolve } = Promise.withResolvers<void>();
    this.#tabs.set(key, { seat, subscriptions: new Map([[listener, 1]]), joined });
    this.#then(seat, async () => {
      await this.#state.join(key).finally(resolve);
      await this.#settle(seat);
    });
    return joined;
  }

  stoppedListening(listener: Listener, topic: Topic, seat: Seat): void {
    const key = topicKey(topic, seat);
    const { subscriptions } = this.#tabs.get(key) ?? {};
    const left = (subscriptions?.get(listener) ?? 0) - 1;
    if (!subscriptions || left < 0) return;
    if (left > 0) return void subscriptions.set(listener, left);
    subscriptions.delete(listener);
    if (subscriptions.size > 0) return;
    this.#tabs.delete(key);
    this.#then(seat, async () => {
      await this.#state.leave(key);
      await this.#settle(seat);
    });
  }

  /** Says what a user does, after what its tabs did before. False: the user is not there, or says that it is not. */
  async setStatus(seat: Seat, status: Status): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    this.#then(seat, () => this.#setStatus(seat, status).then(resolve, reject));
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
  async review(): Promise<void> {
    if (this.#redis?.knowsAll() === false) return;
    const told = await this.#core.store.query<{ roomId: number; userId: number } & Told>(
      `SELECT room_id AS "roomId", user_id AS "userId", entered, status FROM told WHERE entered OR status <> 'OFFLINE'`,
    );
    const seats = new Map<string, { seat: Seat; entered: boolean; online: boolean }>();
    for (const { seat } of this.#tabs.values()) seats.set(seatKey(seat), { seat, entered: false, online: false });
    for (const { roomId, userId, entered, status } of told) {
      const seat = { roomId, userId: String(userId) };
      seats.set(seatKey(seat), { seat, entered, online: status !== "OFFLINE" });
    }
    const keys = [...seats.values()].flatMap(({ seat }) => [topicKey("chat", seat), topicKey("presence", seat)]);
    const there = await this.#state.online(keys);
    for (const { seat, entered, online } of seats.values())
      if (there.has(topicKey("chat", seat)) !== entered || there.has(topicKey("presence", seat)) !== online)
        this.#then(seat, () => this.#settle(seat));
  }

  /** Resolves when what tabs did is told. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#last.size > 0) await Promise.all(this.#last.values());
    await this.#redis?.close(0);
  }

  #then({ roomId, userId }: Seat, work: () => Promise<void>): void {
    const key = seatKey({ roomId, userId });
    const last = (this.#last.get(key) ?? Promise.resolve()).then(work).catch(this.#core.onFault);
    this.#last.set(key, last);
    void last.then(() => this.#last.get(key) === last && this.#last.delete(key));
  }

  async #settle(seat: Seat): Promise<void> {
    await commit(this.#core, async (tx) => {
      const told = await lockTold(tx, seat);
      // Asked under the lock, so that of two instances the later one sees what the earlier one did.
      const keys = [topicKey("chat", seat), topicKey("presence", seat)] as const;
      const there = await this.#state.online(keys);
      // While Redis is away, nobody knows who is on the other instances: none is said to be gone.
      if (this.#redis?.trouble() !== undefined) {
        if (told.entered) there.add(keys[0]);
        if (told.status !== "OFFLINE") there.add(keys[1]);
      }
      const online = there.has(keys[1]);
      const status = online ? (told.status === "OFFLINE" ? firstStatus : told.status) : "OFFLINE";
      await tell(tx, seat, { entered: there.has(keys[0]), status }, told);
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
