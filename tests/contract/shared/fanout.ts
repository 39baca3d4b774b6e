// Proofs of contract/shared/fanout.ts: two instances of one target, both directions.

import { setTimeout as wait } from "node:timers/promises";
import type { fanout as area } from "../../../contract/shared/fanout.ts";
import { sendDestination } from "../../../systems/discodeit/wire.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import { openKafkaTap, type KafkaTap, type TappedRecord } from "../../../drivers/kafka.ts";
import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { connectionsEnd } from "../steps/connections-end.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, Violation, type Proofs } from "../../../runner/proof.ts";
import { unseen } from "../discodeit/presence.ts";
import { logOf, makeEvents, readUntil } from "./replay.ts";
import type { Channel } from "../../../runner/rooms.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";

const directions = [
  [0, 1],
  [1, 0],
] as const;

interface Bridge {
  alice: Account;
  bob: Account;
  channel: Channel;
  /** Alice's connection per instance, subscribed. */
  connections: StompConnection[];
  subscriptions: Subscription[];
}

/** One room, with a live subscriber on each instance. */
async function bridge(world: World): Promise<Bridge> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const connections = await Promise.all([0, 1].map((instance) => world.stomp(alice, { instance })));
  const subscriptions = await Promise.all(connections.map((connection) => world.subscribe(connection, channel)));
  return { alice, bob, channel, connections, subscriptions };
}

/** Foreign consumers may need seconds to join: until a probe crossed, nothing is measured. */
async function awaitCrossing(world: World, room: Bridge): Promise<void> {
  for (const [from, to] of directions) {
    const startMs = performance.now();
    for (let attempt = 0; ; attempt++) {
      const marker = world.marker("probe");
      await world.post(room.bob, room.channel, marker, { instance: from });
      try {
        await world.hear(room.subscriptions[to]!, marker, 500 * 2 ** attempt);
        break;
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        // Where the set-up waited in vain already, once more would change nothing.
        if (!world.baseline.crosses || performance.now() - startMs > 15_000)
          throw new Violation(
            `a message sent on instance ${from + 1} was not heard on instance ${to + 1} within 15 s`,
            diagnoses.oneInstance,
          );
      }
    }
  }
}

async function crossesOnce(
  world: World,
  room: Bridge,
  say: (from: number, marker: string) => Promise<unknown> | void,
): Promise<void> {
  await awaitCrossing(world, room);
  for (const [from] of directions) {
    const marker = world.marker();
    await say(from, marker);
    await Promise.all(room.subscriptions.map((subscription) => world.hear(subscription, marker)));
    const fence = world.marker("fence");
    await world.post(room.bob, room.channel, fence, { instance: from });
    await Promise.all(room.subscriptions.map((subscription) => world.hear(subscription, fence)));
    await world.settle();
    const counts = room.subscriptions.map((subscription) => world.heardCount(subscription, marker));
    claim(
      counts.every((count) => count === 1),
      `a message sent on instance ${from + 1} was heard ${counts.join(" and ")} times on the two instances`,
      diagnoses.duplicate,
    );
  }
}

async function tap(world: World): Promise<KafkaTap> {
  const { brokers, topicPrefix } = world.target.kafka!;
  return world.track(await openKafkaTap(brokers, topicPrefix));
}

/** A login is over for an instance when REST refuses its token there. */
async function refusedWithin(world: World, account: Account, instance: number, limitMs: number): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    const { status } = await world.rest(account, instance).request("GET", "/api/notifications");
    if (status === 401) return;
    claim(
      performance.now() - startMs < limitMs,
      `an ended login is still answered ${status} on instance ${instance + 1}`,
    );
    await wait(100); // the clause is about time: poll until the bound
  }
}

