import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { Network } from "../drivers/network.ts";
import { openHttpServer } from "../drivers/tiny-server.ts";
import { discodeitSystems } from "../systems/discodeit/definition.ts";
import { Speaker } from "./speaker.ts";
import { Secrets } from "../drivers/transcript.ts";
import { AccountPool } from "./account-pool.ts";

const token = [{ alg: "HS256" }, {}, {}]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".");

/** Signs everybody up but the first so many, whom it refuses. */
async function openPool(refusedCount: number) {
  let count = 0;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume();
    response.setHeader("Content-Type", "application/json");
    if (request.url === "/api/auth/login") return void response.end(JSON.stringify(token));
    if (request.url !== "/api/users") return void response.setHeader("Set-Cookie", "XSRF-TOKEN=x").end("{}");
    if ((count += 1) <= refusedCount) return void response.writeHead(500).end("{}");
    const user = {
      id: randomUUID(),
      username: "user",
      email: "user@x.example",
      profile: null,
      online: false,
      role: "USER",
    };
    response.writeHead(201).end(JSON.stringify(user));
  };
  const server = await openHttpServer(answer);
  const network = new Network();
  const pool = new AccountPool({
    run: "run",
    baseUrl: server.url,
    network,
    secrets: new Secrets(),
    speaker: new Speaker(discodeitSystems["discodeit-1"]),
  });
  const close = async (): Promise<void> => {
    await pool.close();
    await network.close();
    await server[Symbol.asyncDispose]();
  };
  return { pool, [Symbol.asyncDispose]: close };
}

test("AccountPool gives the place of a failed sign-up back", async () => {
  await using world = await openPool(12);
  for (let count = 0; count < 3; count += 1) await expect(world.pool.lease(10)).rejects.toThrow("Cannot sign up");
  expect((await world.pool.lease(17)).length).toBe(17);
});

test("AccountPool lets nobody wait for a place that a failed sign-up held", async () => {
  await using world = await openPool(17);
  const first = world.pool.lease(17);
  const second = world.pool.lease(5);
  await expect(first).rejects.toThrow("Cannot sign up");
  expect((await second).length).toBe(5);
});

test("AccountPool gives a disposable account to who waits when another could not be made", async () => {
  await using world = await openPool(13);
  const settled = await Promise.allSettled(Array.from({ length: 14 }, () => world.pool.leaseDisposable()));
  expect(settled.map(({ status }) => status).filter((status) => status === "fulfilled").length).toBe(1);
});

test("AccountPool fills no target with accounts that lets nobody in: one at a time is tried", async () => {
  await using world = await openPool(Infinity);
  await Promise.allSettled([world.pool.lease(10)]);
  const before = world.pool.accounts.length;
  await Promise.allSettled(Array.from({ length: 8 }, () => world.pool.lease(2)));
  expect([before, world.pool.accounts.length - before]).toEqual([10, 1]);
});

test("AccountPool keeps the login of a disposable account, unless its name changed since", async () => {
  await using world = await openPool(0);
  const account = await world.pool.leaseDisposable();
  const { rest, loggedInAtMs } = account;
  for (const isRenamed of [false, true]) {
    account.isRenamed = isRenamed;
    world.pool.release([account]);
    expect(await world.pool.leaseDisposable()).toBe(account);
    expect(account.rest === rest).toBe(!isRenamed);
  }
  expect(account.loggedInAtMs).toBeGreaterThan(loggedInAtMs);
});

test("AccountPool logs a disposable account in again whose login was renewed: its token may not be the last one", async () => {
  await using world = await openPool(0);
  const account = await world.pool.leaseDisposable();
  const { rest } = account;
  rest.jar.store({ name: "refresh_token", value: "renewed", httpOnly: true });
  world.pool.release([account]);
  expect(await world.pool.leaseDisposable()).toBe(account);
  expect(account.rest).not.toBe(rest);
});
