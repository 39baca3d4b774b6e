// What does a room hear of tabs that come and go? The registry over the embedded store, with its outbox as the room.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Store } from "../../../store/store.ts";
import { newSeat, openRoomStore, registryOf } from "../fakes.ts";

let store: Store;

beforeAll(async () => {
  store = await openRoomStore();
}, 60_000);

afterAll(() => store.close());

/** A registry of its own, and a seat in a new room. */
const world = async () => ({ ...registryOf(store), ...(await newSeat(store)) });

test("Registry tells the first tab and the last, whatever other tabs and subscriptions do", async () => {
  const { registry, seat, told, faults } = await world();
  const [one, two] = [{}, {}];
  await registry.listening(one, "chat", seat);
  await registry.listening(one, "presence", seat);
  await registry.listening(one, "chat", seat);
  await registry.listening(two, "chat", seat);
  await registry.listening(two, "presence", seat);
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
  await registry.listening(tab, "presence", seat);
  expect(await Promise.all(["BREAK", "BREAK", "OFFLINE"].map((it) => registry.setStatus(seat, it as "BREAK")))).toEqual(
    [true, true, false],
  );
  registry.stoppedListening(tab, "presence", seat);
  await registry.close();
  expect(await told()).toBe("STUDYING BREAK OFFLINE");
});

test("Registry.review() tells that those are gone whom an earlier life of the server left behind", async () => {
  const { registry: dead, seat, told } = await world();
  await dead.listening({}, "chat", seat);
  await dead.listening({}, "presence", seat);
  await dead.close();
  expect(await told()).toBe("JOIN STUDYING");
  const { registry } = await world();
  await registry.start();
  await registry.close();
  expect(await told()).toBe("JOIN STUDYING LEAVE OFFLINE");
});
