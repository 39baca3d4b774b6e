// Redis chat on two servers with one Redis: who is on the other server hears everything once, Redis carries each message
// once, and what Redis misses is in the history alone. Redis and the database are containers, the servers run here.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { GenericContainer, type StartedTestContainer } from "testcontainers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Capability } from "../../contract/clause.ts";
import { imagesInUse } from "../../deploy/images.ts";
import { openTestInstance, type TestInstance } from "../../server/fakes.ts";
import { redisChat } from "../../systems/redis-chat/definition.ts";
import { chatChannel } from "../../systems/redis-chat/wire.ts";
import type { Target } from "../../systems/target.ts";
import { freePorts } from "../../targets/compose/room.ts";
import type { Account } from "../../runner/account-pool.ts";
import type { World } from "../../runner/world.ts";
import { lookUntil } from "../contract/steps/look.ts";
import { leave, unread } from "../contract/steps/redis-chat.ts";
import { people } from "./people.ts";

const run = promisify(execFile);
const password = "only-for-this-test";
const containers: StartedTestContainer[] = [];
const servers: TestInstance[] = [];
let redisContainer: StartedTestContainer;
let redis: Redis;

beforeAll(async () => {
  const { names, built } = imagesInUse();
  // Ryuk, which removes what a killed process leaves, is an image of its own: only where images are pulled.
  if (built) process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
  // A port of our choice: it is the same when Redis comes back.
  const [redisPort, databasePort] = (await freePorts(2)) as [number, number];
  redisContainer = await new GenericContainer(names.REDIS_IMAGE)
    .withExposedPorts({ container: 6379, host: redisPort })
    .start();
  containers.push(redisContainer);
  containers.push(
    await new GenericContainer(names.POSTGRES_IMAGE)
      .withExposedPorts({ container: 5432, host: databasePort })
      .withEnvironment({ POSTGRES_PASSWORD: password })
      .start(),
  );
  for (const name of ["one", "two"])
    servers.push(
      await openTestInstance({
        SYSTEMS: "redis-chat",
        INSTANCE: name,
        DATABASE_URL: `postgres://postgres:${password}@127.0.0.1:${databasePort}/postgres`,
        REDIS_URL: `redis://127.0.0.1:${redisPort}`,
        ADMIN_PASSWORD: password,
      }),
    );
  redis = new Redis(redisPort, "127.0.0.1");
  // It is stopped in one of the tests.
  redis.on("error", () => undefined);
}, 180_000);

afterAll(async () => {
  redis.disconnect();
  for (const server of servers) await server[Symbol.asyncDispose]();
  for (const container of containers) await container.stop();
});

const target = (): Target => ({
  name: "two servers",
  system: redisChat,
  instances: servers.map(({ urls }) => urls["redis-chat"]) as [string, string],
  capabilities: new Set<Capability>(["two-instances"]),
  throwAway: true,
});

/** Two in a room, each on a server of their own. */
async function acrossServers(world: World) {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const [one, two] = await Promise.all([world.stomp(alice, { instance: 0 }), world.stomp(bob, { instance: 1 })]);
  const hears = await Promise.all([world.subscribe(one, channel), world.subscribe(two, channel)]);
  const say = (text: string): void => world.sendMessage(one, alice, channel, text);
  return { alice, bob, channel, one, two, hears, say };
}

test("each message is heard once on both servers, in order, and carried by Redis once, as JSON", async () => {
  await people(target(), "instances", async (world) => {
    const { alice, bob, channel, hears, say } = await acrossServers(world);
    const carried: string[] = [];
    const spy = redis.duplicate();
    spy.on("pmessage", (_pattern, _channel, text: string) => carried.push(text));
    await spy.psubscribe(chatChannel);
    const markers = Array.from({ length: 50 }, () => world.marker());
    for (const marker of markers) say(marker);
    await Promise.all(hears.map((subscription) => world.hear(subscription, markers.at(-1)!, 4 * world.deadlineMs)));
    await world.settle();
    for (const subscription of hears) expect(world.textsOf(subscription)).toEqual(markers);
    const roomId = Number(channel.id);
    expect(carried.map((text) => JSON.parse(text) as unknown)).toEqual(
      markers.map((message) => ({ roomId, message, senderEmail: alice.email })),
    );
    expect(await redis.pubsub("NUMPAT")).toBeGreaterThan(0);
    spy.disconnect();
    const historyAt = async (account: Account, instance: number): Promise<string> =>
      (await world.rest(account, instance).request("GET", `/chat/history/${channel.id}`)).text;
    expect(await historyAt(bob, 1)).toBe(await historyAt(alice, 0));
    expect(await unread(world, bob, channel, 50)).toBe(50);
  });
});

test("what is published by hand is heard on both servers, and not stored; what is no message disturbs nobody", async () => {
  await people(target(), "instances", async (world) => {
    const { bob, channel, hears } = await acrossServers(world);
    const message = world.marker("by hand");
    for (const text of ["no JSON", "{}", `{"roomId":"x"}`]) await redis.publish(chatChannel, text);
    await redis.publish(chatChannel, JSON.stringify({ roomId: Number(channel.id), message, senderEmail: "e@x.test" }));
    for (const subscription of hears) {
      await world.hear(subscription, message);
      expect(world.textsOf(subscription)).toEqual([message]);
    }
    expect(await world.history(bob, channel)).toEqual([]);
  });
});

test("who leaves by one server hears nothing more on the other", async () => {
  await people(target(), "instances", async (world) => {
    const { bob, channel, hears, say } = await acrossServers(world);
    await leave({ ...bob, rest: world.rest(bob, 0) }, channel.id);
    const marker = world.marker("after");
    say(marker);
    await world.hear(hears[0], marker);
    await world.settle();
    expect(world.textsOf(hears[1])).toEqual([]);
  });
});

test("while Redis is away messages are stored and heard by nobody; when it is back, delivery goes on", async () => {
  await people(target(), "instances", async (world) => {
    const { bob, channel, one, two, hears, say } = await acrossServers(world);
    await run("docker", ["stop", "--time", "0", redisContainer.getId()]);
    const missed = world.marker("missed");
    say(missed);
    const stored = (): Promise<string[]> => world.history(bob, channel).then((all) => all.map(({ text }) => text));
    expect(await lookUntil(world, stored, (texts) => texts.includes(missed))).toEqual([missed]);
    await run("docker", ["start", redisContainer.getId()]);
    // Until both servers hear again; nobody knows when that is.
    const back = await lookUntil(
      world,
      () => redis.pubsub("NUMPAT").then(Number, () => 0),
      (count) => count > 0,
      30_000,
    );
    expect(back).toBeGreaterThan(0);
    let probe = "";
    await lookUntil(
      world,
      () => {
        say((probe = world.marker("probe")));
        return world.hear(hears[1], probe, 1_000).then(
          () => true,
          () => false,
        );
      },
      (heard) => heard,
      30_000,
    );
    const marker = world.marker("again");
    say(marker);
    for (const subscription of hears) {
      await world.hear(subscription, marker);
      expect(world.textsOf(subscription).filter((text) => text === missed)).toEqual([]);
    }
    expect([one.inbox.ended, two.inbox.ended]).toEqual([undefined, undefined]);
  });
});
