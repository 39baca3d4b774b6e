// What tests of the registry share: a store with the tables of the study rooms, seats in new rooms, and what those rooms
// were told. The outbox stands for the room, since nothing takes from it.

import type { Redis } from "ioredis";
import type { Delivery } from "../../bus/records.ts";
import { lendStores } from "../../store/lent-pglite.ts";
import type { Store } from "../../store/store.ts";
import { Registry, type Seat } from "./domain/registry.ts";

export async function openRoomStore(): Promise<Store> {
  return (await lendStores(["study-room"])).get("study-room")!;
}

export function registryOf(store: Store, instance = "test", redis?: Redis): { registry: Registry; faults: unknown[] } {
  const faults: unknown[] = [];
  const registry = new Registry({
    name: "study-room",
    instance,
    redis,
    store,
    outbox: { kick: () => undefined },
    onFault: (error) => faults.push(error),
  });
  return { registry, faults };
}

let count = 0;

/** A user in a new room; `told` is what the room was told of the user, in order. */
export async function newSeat(store: Store): Promise<{ seat: Seat; told: () => Promise<string> }> {
  const nickname = `ann${(count += 1)}`;
  const [user] = await store.query<{ id: number }>(
    "INSERT INTO users (provider_id, email, nickname, password_hash) VALUES (gen_random_uuid(), $1, $1, '') RETURNING id",
    [nickname],
  );
  const [room] = await store.query<{ id: number }>(
    "INSERT INTO rooms (title, description, host_id) VALUES ('t', '', $1) RETURNING id",
    [user!.id],
  );
  const seat: Seat = { roomId: room!.id, userId: String(user!.id) };
  const told = async (): Promise<string> => {
    const rows = await store.query<{ record: string }>("SELECT record FROM outbox WHERE key = $1 ORDER BY id", [
      String(seat.roomId),
    ]);
    return rows
      .map(({ record }) => JSON.parse((JSON.parse(record) as Delivery).body) as { type: string; status?: string })
      .map(({ type, status }) => status ?? type)
      .join(" ");
  };
  return { seat, told };
}
