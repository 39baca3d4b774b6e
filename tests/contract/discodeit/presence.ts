// Proofs of contract/discodeit/presence.ts. They poll REST: nothing else tells when `online` changed.

import { setTimeout as wait } from "node:timers/promises";
import type { presence as area } from "../../../contract/discodeit/presence.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, jsonIn, type Proofs } from "../../../runner/proof.ts";
import { makeEvents, readUntil } from "../shared/replay.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";
import { discodeitOf } from "../steps/discodeit.ts";

async function isOnline(world: World, observer: Account, userId: string): Promise<boolean | null> {
  return (await discodeitOf(world).users(observer.rest)).find(({ id }) => id === userId)?.online ?? null;
}

/** Somebody who never had a connection, seen offline by an observer. */
export async function unseen(world: World): Promise<[Account, Account]> {
  const [observer] = await world.accounts(1);
  const newcomer = await world.freshAccount();
  const online = await isOnline(world, observer, newcomer.id);
  claim(online === false, `a user who never connected has online ${online}`);
  return [newcomer, observer];
}

async function becomes(
  world: World,
  observer: Account,
  userId: string,
  online: boolean,
  limitMs: number,
): Promise<void> {
  const startMs = performance.now();
  while ((await isOnline(world, observer, userId)) !== online) {
    claim(performance.now() - startMs < limitMs, `online is not ${online} within ${limitMs} ms`);
    await wait(100);
  }
}

export const presence: Proofs<typeof area> = {
  "presence.online-by-stomp": async (world) => {
    const [alice, bob] = await unseen(world);
    await world.stomp(alice);
    await becomes(world, bob, alice.id, true, world.deadlineMs);
  },

  "presence.online-by-sse": async (world) => {
    const [alice, bob] = await unseen(world);
    await world.events(alice);
    await becomes(world, bob, alice.id, true, world.deadlineMs);
  },

  "presence.offline-after-the-last": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const [connection, stream] = await Promise.all([world.stomp(alice), world.events(alice)]);
    await becomes(world, bob, alice.id, true, world.deadlineMs);
    connection.transport.close();
    await connection.closed;
    // Longer than the grace of 5 s: one connection is still open.
    for (let checks = 0; checks < 14; checks++) {
      await wait(500);
      claim(
        (await isOnline(world, bob, alice.id)) === true,
        "online became false though a stream of the user is still open",
      );
    }
    stream.close();
    await stream.closed;
    await becomes(world, bob, alice.id, false, 11_000);
  },

  "presence.change-sends-an-event": async (world) => {
    const [newcomer, observer] = await unseen(world);
    const stream = await world.events(observer);
    await world.stomp(newcomer);
    const name = world.eventName("userUpdated");
    await stream.awaitEvent(
      `${name} about who came online`,
      (event) =>
        event.name === name &&
        holds(event.data, newcomer.id) &&
        (discodeitOf(world).revision === 1 || (jsonIn(event.data) as { online?: unknown }).online === true),
      world.deadlineMs + 5_000,
    );
  },

  "presence.reload-is-silent": async (world) => {
    const [observer, alice] = await world.accounts(2);
    const first = await world.stomp(alice);
    const stream = await world.events(observer);
    await becomes(world, observer, alice.id, true, world.deadlineMs);
    await wait(6_000); // what an earlier connection of this account left to tell has been told
    const told = (): number =>
      world.eventCount(stream, (event) => event.name === world.eventName("userUpdated") && holds(event.data, alice.id));
    const before = told();
    first.transport.close();
    await first.closed;
    await wait(1_000); // the page reloads
    await world.stomp(alice);
    await wait(8_000); // longer than grace and rate limit together
    const [fence] = await makeEvents(world, alice, observer, 1);
    await readUntil(world, stream, fence!);
    claim(told() === before, `a page reload was told ${told() - before} times`);
  },
};
