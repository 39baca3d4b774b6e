// Proofs of contract/shared/replay.ts. The events are those of private channels: no admin is needed, and only their
// participants hear them. Terms: log – the events about the proof's own channels that a stream read, in order; cut –
// closing a stream after a known event.

import { z } from "zod";
import { replayGapEvent } from "../../../systems/discodeit/wire.ts";
import type { replay as area } from "../../../contract/shared/replay.ts";
import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, readJson, type Proofs } from "../../../runner/proof.ts";
import { hearChannelEvent } from "./sse.ts";
import type { Channel, Where } from "../../../runner/rooms.ts";
import type { EventsOptions, World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";

/** Makes `count` channels of two members, one after the other, and so as many events. */
export async function makeEvents(
  world: World,
  maker: Account,
  other: Account,
  count: number,
  instance: Where = 0,
): Promise<Channel[]> {
  const channels: Channel[] = [];
  for (let index = 0; index < count; index++) {
    const dto = await world.system.privateChannel(world.rest(maker, instance), [maker.id, other.id]);
    channels.push(world.keep(dto.id, maker));
  }
  return channels;
}

/** The events of a stream that are about these channels' creation, in order. */
export function logOf(world: World, stream: EventStream, channels: readonly Channel[]): SseEvent[] {
  const name = world.eventName("channelCreated");
  return stream.events.filter((event) => event.name === name && channels.some(({ id }) => holds(event.data, id)));
}

const idsOf = (events: readonly SseEvent[]): string => events.map(({ id }) => id ?? "–").join(" ");

/** Reads a stream until it heard of the last of these channels. */
export async function readUntil(world: World, stream: EventStream, channel: Channel): Promise<void> {
  await hearChannelEvent(world, stream, "channelCreated", channel.id, 2 * world.deadlineMs);
}

interface Cut {
  alice: Account;
  bob: Account;
  channels: Channel[];
  /** What a stream that was never cut read. */
  log: SseEvent[];
  /** The id of the event after which the stream was cut. */
  lastId: string;
}

/** Alice reads two events, is cut, and misses three; a reference stream of hers reads all five. */
async function cutAfterTwo(world: World): Promise<Cut> {
  const [alice, bob] = await world.accounts(2);
  const [reference, stream] = await Promise.all([world.events(alice), world.events(alice)]);
  const before = await makeEvents(world, alice, bob, 2);
  await readUntil(world, stream, before[1]!);
  stream.close();
  await stream.closed;
  const channels = [...before, ...(await makeEvents(world, alice, bob, 3))];
  await readUntil(world, reference, channels.at(-1)!);
  const log = logOf(world, reference, channels);
  claim(log.length === 5, `a stream that was never cut heard ${log.length} of 5 events`);
  const lastId = log[1]!.id;
  claim(lastId !== undefined, "events carry no id: a stream cannot be resumed");
  return { alice, bob, channels, log, lastId };
}

/**
 * Resumes after `lastId`, makes one more event as the fence, and gives what came about `channels` before and including
 * it.
 */
async function resume(
  world: World,
  cut: Cut,
  options: EventsOptions = {},
): Promise<{ stream: EventStream; log: SseEvent[]; fence: Channel }> {
  const stream = await world.events(cut.alice, { lastEventId: cut.lastId, ...options });
  const [fence] = await makeEvents(world, cut.alice, cut.bob, 1, options.instance);
  await readUntil(world, stream, fence!);
  await world.settle();
  return { stream, log: logOf(world, stream, [...cut.channels, fence!]), fence: fence! };
}

async function exactlyTheMissing(world: World, options: EventsOptions, diagnosis?: string): Promise<void> {
  const cut = await cutAfterTwo(world);
  const { log } = await resume(world, cut, options);
  const missing = cut.log.slice(2);
  claim(log.length > 1, "nothing was replayed", diagnosis);
  claim(
    idsOf(log.slice(0, -1)) === idsOf(missing),
    `replayed were ${log.length - 1} events instead of the ${missing.length} missing ones, once each and in order`,
  );
}

/**
 * Resumes with an id that names nothing the caller may read: nothing old, `replay.gap` says so, and its id is a cursor
 * that works.
 */
async function gapIsTold(world: World, lastEventId: string, what: string, cut: Cut): Promise<void> {
  const stream = await world.events(cut.alice, { lastEventId, via: "header" });
  const [fence] = await makeEvents(world, cut.alice, cut.bob, 1);
  await readUntil(world, stream, fence!);
  claim(logOf(world, stream, cut.channels).length === 0, `${what} replays old events`, diagnoses.replaysEverything);
  const gap = stream.events.find(({ name }) => name === replayGapEvent);
  claim(
    gap !== undefined,
    `${what} is not told: no ${replayGapEvent} came, and the client believes that it missed nothing`,
  );
  readJson(gap.data, z.object({ reason: z.literal("unknown") }), `the data of ${replayGapEvent}`);
  claim(gap.id !== undefined, `${replayGapEvent} has no id to go on from`);
  const again = await world.events(cut.alice, { lastEventId: gap.id, via: "header" });
  await readUntil(world, again, fence!);
  claim(!again.events.some(({ name }) => name === replayGapEvent), `the id of ${replayGapEvent} is itself unknown`);
}

export const replay: Proofs<typeof area> = {
  "replay.exactly-the-missing": (world) => exactlyTheMissing(world, {}, diagnoses.idIgnored),

  "replay.same-events": async (world) => {
    const cut = await cutAfterTwo(world);
    const { log } = await resume(world, cut);
    for (const live of cut.log.slice(2)) {
      const again = log.find(({ data }) => data === live.data);
      claim(
        again !== undefined && again.id === live.id && again.name === live.name,
        () => `a replayed event differs from the live one: live ${live.name} ${live.id} ${live.data}`,
      );
    }
  },

  "replay.before-live": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const reference = await world.events(alice);
    const channels = await makeEvents(world, alice, bob, 3);
    await readUntil(world, reference, channels[2]!);
    const lastId = logOf(world, reference, channels)[0]!.id!;
    // Resume again and again while events are made: the seam is somewhere among them.
    const publishing = makeEvents(world, bob, alice, 12);
    const streams: EventStream[] = [];
    for (let index = 0; index < 6; index++) streams.push(await world.events(alice, { lastEventId: lastId }));
    channels.push(...(await publishing));
    await Promise.all([reference, ...streams].map((stream) => readUntil(world, stream, channels.at(-1)!)));
    const expected = idsOf(logOf(world, reference, channels).slice(1));
    for (const stream of streams)
      claim(
        idsOf(logOf(world, stream, channels)) === expected,
        "at the seam of replay and live an event was lost, doubled or moved",
      );
  },

  "replay.every-cut-point": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const reference = await world.events(alice);
    const channels = await makeEvents(world, alice, bob, 8);
    await readUntil(world, reference, channels.at(-1)!);
    const log = logOf(world, reference, channels);
    const publishing = makeEvents(world, alice, bob, 6);
    const resumed = await Promise.all(log.map(({ id }) => world.events(alice, { lastEventId: id! })));
    channels.push(...(await publishing));
    await Promise.all([reference, ...resumed].map((stream) => readUntil(world, stream, channels.at(-1)!)));
    const full = logOf(world, reference, channels);
    for (const [at, stream] of resumed.entries()) {
      const whole = [...full.slice(0, at + 1), ...logOf(world, stream, channels)];
      claim(
        idsOf(whole) === idsOf(full),
        `cut after event ${at + 1}: what was read before plus what came after differs from the log`,
      );
    }
  },

  "replay.none-without-id": async (world) => {
    const cut = await cutAfterTwo(world);
    const stream = await world.events(cut.alice);
    const [fence] = await makeEvents(world, cut.alice, cut.bob, 1);
    await readUntil(world, stream, fence!);
    await world.settle();
    claim(
      logOf(world, stream, cut.channels).length === 0,
      "a stream opened without an id replays old events",
      diagnoses.replaysEverything,
    );
  },

  "replay.only-mine": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const reference = await world.events(alice);
    const [first] = await makeEvents(world, alice, bob, 1);
    await readUntil(world, reference, first!);
    const lastId = logOf(world, reference, [first!])[0]!.id!;
    const theirs = await makeEvents(world, carol, bob, 3);
    const [mine] = await makeEvents(world, alice, bob, 1);
    const stream = await world.events(alice, { lastEventId: lastId });
    await readUntil(world, stream, mine!);
    await world.settle();
    claim(
      logOf(world, stream, theirs).length === 0,
      "replay holds events of private channels of others",
      diagnoses.privateLeak,
    );
  },

  "replay.by-header": (world) => exactlyTheMissing(world, { via: "header" }, diagnoses.idIgnored),

  "replay.by-query": async (world) => {
    for (const via of ["lastEventId", "LastEventId"] as const) await exactlyTheMissing(world, { via });
  },

  "replay.header-wins": async (world) => {
    const cut = await cutAfterTwo(world);
    const query = new URLSearchParams({ lastEventId: cut.log[0]!.id! });
    const stream = await world.eventsAt(`/api/sse?${query}`, cut.alice, { "Last-Event-ID": cut.log[3]!.id! });
    const [fence] = await makeEvents(world, cut.alice, cut.bob, 1);
    await readUntil(world, stream, fence!);
    await world.settle();
    claim(
      idsOf(logOf(world, stream, cut.channels)) === idsOf(cut.log.slice(4)),
      "the query won over the header Last-Event-ID",
    );
  },

  "replay.unknown-id-is-told": async (world) => {
    const cut = await cutAfterTwo(world);
    await gapIsTold(world, "01890000-0000-7000-8000-000000000000", "an unknown id", cut);
  },

  "replay.malformed-id-is-told": async (world) => {
    const cut = await cutAfterTwo(world);
    for (const id of ["no-uuid", "'; DROP TABLE events; --", "0".repeat(2_000)])
      await gapIsTold(world, id, `the malformed id ${JSON.stringify(id.slice(0, 30))}`, cut);
  },

  "replay.foreign-id-is-told": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [spy, mine] = await Promise.all([world.events(carol), world.events(alice)]);
    const [theirs] = await makeEvents(world, carol, bob, 1);
    await readUntil(world, spy, theirs!);
    const channels = await makeEvents(world, alice, bob, 2);
    await readUntil(world, mine, channels[1]!);
    const foreign = logOf(world, spy, [theirs!])[0]!.id!;
    await gapIsTold(world, foreign, "the id of an event that the caller may not read", {
      alice,
      bob,
      channels,
      log: logOf(world, mine, channels),
      lastId: foreign,
    });
  },

  "replay.from-the-first-ping": async (world) => {
    const [alice, bob] = await world.accounts(2);
    await makeEvents(world, alice, bob, 1);
    const stream = await world.events(alice);
    const cursor = stream.events[0]?.id;
    claim(cursor !== undefined, "the first event of a fresh stream has no id to resume from");
    stream.close();
    await stream.closed;
    const channels = await makeEvents(world, alice, bob, 3);
    const resumed = await world.events(alice, { lastEventId: cursor });
    await readUntil(world, resumed, channels[2]!);
    await world.settle();
    claim(
      logOf(world, resumed, channels).length === 3,
      "a stream that dropped before its first event missed something",
    );
  },

  "replay.own-cursor-per-tab": async (world) => {
    const cut = await cutAfterTwo(world);
    const tab = await world.events(cut.alice);
    const { fence } = await resume(world, cut);
    await readUntil(world, tab, fence);
    await world.settle();
    claim(logOf(world, tab, [...cut.channels, fence]).length === 1, "another tab's resume was replayed on this one");
  },

  "replay.twice-from-one-id": async (world) => {
    const cut = await cutAfterTwo(world);
    const streams = await Promise.all([
      world.events(cut.alice, { lastEventId: cut.lastId }),
      world.events(cut.alice, { lastEventId: cut.lastId }),
    ]);
    const [fence] = await makeEvents(world, cut.alice, cut.bob, 1);
    await Promise.all(streams.map((stream) => readUntil(world, stream, fence!)));
    const logs = streams.map((stream) => idsOf(logOf(world, stream, cut.channels)));
    claim(
      logs.every((log) => log === idsOf(cut.log.slice(2))),
      "two streams that resumed from one id got different replays",
    );
  },

  "replay.rights-of-now": async (world) => {
    const cut = await cutAfterTwo(world);
    const doomed = cut.channels[3]!;
    await world.deleteChannel(doomed);
    const { log } = await resume(world, cut);
    // In revision 1 creation and deletion have one name: the ids tell them apart.
    const ids = log.map(({ id }) => id);
    claim(!ids.includes(cut.log[3]!.id), "the creation of a private channel that is gone is replayed");
    claim(
      ids.includes(cut.log[2]!.id) && ids.includes(cut.log[4]!.id),
      "events that may still be read were not replayed",
    );
  },
};
