// Proofs of contract/shared/fanout.ts: two instances of one target, both directions.

import { setTimeout as wait } from "node:timers/promises";
import type { fanout as area } from "../../../contract/shared/fanout.ts";
import type { NotificationDto } from "../../../systems/discodeit/shapes.ts";
import type { SseEvent, SseItem } from "../../../drivers/codecs/sse.ts";
import { untilTimeout } from "../steps/look.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import { openKafkaTap, type KafkaTap, type TappedRecord } from "../../../drivers/kafka.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { connectionsEnd } from "../steps/connections-end.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, Violation, type Proofs } from "../../../runner/proof.ts";
import { unseen } from "../discodeit/presence.ts";
import { isAbout, toldIn } from "../discodeit/notifications.ts";
import { switchNotifications } from "../discodeit/reads.ts";
import { relyOnEnded } from "./connect.ts";
import { giveTime, idOf, logOf, makeEvents, readAll, toldOf } from "./replay.ts";
import { headOf } from "./sse.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { own, rely, step } from "../../../runner/steps.ts";
import { relyOnOnce } from "../steps/hearing.ts";
import type { World } from "../../../runner/world.ts";
import { discodeitOf, notificationDeadlineMs } from "../steps/discodeit.ts";

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

/** An instance that refuses a token of the other is another clause's matter. */
async function relyOnTokens(world: World, account: Account): Promise<void> {
  if (world.system.http?.guarded === undefined) return;
  const { status } = await world.askGuarded(account, 1);
  if (status === 200) return;
  // What its own instance answers so, too, says nothing of the token.
  const { status: atHome } = await world.askGuarded(account, 0);
  rely(
    "use a token on another instance",
    status === atHome,
    `a token of instance 1 is answered ${status} on instance 2`,
  );
}

const elsewhere = <T>(work: () => Promise<T>): Promise<T> => step("use a token on another instance", work);

/** Event streams of one account, one on each instance. */
const streamsOf = async (world: World, account: Account): Promise<[EventStream, EventStream]> => [
  await world.events(account, { instance: 0 }),
  await elsewhere(() => own("open an event stream", () => world.events(account, { instance: 1 }))),
];

/** One room, with a subscriber on each instance. That they hear is known when something crossed. */
async function bridge(world: World): Promise<Bridge> {
  const [alice, bob] = await world.accounts(2);
  for (const account of [alice, bob]) await relyOnTokens(world, account);
  const channel = await world.privateChannel(alice, bob);
  const connections = [
    await world.stomp(alice, { instance: 0 }),
    await elsewhere(() => own("connect", () => world.stomp(alice, { instance: 1 }))),
  ];
  const subscriptions = connections.map((connection) => connection.sendSubscribe(channel.destination));
  return { alice, bob, channel, connections, subscriptions };
}

type Say = (from: number, marker: string) => Promise<unknown> | void;

const bySend =
  (world: World, { connections, alice, channel }: Bridge): Say =>
  (from, marker) =>
    world.sendMessage(connections[from]!, alice, channel, marker);

const byPost =
  (world: World, { bob, channel }: Bridge): Say =>
  (from, marker) =>
    world.post(bob, channel, marker, { instance: from });

/** Foreign consumers may need seconds to join: until a probe crossed, nothing is measured. */
const joinWithinMs = 15_000;

/** From which instance to which nothing crosses; empty: all does, both ways. */
async function silentWays(world: World, room: Bridge, say: Say): Promise<[from: number, to: number][]> {
  const ways = [0, 1].flatMap((from) => [0, 1].map((to) => [from, to] as const));
  const silent: [from: number, to: number][] = [];
  // Where the set-up waited in vain already, once more would change nothing.
  const untilMs = performance.now() + (world.baseline.crosses ? joinWithinMs : world.deadlineMs);
  for (const [from, to] of ways) {
    for (let attempt = 0; ; attempt++) {
      const marker = world.marker("probe");
      await say(from, marker);
      try {
        await world.hear(room.subscriptions[to]!, marker, Math.min(world.deadlineMs, 500 * 2 ** attempt));
        break;
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        if (performance.now() <= untilMs) continue;
        silent.push([from, to]);
        break;
      }
    }
  }
  return silent;
}

/** As "what is sent on instance 1 is not heard on instance 2". */
function inWords(silent: readonly [from: number, to: number][]): string {
  const deaf = [...Map.groupBy(silent, ([from]) => from)].map(([from, ways]) => {
    const where = ways.map(([, to]) => to + 1).join(" and ");
    return `what is sent on instance ${from + 1} is not heard on instance ${where}`;
  });
  return deaf.join("; ");
}

/** What is said on each instance is heard on each; that nothing is heard anywhere is not about crossing. */
async function crosses(world: World, room: Bridge, say: Say): Promise<void> {
  const silent = await silentWays(world, room, say);
  if (silent.length === 0) return;
  rely("hear a posted message", silent.length < 4, "neither instance delivers anything");
  throw new Violation(inWords(silent), diagnoses.oneInstance);
}

