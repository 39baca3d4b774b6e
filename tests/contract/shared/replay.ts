// Proofs of contract/shared/replay.ts. The events are those of private channels: no admin is needed, and only their
// participants hear them. What was replayed is told by the channels that it is about: ids, names and data are the
// subject of one clause alone. Terms: log – the events about the proof's own channels that a stream read, in order;
// cut – closing a stream after a known event; told – the numbers of these channels, in the order of a log.

import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { replayGapEvent } from "../../../systems/discodeit/wire.ts";
import type { replay as area } from "../../../contract/shared/replay.ts";
import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import { TimeoutError } from "../../../drivers/errors.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, jsonIn, readJson, type Proofs } from "../../../runner/proof.ts";
import { unknownId } from "./sse.ts";
import type { Channel, Where } from "../../../runner/rooms.ts";
import { hearingOf, own, rely, step } from "../../../runner/steps.ts";
import type { EventKey, EventsOptions, World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";

/** Makes `count` events of which two hear, one after the other: those of private channels, where there are such. */
export async function makeEvents(
  world: World,
  maker: Account,
  other: Account,
  count: number,
  instance: Where = 0,
): Promise<EventKey[]> {
  const keys: EventKey[] = [];
  for (let index = 0; index < count; index++) keys.push(await world.causeEvent(maker, other, instance));
  return keys;
}

/** The events of a stream that are about these channels' creation, in order; by any name where none has the right one. */
export function logOf(world: World, stream: EventStream, channels: readonly EventKey[]): SseEvent[] {
  const name = world.eventName(world.probeKind);
  const isAbout = (event: SseEvent, { id }: EventKey): boolean => world.tellsOf(event, world.probeKind, id);
  const nameless = channels.filter(
    (channel) => !stream.events.some((event) => event.name === name && isAbout(event, channel)),
  );
  return stream.events.filter((event) =>
    (event.name === name ? channels : nameless).some((channel) => isAbout(event, channel)),
  );
}

/** Which of these channels a stream told of, in its order, as numbers from 1. */
export const toldOf = (world: World, stream: EventStream, channels: readonly EventKey[]): number[] =>
  logOf(world, stream, channels).map(
    (event) => 1 + channels.findIndex(({ id }) => world.tellsOf(event, world.probeKind, id)),
  );

const words = (told: readonly number[]): string => (told.length === 0 ? "nothing" : told.join(", "));

/** Reads a stream until it heard of this channel. */
export async function readUntil(world: World, stream: EventStream, channel: EventKey): Promise<void> {
  await world.awaitEvent(stream, world.probeKind, channel.id, { deadlineMs: 2 * world.deadlineMs });
}

/** Reads a stream until it heard of all these channels: not every server tells one after the other. */
export async function readAll(world: World, stream: EventStream, channels: readonly EventKey[]): Promise<void> {
  await Promise.all(channels.map((channel) => readUntil(world, stream, channel)));
}

/** What is owed has its time; whether it came is judged afterwards. */
export async function giveTime(world: World, stream: EventStream, channels: readonly EventKey[]): Promise<void> {
  const isTold = async ({ id }: EventKey): Promise<unknown> =>
    await stream.awaitEvent(
      `an event about ${id}`,
      (event) => world.tellsOf(event, world.probeKind, id),
      world.deadlineMs,
    );
  await Promise.all(channels.map(isTold)).catch((error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error;
  });
}

/** The id of the event about a channel, to resume from. */
export function idOf(world: World, stream: EventStream, channel: EventKey): string {
  const id = logOf(world, stream, [channel])[0]?.id;
  rely("read an event's id", id !== undefined && id !== "", "a stream cannot be resumed: its events carry no id");
  return id;
}

interface Cut {
  alice: Account;
  bob: Account;
  channels: EventKey[];
  /** What a stream that was never cut read of them. */
  reference: EventStream;
  /** The id of the event after which the stream was cut. */
  lastId: string;
}

/** Alice reads two events, is cut, and misses three; a reference stream of hers reads all five. */
async function cutAfterTwo(world: World): Promise<Cut> {
  const [alice, bob] = await world.accounts(2);
  const [reference, stream] = await Promise.all([world.events(alice), world.events(alice)]);
  const before = await makeEvents(world, alice, bob, 2);
  await Promise.all([reference, stream].map((item) => readAll(world, item, before)));
  const lastId = idOf(world, stream, before[1]!);
  stream.close();
  await stream.closed;
  const channels = [...before, ...(await makeEvents(world, alice, bob, 3))];
  await readAll(world, reference, channels);
  return { alice, bob, channels, reference, lastId };
}

interface Resumed {
  stream: EventStream;
  /** Of the cut's channels. */
  told: number[];
  fence: EventKey;
}

/** Resumes after `lastId`, with one more event as the fence. */
async function resume(world: World, cut: Cut, options: EventsOptions = {}): Promise<Resumed> {
  return await step("resume a stream", async () => {
    const stream = await own("open an event stream", () =>
      world.events(cut.alice, { lastEventId: cut.lastId, ...options }),
    );
    return await readResumed(world, cut, stream, cut.channels.slice(2), options.instance);
  });
}

async function readResumed(
  world: World,
  cut: Cut,
  stream: EventStream,
  owed: readonly EventKey[],
  instance: Where = 0,
): Promise<Resumed> {
  await giveTime(world, stream, owed);
  const [fence] = await makeEvents(world, cut.alice, cut.bob, 1, instance);
  await own("hear an event", () => readUntil(world, stream, fence!));
  await world.settle();
  return { stream, told: toldOf(world, stream, cut.channels), fence: fence! };
}

/** Where our own stream is not replayed what it missed, no other client's is. */
export async function relyOnReplay(world: World): Promise<void> {
  const cut = await cutAfterTwo(world);
  relyOnResuming(world, cut, (await resume(world, cut)).told);
}

/** In the order in which they were made, or in the one in which the uncut stream read them. */
function isMissing(world: World, cut: Cut, told: readonly number[], from = 2): boolean {
  const made = cut.channels.map((_, at) => at + 1);
  const read = toldOf(world, cut.reference, cut.channels);
  return [made, read].some((order) => order.filter((number) => number > from).join() === told.join());
}

/** Where resuming is wrong at all, it is for one clause to say. */
function relyOnResuming(world: World, cut: Cut, told: readonly number[]): void {
  rely("resume a stream", isMissing(world, cut, told), `after event 2 of 5 was replayed: ${words(told)}`);
}

/** What a browser sends is read at all: else it is one clause's to say. */
export async function relyOnTheHeader(world: World): Promise<void> {
  const cut = await cutAfterTwo(world);
  const { told } = await resume(world, cut, { via: "header" });
  rely(
    "resume by the header",
    told.some((number) => number > 2),
    "nothing is replayed",
  );
}

/** Which of five events a user is replayed that had no stream while 3, 4 and 5 were made. */
async function toldAfterAReload(world: World): Promise<readonly number[]> {
  const [alice, bob] = await world.accounts(2);
  const [tab, reference] = await Promise.all([world.events(alice), world.events(bob)]);
  const before = await makeEvents(world, bob, alice, 2);
  await Promise.all([tab, reference].map((stream) => readAll(world, stream, before)));
  const lastId = idOf(world, tab, before[1]!);
  tab.close();
  await tab.closed;
  const channels = [...before, ...(await makeEvents(world, bob, alice, 3))];
  await readAll(world, reference, channels);
  const cut: Cut = { alice, bob, channels, reference, lastId };
  return (await resume(world, cut)).told;
}

/** What came twice, or late, is about the seam. */
const isAllMissed = (told: readonly number[]): boolean => [3, 4, 5].every((number) => told.includes(number));

/** Who has no stream meanwhile is replayed what it missed, too. */
export async function relyOnAReload(world: World): Promise<void> {
  const told = await toldAfterAReload(world);
  rely("resume the only stream", isAllMissed(told), `of the events 3, 4, 5 were replayed: ${words(told)}`);
}

/**
 * Resumes with an id that names nothing the caller may read: nothing old, `replay.gap` says so, and its id is a cursor
 * that works.
 */
async function gapIsTold(world: World, lastEventId: string, what: string, cut: Cut): Promise<void> {
  const stream = await own("open an event stream", () => world.events(cut.alice, { lastEventId }));
  const { told, fence } = await readResumed(world, cut, stream, []);
  claim(told.length === 0, () => `${what} replays old events (${words(told)})`, diagnoses.replaysEverything);
  const gap = stream.events.find(({ name }) => name === replayGapEvent);
  if (gap === undefined) {
    const known = await cutAfterTwo(world); // where no id is read at all, none is unknown
    relyOnResuming(world, known, (await resume(world, known)).told);
  }
  claim(
    gap !== undefined,
    `${what} is not told: no ${replayGapEvent} came, and the client believes that it missed nothing`,
  );
  readJson(gap.data, z.object({ reason: z.literal("unknown") }), `the data of ${replayGapEvent}`);
  claim(gap.id !== undefined, `${replayGapEvent} has no id to go on from`);
  const again = await world.events(cut.alice, { lastEventId: gap.id });
  await own("hear an event", () => readUntil(world, again, fence));
  claim(!again.events.some(({ name }) => name === replayGapEvent), `the id of ${replayGapEvent} is itself unknown`);
}

export const replay: Proofs<typeof area> = {
  "replay.exactly-the-missing": async (world) => {
    const cut = await cutAfterTwo(world);
    const { told } = await resume(world, cut);
    claim(told.length > 0, "nothing was replayed");
    claim(
      isMissing(world, cut, told),
      () => `after event 2 of 5 was replayed: ${words(told)}; not 3, 4, 5, once each and in order`,
    );
  },

  "replay.after-a-reload": async (world) => {
    const told = await toldAfterAReload(world);
    if (isAllMissed(told)) return;
    const other = await cutAfterTwo(world);
    relyOnResuming(world, other, (await resume(world, other)).told);
    claim(
      false,
      `after its only stream was closed, a user was replayed ${words(told)} of the events 3, 4, 5; ` +
        "with another stream of its own open, all of them",
    );
  },

  "replay.same-events": async (world) => {
    const cut = await cutAfterTwo(world);
    const { stream } = await resume(world, cut);
    for (const channel of cut.channels.slice(2)) {
      const live = logOf(world, cut.reference, [channel])[0]!;
      const again = logOf(world, stream, [channel])[0];
      rely("resume a stream", again !== undefined, `the event about channel ${channel.id} was not replayed`);
      claim(
        again.id === live.id,
        `an event had the id ${live.id ?? "none"} live and has ${again.id ?? "none"} replayed`,
      );
      claim(again.name === live.name, `an event was called ${live.name} live and is called ${again.name} replayed`);
      claim(
        isDeepStrictEqual(jsonIn(again.data), jsonIn(live.data)),
        () => `an event has other data when it is replayed: ${again.data}, live ${live.data}`,
      );
    }
  },

  "replay.before-live": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const reference = await world.events(alice);
    const channels = await makeEvents(world, alice, bob, 3);
    await readAll(world, reference, channels);
    const lastEventId = idOf(world, reference, channels[0]!);
    // Resume again and again while events are made: the seam is somewhere among them.
    const publishing = makeEvents(world, bob, alice, 12);
    publishing.catch(() => undefined); // awaited below, unless something else fails before
    const streams: EventStream[] = [];
    for (let index = 0; index < 6; index++)
      streams.push(
        await step("resume a stream", () => own("open an event stream", () => world.events(alice, { lastEventId }))),
      );
    channels.push(...(await publishing));
    await readAll(world, reference, channels);
    for (const stream of streams) await giveTime(world, stream, channels.slice(1));
    await world.settle();
    const live = toldOf(world, reference, channels).slice(1);
    for (const stream of streams) {
      // Where replay begins is another clause's question.
      const told = toldOf(world, stream, channels).filter((number) => number > 1);
      rely("resume a stream", told.includes(2) && told.includes(3), `after event 1 of 3 was replayed: ${words(told)}`);
      claim(
        told.toSorted(byNumber).join() === live.toSorted(byNumber).join(),
        () =>
          `at the seam of replay and live events were lost or doubled: ${words(told)} came, live were ${words(live)}`,
      );
      // Where live events themselves come in no order, there is none to keep.
      claim(
        told.join() === live.join() || live.join() !== live.toSorted(byNumber).join(),
        () => `replay and live are mixed up: ${words(told)} came`,
      );
    }
  },

  "replay.every-cut-point": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const reference = await world.events(alice);
    const channels = await makeEvents(world, alice, bob, 8);
    await readAll(world, reference, channels);
    const ids = channels.map((channel) => idOf(world, reference, channel));
    const read = toldOf(world, reference, channels);
    const publishing = makeEvents(world, alice, bob, 6);
    publishing.catch(() => undefined); // as above
    const resumed = await step("resume a stream", () =>
      Promise.all(ids.map((lastEventId) => own("open an event stream", () => world.events(alice, { lastEventId })))),
    );
    channels.push(...(await publishing));
    await readAll(world, reference, channels);
    for (const [at, stream] of resumed.entries()) await giveTime(world, stream, channels.slice(at + 1));
    await world.settle();
    const full = toldOf(world, reference, channels);
    const wholes = resumed.map((stream, at) => {
      const before = read.slice(0, read.indexOf(at + 1) + 1);
      return [...before, ...toldOf(world, stream, channels)];
    });
    const isWhole = (whole: readonly number[]): boolean =>
      whole.toSorted(byNumber).join() === full.toSorted(byNumber).join();
    const at = wholes.findIndex((whole) => !isWhole(whole));
    if (at < 0) return;
    const wrong = `cut after event ${at + 1} of 8, then 14 in all: ${words(wholes[at]!)}`;
    // Of the first eight all but the last cut missed some: where none of these got them, nothing is resumed at all.
    const eight = (whole: readonly number[]): string =>
      whole
        .filter((number) => number <= 8)
        .toSorted(byNumber)
        .join();
    const isResumed = wholes.slice(0, -1).some((whole) => eight(whole) === eight(full));
    rely("resume a stream", isResumed, `no cut point is right; ${wrong}`);
    claim(false, `what was read before plus what came after differs from the log: ${wrong}`);
  },

  "replay.none-without-id": async (world) => {
    const cut = await cutAfterTwo(world);
    const { told } = await readResumed(world, cut, await world.events(cut.alice), []);
    claim(
      told.length === 0,
      () => `a stream opened without an id replays old events (${words(told)})`,
      diagnoses.replaysEverything,
    );
  },

  "replay.only-mine": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [reference, receiver] = await Promise.all([world.events(alice), world.events(bob)]);
    const [first] = await makeEvents(world, alice, bob, 1);
    await readUntil(world, reference, first!);
    const lastEventId = idOf(world, reference, first!);
    const theirs = await makeEvents(world, carol, bob, 3);
    await readAll(world, receiver, theirs);
    const notified = await isNotified(world, carol, theirs[0] as Channel, receiver);
    const [mine] = await makeEvents(world, alice, bob, 1);
    await readUntil(world, reference, mine!);
    const stream = await step("resume a stream", async () => {
      const opened = await own("open an event stream", () => world.events(alice, { lastEventId }));
      await own("hear an event", () => readUntil(world, opened, mine!));
      return opened;
    });
    await world.settle();
    claim(
      notified === undefined || !stream.events.some(({ data }) => holds(data, notified)),
      "replay holds another user's notification",
      diagnoses.replayOfOthers,
    );
    if (logOf(world, stream, theirs).length === 0) return;
    const isLive = logOf(world, reference, theirs).length > 0;
    rely("tell participants alone", !isLive, "others' private channels are told live already");
    claim(false, "replay holds events of private channels of others", diagnoses.replayOfOthers);
  },

  "replay.by-header": async (world) => {
    const cut = await cutAfterTwo(world);
    const { told } = await resume(world, cut, { via: "header" });
    if (told.some((number) => number > 2)) return;
    relyOnResuming(world, cut, (await resume(world, cut)).told);
    claim(
      false,
      "with Last-Event-ID alone nothing was replayed, with other ways beside it what was missed",
      diagnoses.idIgnored,
    );
  },

  "replay.by-query": async (world) => {
    const cut = await cutAfterTwo(world);
    const ways = world.system.events?.lastId?.query ?? [];
    const read: string[] = [];
    for (const via of ways) if ((await resume(world, cut, { via })).told.some((number) => number > 2)) read.push(via);
    if (read.length === ways.length) return;
    relyOnResuming(world, cut, (await resume(world, cut)).told);
    const ignored = ways.filter((way) => !read.includes(way)).join(" nor ");
    claim(false, read.length > 0 ? `the query ${read[0]} is read, ${ignored} is not` : `neither ${ignored} is read`);
  },

  "replay.header-wins": async (world) => {
    const cut = await cutAfterTwo(world);
    const [byQuery, byHeader] = [0, 3].map((at) => idOf(world, cut.reference, cut.channels[at]!)) as [string, string];
    const resumeAt = async (path: string): Promise<number[]> => {
      const stream = await own("open an event stream", () =>
        world.eventsAt(path, cut.alice, { "Last-Event-ID": byHeader }),
      );
      return (await readResumed(world, cut, stream, cut.channels.slice(4))).told;
    };
    const { url } = world.system.events!;
    const told = await resumeAt(`${url}?${new URLSearchParams({ lastEventId: byQuery })}`);
    if (isMissing(world, cut, told, 4)) return;
    const alone = await resumeAt(url);
    const isRead = alone.some((number) => number > 2);
    rely(
      isRead ? "resume a stream" : "resume by the header",
      isMissing(world, cut, alone, 4),
      `after event 4 of 5 was replayed: ${words(alone)}`,
    );
    claim(
      false,
      isMissing(world, cut, told, 1)
        ? "the query won over the header Last-Event-ID"
        : `the header said event 4, the query event 1; replayed was: ${words(told)}`,
    );
  },

  "replay.unknown-id-is-reported": async (world) => {
    await gapIsTold(world, unknownId, "an unknown id", await cutAfterTwo(world));
  },

  "replay.malformed-id-is-reported": async (world) => {
    const cut = await cutAfterTwo(world);
    // The last one is sent three times in one request, and has to stay below what servers read of a head.
    for (const id of ["no-uuid", "'; DROP TABLE events; --", "0".repeat(1_500)])
      await gapIsTold(world, id, `the malformed id ${JSON.stringify(id.slice(0, 30))}`, cut);
  },

  "replay.foreign-id-is-reported": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [spy, mine] = await Promise.all([world.events(carol), world.events(alice)]);
    const [theirs] = await makeEvents(world, carol, bob, 1);
    await readUntil(world, spy, theirs!);
    const channels = await makeEvents(world, alice, bob, 2);
    await readAll(world, mine, channels);
    const foreign = idOf(world, spy, theirs!);
    rely(
      "tell participants alone",
      logOf(world, mine, [theirs!]).length === 0,
      "the event of another's private channel was told to all",
    );
    const cut: Cut = { alice, bob, channels, reference: mine, lastId: foreign };
    await gapIsTold(world, foreign, "the id of an event that the caller may not read", cut);
  },

  "replay.from-the-first-ping": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const reference = await world.events(alice);
    const made = await makeEvents(world, alice, bob, 1);
    await readAll(world, reference, made);
    const stream = await world.events(alice);
    const cursor = stream.events[0]?.id;
    rely("read a cursor from ping", cursor !== undefined, "the first event of a fresh stream has no id");
    stream.close();
    await stream.closed;
    const channels = await makeEvents(world, alice, bob, 3);
    await readAll(world, reference, channels);
    const cut: Cut = { alice, bob, channels, reference, lastId: cursor };
    const resumed = await own("open an event stream", () => world.events(alice, { lastEventId: cursor }));
    const { told } = await readResumed(world, cut, resumed, channels);
    claim(
      isMissing(world, cut, told, 0),
      () => `a stream that dropped before its first event was replayed ${words(told)} of 1, 2, 3`,
    );
  },

  "replay.own-cursor-per-tab": async (world) => {
    const cut = await cutAfterTwo(world);
    const tab = await world.events(cut.alice);
    await world.settle();
    const before = toldOf(world, tab, cut.channels).length;
    const { fence } = await resume(world, cut);
    await readUntil(world, tab, fence);
    await world.settle();
    claim(
      toldOf(world, tab, [...cut.channels, fence]).length === before + 1,
      "another tab's resume was replayed on this one",
    );
  },

  "replay.twice-from-one-id": async (world) => {
    const cut = await cutAfterTwo(world);
    // The control: the first to resume gets what it missed.
    relyOnResuming(world, cut, (await resume(world, cut)).told);
    const streams = await Promise.all(
      [1, 2].map(() => own("open an event stream", () => world.events(cut.alice, { lastEventId: cut.lastId }))),
    );
    await Promise.all(streams.map((stream) => giveTime(world, stream, cut.channels.slice(2))));
    const [fence] = await makeEvents(world, cut.alice, cut.bob, 1);
    await Promise.all(streams.map((stream) => own("hear an event", () => readUntil(world, stream, fence!))));
    await world.settle();
    const both = streams.map((stream) => toldOf(world, stream, cut.channels));
    claim(
      both.every((told) => isMissing(world, cut, told)),
      () => `of two streams that resumed from one id, one was replayed ${both.map(words).join(", the other ")}`,
    );
  },

  "replay.rights-of-now": async (world) => {
    // A notification of a message outlives the channel, and may.
    const isOfChannel = world.probeKind === "channelCreated";
    rely(hearingOf("channelCreated"), isOfChannel, "nobody hears of a new channel, so nothing of it can be replayed");
    const cut = await cutAfterTwo(world);
    const doomed = logOf(world, cut.reference, [cut.channels[3]!])[0]!;
    await world.deleteChannel(cut.channels[3] as Channel);
    const { stream, told } = await resume(world, cut);
    rely("resume a stream", told.includes(3) && told.includes(5), `after event 2 of 5 was replayed: ${words(told)}`);
    // In revision 1 creation and deletion have one name: their ids tell them apart.
    claim(
      !stream.events.some(({ id }) => id !== undefined && id === doomed.id),
      "the creation of a private channel that is gone is replayed",
    );
  },
};

const byNumber = (one: number, other: number): number => one - other;

/** Posts to `channel`; the text by which `receiver` is notified of it, undefined where nobody is in time. */
async function isNotified(
  world: World,
  author: Account,
  channel: Channel,
  receiver: EventStream,
): Promise<string | undefined> {
  const marker = world.marker("notified");
  await world.post(author, channel, marker);
  try {
    await world.awaitEvent(receiver, "notificationCreated", marker);
    return marker;
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    return undefined;
  }
}