export const fanout: Proofs<typeof area> = {
  "fanout.stomp-crosses": async (world) => {
    const room = await bridge(world);
    await crossesOnce(world, room, (from, marker) =>
      world.sendMessage(room.connections[from]!, room.alice, room.channel, marker),
    );
  },

  "fanout.rest-crosses": async (world) => {
    const room = await bridge(world);
    await crossesOnce(world, room, (from, marker) => world.post(room.bob, room.channel, marker, { instance: from }));
  },

  "fanout.events-cross": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const streams = await Promise.all([0, 1].map((instance) => world.events(alice, { instance })));
    for (const [from] of directions) {
      const channels = await makeEvents(world, bob, alice, 2, from);
      try {
        await Promise.all(streams.map((stream) => readUntil(world, stream, channels[1]!)));
      } catch (error) {
        if (error instanceof TimeoutError) throw new Violation(error.message, diagnoses.oneInstance);
        throw error;
      }
      await world.settle();
      const counts = streams.map((stream) => logOf(world, stream, channels).length);
      claim(
        counts.every((count) => count === 2),
        `two events of instance ${from + 1} were heard ${counts.join(" and ")} times on the two instances`,
        diagnoses.duplicate,
      );
    }
  },

  "fanout.event-ids-are-equal": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const streams = await Promise.all([0, 1].map((instance) => world.events(alice, { instance })));
    const channels = await makeEvents(world, bob, alice, 3);
    await Promise.all(streams.map((stream) => readUntil(world, stream, channels[2]!)));
    const [one, other] = streams.map((stream) =>
      logOf(world, stream, channels)
        .map(({ id }) => id)
        .join(" "),
    );
    claim(one === other, "one event has different ids on two instances: no client can resume on the other");
  },

  "fanout.notifications-once": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const streams = await Promise.all([0, 1].map((instance) => world.events(bob, { instance })));
    const markers = [world.marker(), world.marker()];
    for (const [from, marker] of markers.entries()) await world.post(alice, channel, marker, { instance: from });
    const name = world.eventName("notificationCreated");
    await Promise.all(
      streams.flatMap((stream) =>
        markers.map((marker) =>
          stream.awaitEvent(
            "the notification",
            (event) => event.name === name && holds(event.data, marker),
            world.notificationDeadlineMs,
          ),
        ),
      ),
    );
    await world.settle();
    for (const [at, stream] of streams.entries()) {
      const counts = markers.map((marker) =>
        world.eventCount(stream, (event) => event.name === name && holds(event.data, marker)),
      );
      claim(
        counts.every((count) => count === 1),
        `notifications were heard ${counts.join(" and ")} times on instance ${at + 1}`,
        diagnoses.duplicate,
      );
    }
    const rows = (await world.system.notifications(world.rest(bob))).filter(({ content }) =>
      markers.includes(content ?? ""),
    );
    claim(rows.length === 2, `two messages made ${rows.length} notifications`);
  },

  "fanout.tokens-are-good-on-all": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const { status } = await world.rest(alice, 1).request("GET", "/api/users");
    claim(status === 200, `a token of instance 1 is answered ${status} on instance 2`);
    const channel = await world.privateChannel(alice, bob);
    const connection = await world.stomp(alice, { instance: 1 });
    await world.subscribe(connection, channel);
    await world.events(alice, { instance: 1 });
  },

  "fanout.logout-reaches-all": async (world) => {
    const account = await world.disposable();
    claim(
      (await world.rest(account, 1).request("GET", "/api/notifications")).status === 200,
      "a token of instance 1 is refused on instance 2",
    );
    await world.system.logOutAnswer(account.rest);
    await refusedWithin(world, account, 1, 5_000);
    try {
      await world.stomp(account, { instance: 1 });
    } catch (error) {
      claim(
        error instanceof TargetError,
        `CONNECT with an ended login on the other instance: ${(error as Error).message}`,
      );
      return;
    }
    claim(false, "CONNECT with an ended login is let in on the other instance");
  },

  "fanout.logout-ends-connections-elsewhere": async (world) => {
    const account = await world.disposable();
    await connectionsEnd(
      world,
      account,
      "a logout on the other instance",
      () => world.system.logOutAnswer(account.rest),
      [1],
    );
  },

  "fanout.order-across-instances": async (world) => {
    const room = await bridge(world);
    await awaitCrossing(world, room);
    const markers: string[] = [];
    for (let index = 0; index < 15; index++) {
      for (const from of [0, 1]) {
        const marker = world.marker(from === 0 ? "a" : "b");
        markers.push(marker);
        room.connections[from]!.sendFrame(
          "SEND",
          { destination: sendDestination },
          JSON.stringify({ content: marker, channelId: room.channel.id, authorId: room.alice.id }),
        );
      }
    }
    await Promise.all(
      room.subscriptions.flatMap((subscription) =>
        markers.map((marker) => world.hear(subscription, marker, 2 * world.deadlineMs)),
      ),
    );
    const orders = room.subscriptions.map((subscription) => {
      const heard = subscription.messages().flatMap((frame) => world.messageOf(frame).content ?? []);
      return firstOf(heard, markers).join();
    });
    claim(
      orders[0] === orders[1],
      "the subscribers on two instances heard one channel in two orders",
      diagnoses.burstOrder,
    );
    const { content: page } = await world.system.history(world.rest(room.bob), room.channel.id);
    const history = firstOf(page.map(({ content }) => content ?? "").toReversed(), markers);
    claim(history.join() === orders[0], "the history has another order than the subscribers heard");
  },

  "fanout.presence-crosses": async (world) => {
    const [alice, bob] = await unseen(world);
    await world.stomp(alice, { instance: 0 });
    const startMs = performance.now();
    for (;;) {
      const seen = (await world.system.users(world.rest(bob, 1))).find(({ id }) => id === alice.id);
      if (seen?.online === true) return;
      claim(
        performance.now() - startMs < world.deadlineMs,
        "a user connected to one instance is not online on the other",
      );
      await wait(100); // polled: nothing else tells when REST catches up
    }
  },

  "fanout.replay-on-the-other-instance": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const [reference, stream] = await Promise.all([
      world.events(alice, { instance: 0 }),
      world.events(alice, { instance: 0 }),
    ]);
    const channels = await makeEvents(world, bob, alice, 2, 0);
    await readUntil(world, stream, channels[1]!);
    stream.close();
    await stream.closed;
    channels.push(...(await makeEvents(world, bob, alice, 3, 1)));
    await readUntil(world, reference, channels.at(-1)!);
    const log = logOf(world, reference, channels);
    const resumed = await world.events(alice, { instance: 1, lastEventId: log[1]!.id! });
    const [fence] = await makeEvents(world, bob, alice, 1, 0);
    await Promise.all([reference, resumed].map((item) => readUntil(world, item, fence!)));
    await world.settle();
    const expected = log
      .slice(2)
      .map(({ id }) => id)
      .join(" ");
    claim(
      logOf(world, resumed, channels)
        .map(({ id }) => id)
        .join(" ") === expected,
      "a stream that resumed on the other instance did not get exactly the missing events",
    );
  },

  "fanout.one-record-per-message": async (world) => {
    const records = await tap(world);
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const markers = [world.marker(), world.marker(), world.marker("fence")];
    for (const [at, marker] of markers.entries()) await world.post(alice, channel, marker, { instance: at });
    await records.inbox.awaitItem(
      "the last message on the topic",
      ({ value }) => value.includes(markers[2]!),
      world.deadlineMs,
    );
    await world.settle();
    for (const marker of markers) {
      const found = records.inbox.items.filter(({ value, key }) => value.includes(marker) && key === channel.id);
      claim(found.length === 1, `a message is ${found.length} records with key = channel id`);
    }
  },

  "fanout.topic-order-is-history": async (world) => {
    const records = await tap(world);
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const markers = Array.from({ length: 20 }, (_, index) => world.marker(`k${index}`));
    await Promise.all(
      markers.map((marker, index) => world.post(index % 2 === 0 ? alice : bob, channel, marker, { instance: index })),
    );
    const missing = new Set(markers);
    const isNew = ({ key, value }: TappedRecord): boolean => {
      const marker = key === channel.id ? markers.find((each) => value.includes(each)) : undefined;
      return marker !== undefined && missing.delete(marker);
    };
    await records.inbox.awaitCount("all messages on the topic", isNew, markers.length, world.deadlineMs);
    const onTopic = records.inbox.items
      .filter(({ key }) => key === channel.id)
      .flatMap(({ value }) => markers.find((marker) => value.includes(marker)) ?? []);
    const topic = firstOf(onTopic, markers);
    const history = (await world.system.history(world.rest(bob), channel.id)).content
      .map(({ content }) => content ?? "")
      .toReversed();
    claim(topic.join() === firstOf(history, markers).join(), "the topic has another order than the history");
  },

  "fanout.refused-is-not-published": async (world) => {
    const records = await tap(world);
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const refused = world.marker("refused");
    const answer = await world.system.postAnswer(alice.rest, {
      channelId: channel.id,
      authorId: alice.id,
      content: refused + "x".repeat(2_001),
    });
    claim(answer.status >= 400, `a message of more than 2,000 characters was answered ${answer.status}`);
    const fence = world.marker("fence");
    await world.post(alice, channel, fence);
    await records.inbox.awaitItem("the fence on the topic", ({ value }) => value.includes(fence), world.deadlineMs);
    claim(!records.inbox.items.some(({ value }) => value.includes(refused)), "a refused message is on the topic");
  },
};

/** Those of `wanted`, in the order in which each comes first: what comes again is out of no order. */
const firstOf = (texts: readonly string[], wanted: readonly string[]): string[] =>
  [...new Set(texts)].filter((text) => wanted.includes(text));