/** What crosses by POST but not by SEND is wrong with SEND, and the other way round; what crosses neither way is one matter. */
async function relyOnSend(world: World, room: Bridge, error: unknown): Promise<never> {
  if (error instanceof Violation) {
    const silent = await silentWays(world, room, bySend(world, room));
    rely("cross with messages", silent.length === 0, error.message);
  }
  throw error;
}

async function crossesOnce(world: World, room: Bridge, say: Say): Promise<void> {
  for (const [from] of directions) {
    const [marker, fence] = [world.marker(), world.marker("fence")];
    for (const content of [marker, fence]) {
      await say(from, content);
      await Promise.all(room.subscriptions.map((subscription) => world.hear(subscription, content)));
    }
    await world.settle();
    const counts = room.subscriptions.map((subscription) => world.heardCount(subscription, marker));
    if (Math.max(...counts) > 1) await relyOnOnce(world, room.bob, room.channel);
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
    const { status } = await world.askGuarded(account, instance);
    if (status === 401 || status === 403) return;
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
    await crosses(world, room, bySend(world, room));
    await crossesOnce(world, room, bySend(world, room));
  },

  "fanout.rest-crosses": async (world) => {
    const room = await bridge(world);
    await crosses(world, room, byPost(world, room)).catch((error: unknown) => relyOnSend(world, room, error));
    await crossesOnce(world, room, byPost(world, room));
  },

  "fanout.events-cross": async (world) => {
    const [alice, bob] = await world.accounts(2);
    for (const account of [alice, bob]) await relyOnTokens(world, account);
    const streams = await streamsOf(world, alice);
    for (const [from] of directions) {
      const channels = await makeEvents(world, bob, alice, 2, from);
      for (const stream of streams) await giveTime(world, stream, channels);
      await world.settle();
      const counts = streams.map((stream) => logOf(world, stream, channels).length);
      rely("hear an event", Math.max(...counts) > 0, "neither instance tells of a new channel");
      claim(
        Math.min(...counts) >= 2,
        `two events of instance ${from + 1} were heard ${counts.join(" and ")} times on the two instances`,
        diagnoses.oneInstance,
      );
      claim(
        Math.max(...counts) === 2,
        `two events of instance ${from + 1} were heard ${counts.join(" and ")} times on the two instances`,
        diagnoses.duplicate,
      );
    }
  },

  "fanout.event-ids-are-equal": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const streams = await streamsOf(world, alice);
    const channels = await makeEvents(world, bob, alice, 3);
    await step("cross with events", () =>
      own("hear an event", () => Promise.all(streams.map((stream) => readAll(world, stream, channels)))),
    );
    const [one, other] = streams.map((stream) => channels.map((channel) => idOf(world, stream, channel)).join(" "));
    claim(one === other, "one event has different ids on two instances: no client can resume on the other");
  },

  "fanout.notifications-once": async (world) => {
    const [alice, bob] = await world.accounts(2);
    for (const account of [alice, bob]) await relyOnTokens(world, account);
    const channel = await world.privateChannel(alice, bob);
    await switchNotifications(world, bob, channel, true);
    const streams = await streamsOf(world, bob);
    const listed = async (): Promise<NotificationDto[]> => await discodeitOf(world).notifications(world.rest(bob));
    const old = new Set((await listed()).map(({ id }) => id));
    const markers = [world.marker(), world.marker()];
    for (const [from, marker] of markers.entries()) await world.post(alice, channel, marker, { instance: from });
    const isOurs = (what: unknown): boolean => markers.some((marker) => isAbout(what, { alice, channel }, marker));
    const isNews = (event: SseEvent): boolean => toldIn(event, bob) !== undefined && isOurs(event.data);
    const heardBy = async ({ inbox }: EventStream): Promise<boolean> => {
      const isIt = (item: SseItem): boolean => item.kind === "event" && isNews(item);
      return await inbox
        .awaitCount("two notifications", isIt, markers.length, notificationDeadlineMs)
        .then(() => true, untilTimeout);
    };
    const heard = await Promise.all(streams.map(heardBy));
    if (heard.includes(false)) {
      rely("hear of a notification", heard.includes(true), "two notifications were heard on neither instance");
      const because = `notifications were heard on instance ${heard.indexOf(true) + 1} alone`;
      const probes = await makeEvents(world, alice, bob, 1);
      for (const stream of streams) await giveTime(world, stream, probes);
      rely(
        "cross with events",
        streams.every((stream) => logOf(world, stream, probes).length > 0),
        because,
      );
      claim(false, because, diagnoses.oneInstance);
    }
    await world.settle();
    for (const [at, stream] of streams.entries()) {
      // Some tell of a notification before it has an id, and again when it has one: that is one of each.
      const hasId = (event: SseEvent): boolean => toldIn(event, bob)?.id !== undefined;
      const withId = world.eventCount(stream, (event) => isNews(event) && hasId(event));
      const count = Math.max(withId, world.eventCount(stream, isNews) - withId);
      claim(
        count === markers.length,
        `two notifications were heard ${count} times on instance ${at + 1}`,
        diagnoses.duplicate,
      );
    }
    const rows = (await listed()).filter((row) => !old.has(row.id) && isOurs(row));
    rely("list notifications", rows.length >= 2, `after two messages it holds ${rows.length} of them`);
    claim(rows.length === 2, `two messages made ${rows.length} notifications`);
  },

  "fanout.tokens-are-good-on-all": async (world) => {
    const [alice] = await world.accounts(1);
    await world.stomp(alice);
    const { status } = await world.askGuarded(alice, 1);
    claim(status !== 401 && status !== 403, `a token of instance 1 is answered ${status} by REST on instance 2`);
    // Connected and opened is all: whether anything is heard there is for others to say.
    await own("connect", () => world.stomp(alice, { instance: 1 }));
    const stream = world.openEvents(alice, { instance: 1 });
    await headOf(stream, world.deadlineMs).catch((error: unknown) => {
      if (!(error instanceof TimeoutError)) throw error;
    });
  },

  "fanout.logout-reaches-all": async (world) => {
    const account = await world.disposable();
    await relyOnTokens(world, account);
    await world.logOut(account);
    await relyOnEnded(world, account);
    await refusedWithin(world, account, 1, 5_000);
    const letIn = async (instance: number): Promise<boolean> => {
      try {
        await world.stomp(account, { instance });
        return true;
      } catch (error) {
        if (error instanceof TargetError) return false;
        throw error;
      }
    };
    if (!(await letIn(1))) return;
    rely("refuse ended tokens", !(await letIn(0)), "CONNECT with an ended login is let in on either instance");
    claim(false, "CONNECT with an ended login is let in on the other instance");
  },

  "fanout.logout-ends-connections-elsewhere": async (world) => {
    const account = await world.disposable();
    await connectionsEnd(world, account, "a logout on the other instance", () => world.logOut(account), [1]);
  },

  "fanout.order-across-instances": async (world) => {
    const room = await bridge(world);
    await step("cross with messages", async () => {
      const silent = await silentWays(world, room, bySend(world, room));
      rely("cross with messages", silent.length === 0, inWords(silent));
    });
    const markers: string[] = [];
    for (let index = 0; index < 15; index++) {
      for (const from of [0, 1]) {
        const marker = world.marker(from === 0 ? "a" : "b");
        markers.push(marker);
        world.sendMessage(room.connections[from]!, room.alice, room.channel, marker);
      }
    }
    await Promise.all(
      room.subscriptions.flatMap((subscription) =>
        markers.map((marker) => world.hear(subscription, marker, 2 * world.deadlineMs)),
      ),
    );
    const orders = room.subscriptions.map((subscription) => {
      return firstOf(world.textsOf(subscription), markers).join();
    });
    claim(orders[0] === orders[1], "the subscribers on two instances heard one channel in two orders");
    if (!world.system.features.has("history")) return;
    const stored = await world.history(room.bob, room.channel);
    const history = firstOf(
      stored.map(({ text }) => text),
      markers,
    );
    claim(history.join() === orders[0], "the history has another order than the subscribers heard");
  },

  "fanout.presence-crosses": async (world) => {
    const [alice, bob] = await unseen(world);
    await world.stomp(alice, { instance: 0 });
    const startMs = performance.now();
    for (;;) {
      const seen = (await discodeitOf(world).users(world.rest(bob, 1))).find(({ id }) => id === alice.id);
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
    for (const account of [alice, bob]) await relyOnTokens(world, account);
    const [reference, stream] = await Promise.all([world.events(alice), world.events(alice)]);
    const channels = await makeEvents(world, bob, alice, 2, 0);
    await Promise.all([reference, stream].map((item) => readAll(world, item, channels)));
    const lastEventId = idOf(world, stream, channels[1]!);
    stream.close();
    await stream.closed;
    const missed = await makeEvents(world, bob, alice, 3, 1);
    channels.push(...missed);
    await step("cross with events", () => own("hear an event", () => readAll(world, reference, missed)));
    const toldAt = async (instance: number): Promise<string> => {
      const resumed = await own("open an event stream", () => world.events(alice, { instance, lastEventId }));
      await giveTime(world, resumed, missed);
      await world.settle();
      return toldOf(world, resumed, channels).join(", ");
    };
    const expected = toldOf(world, reference, channels).slice(2).join(", ");
    const told = await toldAt(1);
    if (told === expected) return;
    const here = await toldAt(0);
    rely("resume a stream", here === expected, `on the same instance was replayed: ${here || "nothing"}`);
    claim(false, `resumed on the other instance, after event 2 of 5 was replayed: ${told || "nothing"}`);
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
    const history = (await discodeitOf(world).history(world.rest(bob), channel.id)).content
      .map(({ content }) => content ?? "")
      .toReversed();
    claim(topic.join() === firstOf(history, markers).join(), "the topic has another order than the history");
  },

  "fanout.refused-is-not-published": async (world) => {
    const records = await tap(world);
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const refused = world.marker("refused");
    const answer = await discodeitOf(world).postAnswer(alice.rest, {
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
