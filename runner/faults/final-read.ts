// The final read: after all faults, everything is read again, from every place: each room's history, each user's event
// log, and the broker's topic. Source: the final-read discipline of Maelstrom and Jepsen – judge what is there when all
// is well again.

import { setTimeout as wait } from "node:timers/promises";
import type { Place } from "../../checkers/history.ts";
import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import { readTopics } from "../../drivers/kafka.ts";
import { accountAt, answerDeadlineMs, hashOf, type Room, type Scene } from "./client.ts";
import { EventListener, messageTextIn, openEvents } from "./event-listener.ts";
import type { Listener } from "./listener.ts";

/** What is stored is on the topic by then: the sweep of an outbox, and a client of the broker that comes back. */
const publishedWithinMs = 10_000;
const askAgainMs = 250;

export async function readAll(scene: Scene, rooms: readonly Room[], listeners: readonly Listener[]): Promise<void> {
  const stored = new Set<string>();
  for (const place of scene.places.all)
    for (const room of rooms) for (const message of await readHistory(scene, room, place)) stored.add(message);
  const streams = listeners.filter((listener) => listener instanceof EventListener);
  for (const place of scene.places.all) for (const stream of streams) await readEvents(scene, stream, place);
  await readTopic(scene, rooms, stored);
}

/** Returns the messages that are in it. */
async function readHistory(scene: Scene, room: Room, place: Place): Promise<string[]> {
  const { recorder, speaker } = scene;
  if (!speaker.system.features.has("history")) return [];
  const messages = await speaker.history(accountAt(scene, room.members[0]!, place), room.channel.room);
  const reader = `history of ${room.name} at ${place}`;
  recorder.note({ type: "reader", reader, log: "history", of: room.name, place });
  const stored: string[] = [];
  for (const { id, text } of messages) {
    const message = recorder.markerIn(text);
    if (message === undefined) continue;
    recorder.note({ type: "read", reader, message, ...(id === undefined ? {} : { id }), hash: hashOf(text) });
    stored.push(message);
  }
  return stored;
}

/** Resumes after an event that the stream's subscription heard a while ago, and reads until nothing more comes. */
async function readEvents(
  scene: Scene,
  { resumable: after, lastHeard, options }: EventListener,
  place: Place,
): Promise<void> {
  if (after === undefined) return;
  const { recorder } = scene;
  const reader = `events of ${options.account.label} at ${place}`;
  recorder.note({ type: "reader", reader, log: "events", of: options.account.label, place, after });
  await using stream = openEvents(scene, options.account, place, after);
  if (after !== lastHeard) {
    await stream
      .awaitEvent("the last event again", ({ id }) => id === lastHeard, answerDeadlineMs)
      .catch((error: unknown) => {
        // Not every place has it: then its log ends where it ends, and the checkers compare.
        if (!(error instanceof TimeoutError) && !(error instanceof TargetError)) throw error;
      });
  }
  for (const item of stream.events) {
    const text = messageTextIn(scene, item);
    const message = text === undefined ? undefined : recorder.markerIn(text);
    if (text !== undefined && message !== undefined) {
      recorder.note({
        type: "read",
        reader,
        message,
        hash: hashOf(text),
        ...(item.id === undefined ? {} : { event: item.id }),
      });
    }
  }
}

/**
 * The broker's log, where the target has one that we may read. A record's form is the target's own: the marker in it is
 * enough. A request that hung in a fault may be stored as late as the histories were read: what they have and the topic
 * has not yet is waited for.
 */
async function readTopic(
  { recorder, kafka }: Scene,
  rooms: readonly Room[],
  stored: ReadonlySet<string>,
): Promise<void> {
  if (kafka === undefined) return;
  const read = (): ReturnType<typeof readTopics> => readTopics(kafka.brokers, [`${kafka.topicPrefix}.messages`]);
  const lacks = (list: Awaited<ReturnType<typeof read>>): boolean => {
    const there = new Set(list.map(({ value }) => recorder.markerIn(value)));
    return [...stored].some((message) => !there.has(message));
  };
  const untilMs = performance.now() + publishedWithinMs;
  let records = await read();
  while (lacks(records) && performance.now() < untilMs) {
    await wait(askAgainMs);
    records = await read();
  }
  // Somebody else's topic may have keys of another kind: then it says nothing about the rooms.
  if (
    !records.some(
      ({ key, value }) => rooms.some(({ channel }) => channel.id === key) && recorder.markerIn(value) !== undefined,
    )
  )
    return;
  for (const room of rooms) {
    const reader = `topic of ${room.name}`;
    recorder.note({ type: "reader", reader, log: "topic", of: room.name, place: "kafka" });
    for (const { key, value } of records) {
      if (key !== room.channel.id) continue;
      const message = recorder.markerIn(value);
      if (message !== undefined) recorder.note({ type: "read", reader, message, ...eventOf(value) });
    }
  }
}

/** The event id of a record, if it is one of ours. */
function eventOf(record: string): { event?: string } {
  try {
    const { id } = JSON.parse(record) as { id?: unknown };
    return typeof id === "string" ? { event: id } : {};
  } catch {
    return {};
  }
}
