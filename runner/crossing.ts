// Which instance hears what is said on which? Asked once, before anything is judged: what does not cross is for the
// clauses about fan-out to say, and all others listen where something is heard. Terms: way – from the instance on which
// something is said to one that listens.

import { TimeoutError } from "../drivers/errors.ts";
import type { EventStream } from "../drivers/sse.ts";
import type { Subscription } from "../drivers/stomp.ts";
import type { Account } from "./account-pool.ts";
import type { Channel } from "./rooms.ts";
import { holds } from "./text.ts";
import type { World } from "./world.ts";

/** By instance on which something was said, oldest attempt first: by which instances it was heard. */
export type Ways = readonly (readonly (readonly boolean[])[])[];

/** Foreign consumers may need seconds to join: of the attempts these last ones count. */
const lastAttempts = 3;

/**
 * Waits until each instance was heard on each, for messages and events, `limitMs` at most. Resolves with who heard what
 * where that was in vain, undefined where all crosses.
 */
export async function awaitCrossing(
  world: World,
  { alice, bob, channel }: Room,
  limitMs: number,
): Promise<string | undefined> {
  const instances = placesOf(world);
  if (instances.length < 2) return undefined;
  const streams = openStreams(world, alice);
  const subscriptions = await subscribeEverywhere(world, alice, channel);
  const untilMs = performance.now() + limitMs;
  const [messages, events]: [boolean[][][], boolean[][][]] = [[], []];
  for (const from of instances) {
    const attempts: [boolean[], boolean[]][] = [];
    const isEverywhere = (): boolean => attempts.at(-1)?.flat().every(Boolean) === true;
    while (!isEverywhere() && (performance.now() <= untilMs || attempts.length < lastAttempts))
      attempts.push(
        await Promise.all([
          messageHeard(world, { alice, bob, channel }, subscriptions, from),
          eventHeard(world, { alice, bob, channel }, streams, from),
        ]),
      );
    const counted = isEverywhere() ? attempts.slice(-1) : attempts.slice(-lastAttempts);
    messages.push(counted.map(([heard]) => heard));
    events.push(counted.map(([, heard]) => heard));
  }
  return tellCrossing(world.target.instances, messages, events);
}

/** Who hears what, in words; undefined: everybody everything. */
export function tellCrossing(instances: readonly string[], messages: Ways, events: Ways): string | undefined {
  if (![messages, events].flat(3).includes(false)) return undefined;
  const [areMessages, areEvents] = [messages, events].map((ways) => ways.flat(2).length > 0);
  const tell = (ways: Ways): string =>
    instances.map((from, at) => `what is said on ${from} is heard ${tellHeard(instances, ways[at]!)}`).join("; ");
  const [told, toldOfEvents] = [tell(messages), tell(events)];
  if (!areMessages) return toldOfEvents;
  return !areEvents || told === toldOfEvents ? told : `messages: ${told}. Events: ${toldOfEvents}`;
}

function tellHeard(instances: readonly string[], attempts: readonly (readonly boolean[])[]): string {
  const heardCount = (to: number): number => attempts.filter((heard) => heard[to]).length;
  const always = instances.filter((_, to) => heardCount(to) === attempts.length);
  const some = instances.filter((_, to) => heardCount(to) > 0 && heardCount(to) < attempts.length);
  if (always.length === instances.length) return "everywhere";
  const on = always.length > 0 ? [`on ${always.join(" and ")}${some.length > 0 ? "" : " only"}`] : [];
  return [...on, ...some.map((to) => `at times on ${to}`)].join(", ") || "nowhere";
}

interface Room {
  alice: Account;
  bob: Account;
  /** Absent: the system has no messages. */
  channel?: Channel | undefined;
}

const placesOf = (world: World): number[] => world.target.instances.map((_, index) => index);

const openStreams = (world: World, alice: Account): EventStream[] =>
  world.system.features.has("events") ? placesOf(world).map((instance) => world.openEvents(alice, { instance })) : [];

/** Whether a text can be said and heard over STOMP. */
export const hasMessages = ({ system: { features } }: World): boolean => features.has("stomp") && features.has("text");

async function subscribeEverywhere(world: World, alice: Account, channel?: Channel): Promise<Subscription[]> {
  if (channel === undefined || !hasMessages(world)) return [];
  const subscribe = async (instance: number): Promise<Subscription> =>
    (await world.stomp(alice, { instance })).sendSubscribe(channel.destination);
  return await Promise.all(placesOf(world).map(subscribe));
}

/** Which instances hear a message that is posted on this one. */
async function messageHeard(world: World, { bob, channel }: Room, listeners: readonly Subscription[], from: number) {
  if (channel === undefined || listeners.length === 0) return [];
  const marker = world.marker("probe");
  await world.post(bob, channel, marker, { instance: from });
  return await Promise.all(
    listeners.map((listener) => came(listener.awaitMessage("a probe", ({ body }) => holds(body, marker), 1_000))),
  );
}

/** Which instances hear of a channel that is made on this one. */
async function eventHeard(world: World, { alice, bob }: Room, streams: readonly EventStream[], from: number) {
  if (streams.length === 0) return [];
  const { id } = await world.causeEvent(bob, alice, from);
  return await Promise.all(
    streams.map((stream) =>
      came(stream.awaitEvent("a probe", (event) => world.tellsOf(event, world.probeKind, id), 1_000)),
    ),
  );
}

/** As long the first instance is given to hear itself. */
const ownHearingMs = 8_000;

/**
 * With one consumer group for all instances what is said on the first may be heard on another one alone. That is for
 * the clauses about fan-out to say; all others listen there.
 */
export async function findListeners(world: World, room: Room): Promise<void> {
  if (placesOf(world).length < 2) return;
  const { alice, channel } = room;
  const find = async (heard: () => Promise<boolean[]>): Promise<number> => {
    await heard(); // what a stream that was just opened hears it may have from the log
    const untilMs = performance.now() + ownHearingMs;
    for (let other = 0; ;) {
      const places = await heard();
      if (places[0] === true) return 0;
      other = Math.max(other, places.indexOf(true));
      if (performance.now() > untilMs) return other;
    }
  };
  const streams = openStreams(world, alice);
  if (streams.length > 0) world.baseline.eventsAt = await find(() => eventHeard(world, room, streams, 0));
  const subscriptions = await subscribeEverywhere(world, alice, channel);
  if (subscriptions.length > 0)
    world.baseline.messagesAt = await find(() => messageHeard(world, room, subscriptions, 0));
}

/** Whether it came in time. */
export async function came(wait: Promise<unknown>): Promise<boolean> {
  try {
    await wait;
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}
