// What members of a chat would say, on the stack.

import { describe, expect, test } from "vitest";
import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Account } from "../../runner/account-pool.ts";
import { connectionsEnd } from "../contract/steps/connections-end.ts";
import { logOf, makeEvents, readUntil } from "../contract/shared/replay.ts";
import type { World } from "../../runner/world.ts";
import { stackTarget } from "../stack.ts";
import { people } from "./people.ts";
import { discodeitOf, notificationDeadlineMs, posted } from "../contract/steps/discodeit.ts";

describe.each(systemNames)("%s", (system) => {
  test("two tabs of one member both hear a message once", async () => {
    await people(stackTarget(system), "proxy", async (world) => {
      const [alice, bob] = await world.accounts(2);
      const channel = await world.privateChannel(alice, bob);
      const tabs = await Promise.all([world.stomp(bob), world.stomp(bob, { transport: "sockjs-websocket" })]);
      const subscriptions = await Promise.all(tabs.map((tab) => world.subscribe(tab, channel)));
      const markers = [world.marker("hello"), world.marker("again")];
      for (const marker of markers) await posted(world, alice, channel, marker);
      await Promise.all(
        subscriptions.flatMap((subscription) => markers.map((marker) => world.hear(subscription, marker))),
      );
      for (const subscription of subscriptions)
        expect(subscription.messages().map((frame) => world.messageOf(frame).text)).toEqual(markers);
    });
  });

  test("a member who reconnects sees nothing twice and misses nothing", async () => {
    await people(stackTarget(system), "proxy", async (world) => {
      const [alice, bob] = await world.accounts(2);
      const channel = await world.privateChannel(alice, bob);
      const before = await world.stomp(bob);
      const first = await world.subscribe(before, channel);
      const seen = new Map<string, number>();
      const see = (id: string): void => void seen.set(id, (seen.get(id) ?? 0) + 1);
      const sent: string[] = [];
      const say = async (): Promise<void> => {
        const marker = world.marker("n");
        sent.push((await posted(world, alice, channel, marker)).id);
      };
      await say();
      await say();
      await first.awaitMessage("the second message", ({ body }) => body.includes(sent[1]!), world.deadlineMs);
      before.transport.terminate();
      for (let index = 0; index < 3; index++) await say();
      const after = await world.stomp(bob);
      const second = await world.subscribe(after, channel);
      await say();
      await second.awaitMessage("the last message", ({ body }) => body.includes(sent.at(-1)!), world.deadlineMs);
      // As a good client does: what came live, and the history for the gap, joined by id.
      const live = [...first.messages(), ...second.messages()].map((frame) => world.messageOf(frame).id!);
      const history = (await discodeitOf(world).history(world.rest(bob), channel.id)).content.map(({ id }) => id);
      for (const id of new Set([...live, ...history])) see(id);
      expect([...seen.keys()].toSorted()).toEqual(sent.toSorted());
      expect(new Set(live).size).toBe(live.length);
      expect(history).toEqual(sent.toReversed());
    });
  });

  test("two members on two instances talk", async () => {
    await people(stackTarget(system), "instances", async (world) => {
      const [alice, bob] = await world.accounts(2);
      const channel = await world.privateChannel(alice, bob);
      const [here, there] = await Promise.all([world.stomp(alice, { instance: 0 }), world.stomp(bob, { instance: 1 })]);
      const [aliceHears, bobHears] = await Promise.all([
        world.subscribe(here, channel),
        world.subscribe(there, channel),
      ]);
      const talk = Array.from({ length: 6 }, (_, index) => world.marker(`t${index}`));
      for (const [index, marker] of talk.entries()) {
        world.sendMessage(index % 2 === 0 ? here : there, index % 2 === 0 ? alice : bob, channel, marker);
        await Promise.all([world.hear(aliceHears, marker), world.hear(bobHears, marker)]);
      }
      for (const subscription of [aliceHears, bobHears])
        expect(subscription.messages().map((frame) => world.messageOf(frame).text)).toEqual(talk);
    });
  });

  test("a notification reaches every open tab and is still there after a reload", async () => {
    await people(stackTarget(system), "proxy", async (world) => {
      const [alice, bob] = await world.accounts(2);
      const channel = await world.privateChannel(alice, bob);
      const tabs = await Promise.all([world.events(bob), world.events(bob), world.events(bob)]);
      const marker = world.marker("ding");
      await posted(world, alice, channel, marker);
      const name = world.eventName("notificationCreated");
      const heard = await Promise.all(
        tabs.map((tab) =>
          tab.awaitEvent(
            "the notification",
            (event) => event.name === name && event.data?.includes(marker) === true,
            notificationDeadlineMs,
          ),
        ),
      );
      expect(new Set(heard.map(({ id }) => id)).size).toBe(1);
      for (const tab of tabs) tab.close();
      const list = await discodeitOf(world).notifications(bob.rest);
      expect(list.filter(({ content }) => content === marker)).toHaveLength(1);
      const reloaded = await world.events(bob, { lastEventId: heard[0]!.id! });
      const [fence] = await makeEvents(world, alice, bob, 1);
      await readUntil(world, reloaded, fence!);
      expect(world.eventCount(reloaded, (event) => event.data?.includes(marker) === true)).toBe(0);
      expect(logOf(world, reloaded, [fence!])).toHaveLength(1);
    });
  });

  test("a stranger hears nothing", async () => {
    await people(stackTarget(system), "proxy", async (world) => {
      const [alice, bob, mallory] = await world.accounts(3);
      const channel = await world.privateChannel(alice, bob);
      const [member, stream] = await Promise.all([world.stomp(bob), world.events(mallory)]);
      const heard = await world.subscribe(member, channel);
      const spy = await world.stomp(mallory);
      const stolen = spy.sendSubscribe(channel.destination);
      await spy.awaitClose(world.deadlineMs);
      const secret = world.marker("secret");
      await posted(world, alice, channel, secret);
      await world.hear(heard, secret);
      // Her stream lives: she hears of her own room, and of nothing else.
      const own = await makeEvents(world, mallory, bob, 1);
      await readUntil(world, stream, own[0]!);
      expect(stolen.messages()).toEqual([]);
      expect(
        stream.events.filter(({ data }) => data?.includes(secret) === true || data?.includes(channel.id) === true),
      ).toEqual([]);
      expect((await discodeitOf(world).historyAnswer(mallory.rest, channel.id)).status).toBe(403);
    });
  });

  test.each([
    ["logs out", (world: World, leaver: Account) => discodeitOf(world).logOutAnswer(leaver.rest)],
    [
      "deletes the account",
      async (world: World, leaver: Account) => {
        await discodeitOf(world).deleteUserAnswer(leaver.rest, leaver.id);
        leaver.gone = true;
      },
    ],
  ])("who %s is disconnected on every instance, and nobody else is", async (what, leave) => {
    await people(stackTarget(system), "instances", async (world) => {
      const leaver = await world.disposable();
      await connectionsEnd(world, leaver, `somebody who ${what}`, () => leave(world, leaver), [0, 1]);
    });
  });
});
