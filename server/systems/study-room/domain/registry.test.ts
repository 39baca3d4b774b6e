// What does a room hear of tabs that come and go? The registry over the embedded store, with its outbox as the room.

import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Delivery } from "../../../bus/records.ts";
import { migrate } from "../../../store/migrate.ts";
import { openStores } from "../../../store/open-store.ts";
import type { Store } from "../../../store/store.ts";
import { Registry, type Seat } from "./registry.ts";

let store: Store;

beforeAll(async () => {
  store = (await openStores(undefined, ["study-room"])).get("study-room")!;
  await migrate(store, "study_room", new URL("../migrations/", import.meta.url));
}, 60_000);

afterAll(() => store.close());

let count = 0;

/** A registry of its own, and a seat in a new room. */
async function world() {
  const faults: unknown[] = [];
  const registry = new Registry({
    name: "study-room",
    instance: "test",
    redis: undefined,
    store,
    outbox: { kick: () => undefined },
    onFault: (error) => faults.push(error),
  });
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
    await turn();
    const rows = await store.query<{ record: string }>("SELECT record FROM outbox WHERE key = $1 ORDER BY id", [
      String(seat.roomId),
    ]);
    return rows
      .map(({ record }) => JSON.parse((JSON.parse(record) as Delivery).body) as { type: string; status?: string })
      .map(({ type, status }) => status ?? type)
      .join(" ");
  };
  return { registry, seat, told, faults };
}

test("Registry tells the first tab and the last, whatever other tabs and subscriptions do", async () => {
  const { registry, seat, told, faults } = await world();
  const [one, two] = [{}, {}];
  registry.listening(one, "chat", seat);
  registry.listening(one, "presence", seat);
  registry.listening(one, "chat", seat);
  registry.listening(two, "chat", seat);
  registry.listening(two, "presence", seat);
  registry.stoppedListening(two, "presence", seat);
  registry.stoppedListening(two, "chat", seat);
  registry.stoppedListening(one, "chat", seat);
  registry.stoppedListening(one, "chat", seat);
  registry.stoppedListening(one, "presence", seat);
  // What ended twice ended once.
  registry.stoppedListening(one, "presence", seat);
  await registry.close();
  expect(await told()).toBe("JOIN STUDYING LEAVE OFFLINE");
  expect(faults).toEqual([]);
});

test("Registry sets a state after what the tabs did before, and none for who is not there", async () => {
  const { registry, seat, told } = await world();
  const tab = {};
  expect(await registry.setStatus(seat, "BREAK")).toBe(false);
  registry.listening(tab, "presence", seat);
  expect(await Promise.all(["BREAK", "BREAK", "OFFLINE"].map((it) => registry.setStatus(seat, it as "BREAK")))).toEqual(
    [true, true, false],
  );
  registry.stoppedListening(tab, "presence", seat);
  await registry.close();
  expect(await told()).toBe("STUDYING BREAK OFFLINE");
});

test("Registry.review() tells that those are gone whom an earlier life of the server left behind", async () => {
  const { registry: dead, seat, told } = await world();
  dead.listening({}, "chat", seat);
  dead.listening({}, "presence", seat);
  await dead.close();
  expect(await told()).toBe("JOIN STUDYING");
  const { registry } = await world();
  await registry.start();
  await registry.close();
  expect(await told()).toBe("JOIN STUDYING LEAVE OFFLINE");
});
