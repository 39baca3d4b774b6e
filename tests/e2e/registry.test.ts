// Who is in a study room, over several instances? Registries that share a Redis and a store, each standing for an
// instance. Here an instance "dies" when its Redis client is cut off: nobody renews its lease, and it says nothing more.

import { setImmediate as turn } from "node:timers/promises";
import { Redis } from "ioredis";
import { GenericContainer, type StartedTestContainer } from "testcontainers";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { imagesInUse } from "../../deploy/images.ts";
import { openRedis } from "../../server/presence/redis-presence.ts";
import { newSeat, openRoomStore, registryOf } from "../../server/systems/study-room/fakes.ts";
import type { Registry, Seat } from "../../server/systems/study-room/domain/registry.ts";
import type { Store } from "../../server/store/store.ts";

/** The lease of a dead instance runs out after 10 s; a survivor looks every 3 s. */
const foundOutWithinMs = 20_000;

let container: StartedTestContainer;
let store: Store;
let redisUrl: string;

beforeAll(async () => {
  const { names, built } = imagesInUse();
  // Ryuk, which removes what a killed process leaves, is an image of its own.
  if (built) process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
  [container, store] = await Promise.all([
    new GenericContainer(names.REDIS_IMAGE)
      .withCommand(["redis-server", "--save", "", "--protected-mode", "no"])
      .withExposedPorts(6379)
      .withTmpFs({ "/data": "size=1m" })
      // As a part of a stack, so that `rollcall stack down` removes it when this process was killed.
      .withLabels({
        "com.docker.compose.project": `rollcall-redis-${process.pid}`,
        "rollcall.stack": "run",
        "rollcall.owner": String(process.pid),
        "rollcall.folder": process.cwd(),
      })
      .start(),
    openRoomStore(),
  ]);
  redisUrl = `redis://${container.getHost()}:${container.getMappedPort(6379)}`;
}, 60_000);

afterAll(async () => {
  await store.close();
  await container.stop();
});

interface Instance {
  registry: Registry;
  faults: unknown[];
  redis: Redis;
}

/** Databases of Redis: tests beside each other share nothing. */
let databases = 0;

/** `count` instances, ended with the test. */
async function instances(count: number): Promise<{ all: Instance[]; another: (name: string) => Promise<Instance> }> {
  const url = `${redisUrl}/${databases++}`;
  const another = async (name: string): Promise<Instance> => {
    const redis = await openRedis(url, () => undefined);
    const instance = { redis, ...registryOf(store, name, redis) };
    onTestFinished(async () => {
      await instance.registry.close();
      redis.disconnect();
    });
    await instance.registry.start();
    return instance;
  };
  return { all: await Promise.all(Array.from({ length: count }, (_, at) => another(`instance-${at}`))), another };
}

/** What tabs of the seat did before is told: a state is set after it, and OFFLINE is always refused. */
const settled = ({ registry }: Instance, seat: Seat): Promise<boolean> => registry.setStatus(seat, "OFFLINE");

test("the table of tabs holds over two instances", async () => {
  const { all } = await instances(2);
  const [one, two] = all as [Instance, Instance];
  const { seat, told } = await newSeat(store);
  const [first, second] = [{}, {}];
  const steps: [what: string, instance: Instance, work: () => unknown, told: string][] = [
    ["tab 1 subscribes to the room", one, () => one.registry.listening(first, "chat", seat), "JOIN"],
    ["and to its presence", one, () => one.registry.listening(first, "presence", seat), "STUDYING"],
    ["tab 1 subscribes again", one, () => one.registry.listening(first, "chat", seat), ""],
    ["the member sets a state", one, () => one.registry.setStatus(seat, "BREAK"), "BREAK"],
    ["tab 2 subscribes elsewhere", two, () => two.registry.listening(second, "chat", seat), ""],
    ["and to the presence", two, () => two.registry.listening(second, "presence", seat), ""],
    ["tab 2 closes", two, () => two.registry.stoppedListening(second, "chat", seat), ""],
    ["all of it", two, () => two.registry.stoppedListening(second, "presence", seat), ""],
    ["tab 2 comes back", two, () => two.registry.listening(second, "chat", seat), ""],
    ["tab 1 leaves the room once", one, () => one.registry.stoppedListening(first, "chat", seat), ""],
    ["tab 1 leaves the room", one, () => one.registry.stoppedListening(first, "chat", seat), ""],
    ["tab 2 leaves the room", two, () => two.registry.stoppedListening(second, "chat", seat), "LEAVE"],
    ["tab 1 breaks off", one, () => one.registry.stoppedListening(first, "presence", seat), "OFFLINE"],
    ["which is reported twice", one, () => one.registry.stoppedListening(first, "presence", seat), ""],
  ];
  let sum = "";
  for (const [what, instance, work, news] of steps) {
    await work();
    await settled(instance, seat);
    sum = [sum, news].filter(Boolean).join(" ");
    expect([what, await told()]).toEqual([what, sum]);
  }
  expect(all.flatMap(({ faults }) => faults)).toEqual([]);
});

