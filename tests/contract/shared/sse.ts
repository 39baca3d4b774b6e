// Proofs of contract/shared/sse.ts.

import { z } from "zod";
import { eventsPath, pingEvent, type EventKind } from "../../../systems/discodeit/wire.ts";
import { hearHere } from "../steps/crossing.ts";
import type { sse as area } from "../../../contract/shared/sse.ts";
import type { SseEvent, SseItem } from "../../../drivers/codecs/sse.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import type { EventStream, StreamHead } from "../../../drivers/sse.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, jsonIn, readJson, type Proofs } from "../../../runner/proof.ts";
import { anyMarker, type Channel } from "../../../runner/rooms.ts";
import { own, rely, type Step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";
import { discodeitOf, logInAgain, signUp } from "../steps/discodeit.ts";

/** The clause that owns a kind of event says whether it is called as in the contract; all others take it by any name. */
function claimName(world: World, kind: EventKind, { name }: SseEvent): void {
  const expected = world.nameInContract(kind);
  claim(
    name === expected,
    `the event came as ${JSON.stringify(name)} instead of ${JSON.stringify(expected)}`,
    diagnoses.eventName,
  );
}

/** Whether the head came within the deadline; a server that sends none before the first event is no refusal. */
export async function headOf(stream: EventStream, waitMs: number): Promise<StreamHead> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TimeoutError(`Cannot await the head of the event stream: none came within ${waitMs} ms`)),
      waitMs,
    );
  });
  try {
    return await Promise.race([stream.head, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A well-formed one that nobody gave to anything. */
export const unknownId = "01890000-0000-7000-8000-000000000000";

/** Its head, unless it is late; that a stream is refused is not for these proofs to say. */
async function headOfGood(world: World, stream: EventStream): Promise<StreamHead> {
  try {
    return await headOf(stream, world.deadlineMs);
  } catch (error) {
    if (error instanceof TargetError) error.step = "open an event stream" satisfies Step;
    throw error;
  }
}

/** Later than this, a head may be an event's doing. A server that is merely slow is late without one, too. */
const promptMs = 500;

/** Opens a stream and awaits its head. Whether the head came late, and with an event that somebody else caused. */
async function headCameWithAnEvent(world: World, account: Account): Promise<boolean> {
  const startMs = performance.now();
  const stream = world.openEvents(account);
  await headOfGood(world, stream);
  if (performance.now() - startMs < promptMs) return false;
  try {
    await stream.awaitEvent("what brought the head", ({ name }) => name !== pingEvent, 100);
    return true;
  } catch (error) {
    // That a stream ends at once is another clause's to say.
    if (!(error instanceof TimeoutError || error instanceof TargetError)) throw error;
    return false;
  } finally {
    stream.close();
  }
}

/** Whoever never answers refuses nobody either; a refusal that is merely late comes while it is waited for. */
async function refusedStream(world: World, stream: EventStream, what: string): Promise<void> {
  try {
    await headOf(stream, world.deadlineMs);
  } catch (error) {
    if (error instanceof TargetError) return;
    const missedMs = performance.now();
    const awaitLate = (limitMs: number): Promise<number | undefined> =>
      headOf(stream, limitMs).then(
        () => undefined,
        (late: unknown) => (late instanceof TargetError ? performance.now() - missedMs : undefined),
      );
    const because = `a stream ${what} was neither refused nor opened within ${world.deadlineMs} ms`;
    throw new TimeoutError(because, [], { cause: error, awaitLate });
  }
  claim(false, `a stream ${what} was opened`);
}

const channelData = z.looseObject({ id: z.string().optional(), channelId: z.string().optional() });

async function notToldOf(
  world: World,
  outsider: Account,
  stream: EventStream,
  channel: Channel,
  what: string,
): Promise<void> {
  // The control: the outsider hears of a channel of its own, made afterwards.
  const theirs = await world.privateChannel(outsider, channel.owner);
  await world.awaitEvent(stream, "channelCreated", theirs.id);
  await world.settle();
  claim(
    world.eventCount(stream, (event) => holds(event.data, channel.id)) === 0,
    `${what} was told to somebody who is no participant`,
    diagnoses.privateLeak,
  );
}

export const sse: Proofs<typeof area> = {
  "sse.needs-a-token": async (world) => {
    const [alice] = await world.accounts(1);
    await world.events(alice); // the control: with a good token there is a stream
    await refusedStream(world, world.openEvents(alice, { bearer: false }), "without a token");
    await refusedStream(world, world.openEvents(alice, { bearer: "garbage.garbage.garbage" }), "with a garbage token");
    await refusedStream(
      world,
      world.openEvents(alice, { bearer: `${alice.rest.accessToken!.slice(0, -4)}AAAA` }),
      "with a tampered token",
    );
  },

  "sse.content-type": async (world) => {
    const [alice] = await world.accounts(1);
    const stream = await world.events(alice);
    const { headers } = await stream.head;
    const type = headers["content-type"] ?? "";
    claim(/^text\/event-stream\s*(;\s*charset="?utf-8"?)?$/i.test(type), `content-type is ${JSON.stringify(type)}`);
  },

  "sse.head-at-once": async (world) => {
    const [alice] = await world.accounts(1);
    // Others cause events meanwhile. A stream that nobody tells anything shows whether the head waits for one.
    for (let streams = 0; streams < 5; streams++) if (!(await headCameWithAnEvent(world, alice))) break;
    try {
      await headOfGood(world, world.openEvents(alice, { lastEventId: unknownId }));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      claim(false, `of a stream opened with an unknown id: ${error.message}`);
    }
  },

  "sse.not-cached": async (world) => {
    const [alice] = await world.accounts(1);
    const stream = await world.events(alice);
    const control = (await stream.head).headers["cache-control"] ?? "";
    claim(/no-cache|no-store/.test(control), `Cache-Control is ${JSON.stringify(control)}`);
  },

  "sse.ping-first": async (world) => {
    const [alice] = await world.accounts(1);
    const stream = world.openEvents(alice);
    await headOfGood(world, stream).catch((error: unknown) => {
      if (!(error instanceof TimeoutError)) throw error;
    });
    const first = await stream.awaitEvent("the first event", () => true, Math.min(world.deadlineMs, 3_000));
    claim(first.name === pingEvent, `the first event is ${JSON.stringify(first.name)}, not ping`);
    claim(
      first.data !== undefined && first.data.trim() === "{}",
      `ping has data ${JSON.stringify(first.data)}, not {}: EventSource dispatches nothing without data`,
    );
  },

  "sse.ping-has-the-cursor": async (world) => {
    const [alice, bob] = await world.accounts(2);
    await world.privateChannel(alice, bob); // there is at least one event she may read
    const stream = await world.events(alice);
    const ping = stream.events[0];
    claim(
      ping?.id !== undefined,
      "ping on a fresh stream carries no id: a tab that drops before its first event cannot resume",
    );
    const channel = await world.privateChannel(alice, bob);
    await world.awaitEvent(stream, "channelCreated", channel.id);
    const resumed = await world.events(alice, { lastEventId: ping.id });
    await own("hear an event", () => world.awaitEvent(resumed, "channelCreated", channel.id));
    claim(
      resumed.events[0]?.name !== pingEvent || resumed.events[0].id === undefined,
      "ping on a resumed stream carries an id: the cursor would jump over what is replayed",
    );
  },

  "sse.events-have-ids": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const stream = await world.events(alice);
    const keys = [
      await world.causeEvent(alice, bob),
      await world.causeEvent(alice, bob),
      await world.causeEvent(alice, bob),
    ];
    for (const { id } of keys) await world.awaitEvent(stream, world.probeKind, id);
    const isOurs = (event: SseEvent): boolean => keys.some(({ id }) => world.tellsOf(event, world.probeKind, id));
    const told = stream.events.filter((event) => world.isOfTheTable(event) || isOurs(event));
    const nameless = told.find(({ id }) => id === undefined || id === "");
    claim(nameless === undefined, () => `an event without an id: ${nameless!.name}`);
    // The same event twice is another clause's; here one id names two events.
    const byId = new Map(told.map((event) => [event.id, event.data]));
    const twice = told.find(({ id, data }) => byId.get(id) !== data);
    claim(twice === undefined, () => `two events of one stream have the id ${twice!.id}`);
    for (const event of world.system.events?.data === "text" ? [] : told) {
      claim(event.dataLineCount === 1, `the data of ${event.name} has ${event.dataLineCount} lines`);
      claim(jsonIn(event.data) !== undefined, `the data of ${event.name} is no JSON`);
    }
  },

  "sse.ids-are-uuids": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const [one, two, other] = await Promise.all([world.events(alice), world.events(alice), world.events(bob)]);
    const channel = await world.privateChannel(alice, bob);
    const events = await Promise.all(
      [one, two, other].map((stream) => world.awaitEvent(stream, "channelCreated", channel.id)),
    );
    rely(
      "read an event's id",
      events.every(({ id }) => id !== undefined),
      `${world.eventName("channelCreated")} has none`,
    );
    const ids = new Set(events.map(({ id }) => id));
    claim(ids.size === 1, `one event has ${ids.size} ids on three streams`);
    const [id] = ids;
    claim(
      /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i.test(id ?? ""),
      `the id ${JSON.stringify(id)} is no UUID`,
    );
  },

  "sse.channel-created-to-participants": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const [one, other] = await Promise.all([world.events(alice), world.events(bob)]);
    const channel = await world.privateChannel(alice, bob);
    const hear = (): Promise<SseEvent[]> =>
      Promise.all([one, other].map((stream) => world.awaitEvent(stream, "channelCreated", channel.id)));
    const events = await hearHere(world, alice, hear, async () => {
      const again = await world.privateChannel(alice, bob);
      return ({ data }) => holds(data, again.id);
    });
    for (const event of events) {
      claimName(world, "channelCreated", event);
      const data = readJson(event.data, channelData, `the data of ${event.name}`);
      claim(
        (data.channelId ?? data.id) === channel.id,
        `the data of ${event.name} names ${data.channelId ?? data.id}, not the channel`,
      );
      if (discodeitOf(world).revision === 2)
        readJson(event.data, discodeitOf(world).schemas.channel, "a channel event's data");
    }
    await notDoubled(world, one, alice, bob, channel.id);
  },

  "sse.channel-created-to-nobody-else": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [insider, outsider] = await Promise.all([world.events(alice), world.events(carol)]);
    const channel = await world.privateChannel(alice, bob);
    await world.awaitEvent(insider, "channelCreated", channel.id);
    await notToldOf(world, carol, outsider, channel, "a private channel's creation");
  },

  "sse.channel-deleted-to-participants": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [insider, outsider] = await Promise.all([world.events(bob), world.events(carol)]);
    const channel = await world.privateChannel(alice, bob);
    const created = await world.awaitEvent(insider, "channelCreated", channel.id);
    await world.settle();
    const leaks = world.eventCount(outsider, (event) => holds(event.data, channel.id)) > 0;
    await world.deleteChannel(channel);
    const deleted = await world.awaitEvent(insider, "channelDeleted", channel.id, { seen: [created] });
    claimName(world, "channelDeleted", deleted);
    // Who was told of its creation, is told of its end: that is the other clause's.
    if (!leaks) await notToldOf(world, carol, outsider, channel, "a private channel's deletion");
  },

  "sse.public-channel-to-everyone": async (world) => {
    const [alice] = await world.accounts(1);
    const stream = await world.events(alice);
    const manager = await world.manager();
    const channel = await world.publicChannel();
    const seen = [await own("hear an event", () => world.awaitEvent(stream, "channelCreated", channel.id))];
    const { status } = await discodeitOf(world).updateChannelAnswer(
      manager.rest,
      channel.id,
      `${channel.name}-2`,
      "changed",
    );
    rely("change a public channel", status < 300, `answered ${status}`);
    const updated = await world.awaitEvent(stream, "channelUpdated", channel.id, { seen });
    claimName(world, "channelUpdated", updated);
    await world.deleteChannel(channel);
    await own("hear of a deleted channel", () =>
      world.awaitEvent(stream, "channelDeleted", channel.id, { seen: [...seen, updated] }),
    );
  },

  "sse.user-changes-to-everyone": async (world) => {
    const [alice] = await world.accounts(1);
    const stream = await world.events(alice);
    const { answer: signedUp, account: other } = await signUp(world, world.newcomer());
    rely("sign up", other.id !== "", `answered ${signedUp.status}`);
    const next = async (kind: "userCreated" | "userUpdated" | "userDeleted", seen: readonly SseEvent[]) =>
      claimName(world, kind, await world.awaitEvent(stream, kind, other.id, { seen }));
    await hearHere(
      world,
      alice,
      () => next("userCreated", []),
      async () => {
        const { account: newcomer } = await signUp(world, world.newcomer());
        return ({ data }) => holds(data, newcomer.id);
      },
    );
    await world.logInAgain(other);
    await world.settle();
    // That the newcomer came online may be told as well.
    const before = [...stream.events];
    const { username: newUsername, email: newEmail, password: newPassword } = world.newcomer();
    world.renamed(other, { username: newUsername, email: newEmail, password: newPassword });
    const updated = await discodeitOf(world).updateUserAnswer(other.rest, other.id, {
      newUsername,
      newEmail,
      newPassword,
    });
    rely("change a user", updated.status === 200, `answered ${updated.status}`);
    await next("userUpdated", before);
    const beforeTheEnd = [...stream.events];
    let { status } = await discodeitOf(world).deleteUserAnswer(other.rest, other.id);
    if (status >= 400) {
      // Its token may hold the name that it had, and whoever that was is not found: 401 or 500
      await logInAgain(world, other);
      ({ status } = await discodeitOf(world).deleteUserAnswer(other.rest, other.id));
    }
    other.gone = status < 300;
    await next("userDeleted", beforeTheEnd).catch((error: unknown) => {
      rely("delete a user", other.gone, `answered ${status}`); // what it was answered, is another's to say
      throw error;
    });
  },

  "sse.comment-every-10-s": async (world) => {
    const [alice] = await world.accounts(1);
    const stream = await world.events(alice);
    const startMs = performance.now();
    const comments = await stream.inbox.awaitCount(
      "comments",
      (item) => item.kind === "comment" && item.atMs > startMs,
      2,
      32_000,
    );
    const gapMs = comments[1]!.atMs - comments[0]!.atMs;
    claim(gapMs <= 16_000, `comments come ${Math.round(gapMs / 1_000)} s apart`);
  },

  "sse.stays-open": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const stream = await world.events(alice);
    try {
      await stream.inbox.awaitItem("the end of the stream", () => false, 45_000);
    } catch (error) {
      claim(error instanceof TimeoutError, `an idle stream did not live for 45 s: ${(error as Error).message}`);
    }
    if (!world.system.features.has("events")) return;
    const { id } = await world.causeEvent(alice, bob);
    await own("hear an event", () => world.awaitEvent(stream, world.probeKind, id));
  },

  "sse.more-than-six-streams": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const streams = [await world.events(alice)];
    const open = async (): Promise<void> =>
      void streams.push(await own("open an event stream", () => world.events(alice)));
    await Promise.all(Array.from({ length: 5 }, open));
    try {
      await open();
    } catch (error) {
      claim(
        !(error instanceof TimeoutError),
        () => `a seventh stream of one user says nothing: ${(error as Error).message}`,
        diagnoses.seventhStream,
      );
      throw error;
    }
    const { id } = await world.causeEvent(alice, bob);
    await own("hear an event", () =>
      Promise.all(streams.map((stream) => world.awaitEvent(stream, world.probeKind, id))),
    ).catch((error: unknown) => {
      const isDeaf = !streams.some((stream) =>
        stream.events.some((event) => world.tellsOf(event, world.probeKind, id)),
      );
      rely("hear an event", !(error instanceof TimeoutError && isDeaf), "no stream of several heard anything");
      throw error;
    });
  },

  "sse.head-request-does-not-hang": async (world) => {
    const [alice] = await world.accounts(1);
    await world.events(alice); // the control: to GET there is a stream
    const head = await alice.rest.request("HEAD", eventsPath);
    claim(head.status < 500, `HEAD was answered ${head.status}`);
    const post = await alice.rest.request("POST", eventsPath, { json: {} });
    claim(post.status >= 400, `POST was answered ${post.status}`);
  },

  "sse.no-odd-lines": async (world) => {
    const items = await heardItems(world);
    // A field of the standard with a value that says nothing is one all the same.
    const isAField = (line: string): boolean => /^(retry|id)(:|$)/.test(line);
    // What another proof sent in several lines is for its own clause to judge.
    const odd = items.find((item) => item.kind === "odd-line" && !isAField(item.line) && !anyMarker.test(item.line));
    claim(odd === undefined, () => `the stream holds a line that is no field: ${JSON.stringify(odd)}`);
  },
};

/** What came on a stream with an event of ours; where nobody can cause one, on the stream that was watched. */
async function heardItems(world: World): Promise<readonly SseItem[]> {
  const { watched } = world.baseline;
  if (watched !== undefined) return watched.items;
  const [alice, bob] = await world.accounts(2);
  const stream = await world.events(alice);
  const { id } = await world.causeEvent(alice, bob);
  await world.awaitEvent(stream, world.probeKind, id);
  return stream.inbox.items;
}

/** After a fence event: the first one about `channelId` came once. */
async function notDoubled(
  world: World,
  stream: EventStream,
  alice: Account,
  bob: Account,
  channelId: string,
): Promise<void> {
  const fence = await world.privateChannel(alice, bob);
  await world.awaitEvent(stream, "channelCreated", fence.id);
  await world.settle();
  const name = world.eventName("channelCreated");
  const count = world.eventCount(stream, (event) => event.name === name && holds(event.data, channelId));
  claim(count === 1, `one event came ${count} times on one stream`, diagnoses.duplicate);
}