test("whoever was on an instance that died is gone once, and comes back", { timeout: 90_000 }, async () => {
  const { all, another } = await instances(3);
  const [dead, ...survivors] = all as [Instance, Instance, Instance];
  const [only, both, second] = await Promise.all([newSeat(store), newSeat(store), newSeat(store)]);
  for (const { seat } of [only, both, second])
    for (const topic of ["chat", "presence"] as const) await dead.registry.listening({}, topic, seat);
  for (const topic of ["chat", "presence"] as const) await survivors[0].registry.listening({}, topic, both.seat);
  await Promise.all([only, both, second].map(({ seat }) => settled(dead, seat)));
  await settled(survivors[0], both.seat);
  expect(await only.told()).toBe("JOIN STUDYING");
  dead.redis.disconnect();
  for (const { told } of [only, second])
    await expect.poll(told, { timeout: foundOutWithinMs, interval: 200 }).toBe("JOIN STUDYING LEAVE OFFLINE");
  const restarted = await another("instance-0 again");
  for (const topic of ["chat", "presence"] as const) await restarted.registry.listening({}, topic, only.seat);
  await settled(restarted, only.seat);
  // Whatever the survivors still review comes before this.
  await Promise.all([restarted, ...survivors].map(({ registry }) => registry.review()));
  await Promise.all([only, both, second].flatMap(({ seat }) => survivors.map((instance) => settled(instance, seat))));
  expect(await only.told()).toBe("JOIN STUDYING LEAVE OFFLINE JOIN STUDYING");
  expect(await second.told()).toBe("JOIN STUDYING LEAVE OFFLINE");
  expect(await both.told()).toBe("JOIN STUDYING");
  expect(survivors.flatMap(({ faults }) => faults)).toEqual([]);
});

test("tabs that come and go at once on both instances leave no ghost, and none out", async () => {
  const { all } = await instances(2);
  const { seat, told } = await newSeat(store);
  const visit = async ({ registry }: Instance, turns: number): Promise<void> => {
    const tab = {};
    for (let left = turns; left > 0; left--) await turn();
    for (const topic of ["chat", "presence"] as const) await registry.listening(tab, topic, seat);
    for (let left = turns % 7; left > 0; left--) await turn();
    for (const topic of ["chat", "presence"] as const) registry.stoppedListening(tab, topic, seat);
  };
  for (let round = 1; round <= 3; round++) {
    const visits = Array.from({ length: 60 }, (_, at) => visit(all[at % 2]!, (at * 37 * round) % 50));
    await Promise.all(visits);
    await Promise.all(all.map((instance) => settled(instance, seat)));
    const news = (await told()).split(" ");
    const moves = news.filter((it) => it === "JOIN" || it === "LEAVE");
    expect(moves.join(" ")).toBe("JOIN LEAVE ".repeat(moves.length / 2).trim());
    const states = news.filter((it) => it === "STUDYING" || it === "OFFLINE");
    expect(states.join(" ")).toBe("STUDYING OFFLINE ".repeat(states.length / 2).trim());
  }
  const tab = {};
  const visits = [visit(all[0]!, 3), visit(all[1]!, 1)];
  await all[1]!.registry.listening(tab, "chat", seat);
  await Promise.all(visits);
  await Promise.all(all.map((instance) => settled(instance, seat)));
  expect(await told()).toMatch(/JOIN( STUDYING| OFFLINE)*$/);
});

test(
  "while Redis does not answer, and after it forgot everything, nobody is said to be gone",
  {
    timeout: 90_000,
  },
  async () => {
    const { all } = await instances(2);
    const [one, two] = all as [Instance, Instance];
    const [both, only] = await Promise.all([newSeat(store), newSeat(store)]);
    const [here, there, alone] = [{}, {}, {}];
    await one.registry.listening(here, "chat", both.seat);
    await two.registry.listening(there, "chat", both.seat);
    await two.registry.listening(alone, "chat", only.seat);
    await Promise.all([settled(one, both.seat), settled(two, both.seat), settled(two, only.seat)]);
    const admin = new Redis(redisUrl);
    onTestFinished(() => admin.disconnect());
    await admin.client("PAUSE", 4_000, "ALL");
    two.registry.stoppedListening(there, "chat", both.seat);
    two.registry.stoppedListening(alone, "chat", only.seat);
    await Promise.all([settled(two, both.seat), settled(two, only.seat)]);
    expect([await both.told(), await only.told()]).toEqual(["JOIN", "JOIN"]);
    // Afterwards the one that is gone is found out.
    await expect.poll(only.told, { timeout: foundOutWithinMs, interval: 200 }).toBe("JOIN LEAVE");
    await two.registry.listening({}, "chat", only.seat);
    await settled(two, only.seat);
    await one.redis.flushdb();
    // Left behind by an earlier life: found out by the first review that may take somebody for gone.
    const ghost = await newSeat(store);
    await store.query("INSERT INTO told (room_id, user_id, entered) VALUES ($1, $2, true)", [
      ghost.seat.roomId,
      ghost.seat.userId,
    ]);
    await expect.poll(ghost.told, { timeout: foundOutWithinMs, interval: 200 }).toBe("LEAVE");
    await Promise.all([settled(one, both.seat), settled(two, both.seat), settled(one, only.seat)]);
    expect([await both.told(), await only.told()]).toEqual(["JOIN", "JOIN LEAVE JOIN"]);
  },
);

test("everything in Redis ends by itself", async () => {
  const { all } = await instances(2);
  const { seat } = await newSeat(store);
  await all[0]!.registry.listening({}, "chat", seat);
  await settled(all[0]!, seat);
  const { redis } = all[0]!;
  const lives = await Promise.all((await redis.keys("*")).map(async (key) => [key, await redis.pttl(key)] as const));
  const kinds = lives.map(([key]) => key.split(":")[2]);
  expect(new Set(kinds)).toEqual(new Set(["instances", "lease", "since", "users"]));
  for (const [key, lifeMs] of lives) expect([key, lifeMs > 0 && lifeMs <= 10_000]).toEqual([key, true]);
});
