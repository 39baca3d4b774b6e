// Proofs of contract/shared/sse.ts.

import { z } from "zod";
import { pingEvent } from "../../../systems/discodeit/wire.ts";
import type { sse as area } from "../../../contract/shared/sse.ts";
import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import type { EventStream, StreamHead } from "../../../drivers/sse.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoseEventName, diagnoses } from "../../../runner/diagnosis.ts";
import { claim, readJson, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";

/** Events of the contract's table carry data; greetings and gaps are not of the table. */
const isTold = (event: SseEvent): boolean =>
  event.data !== undefined &&
  event.data !== "{}" &&
  event.name !== pingEvent &&
  !event.name.startsWith("replay.") &&
  !event.name.startsWith("sse.");

/** Waits for a channel event about `channel`, whatever a revision puts into its data. */
export async function hearChannelEvent(
  world: World,
  stream: EventStream,
  kind: "channelCreated" | "channelUpdated" | "channelDeleted",
  channelId: string,
  deadlineMs = world.deadlineMs,
): Promise<SseEvent> {
  const name = world.eventName(kind);
  let event: SseEvent | undefined;
  await diagnoseEventName(
    stream,
    async () => {
      event = await stream.awaitEvent(
        `${name} about channel ${channelId}`,
        (item) => item.name === name && holds(item.data, channelId),
        deadlineMs,
      );
    },
    channelId,
    name,
  );
  const data = readJson(
    event!.data,
    z.looseObject({ id: z.string().optional(), channelId: z.string().optional() }),
    `the data of ${name}`,
  );
  claim(
    (data.channelId ?? data.id) === channelId,
    `the data of ${name} names ${data.channelId ?? data.id}, not the channel`,
  );
  return event!;
}

/** Whether the head came within the deadline; a server that sends none before the first event is no refusal. */
async function headOf(stream: EventStream, waitMs: number): Promise<StreamHead> {
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

async function refusedStream(world: World, stream: EventStream, what: string): Promise<void> {
  try {
    await headOf(stream, world.deadlineMs);
  } catch (error) {
    claim(error instanceof TargetError, `a stream ${what} was neither refused nor opened`);
    return;
  }
  claim(false, `a stream ${what} was opened`);
}

async function notToldOf(
  world: World,
  outsider: Account,
  stream: EventStream,
  channel: Channel,
  what: string,
): Promise<void> {
  // The control: the outsider hears of a channel of its own, made afterwards.
  const own = await world.privateChannel(outsider, channel.owner);
  await hearChannelEvent(world, stream, "channelCreated", own.id);
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
    const { status } = await headOf(world.openEvents(alice), world.deadlineMs);
    claim(status === 200, `answered ${status}`);
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
    await hearChannelEvent(world, stream, "channelCreated", channel.id);
    const resumed = await world.events(alice, { lastEventId: ping.id });
    await hearChannelEvent(world, resumed, "channelCreated", channel.id);
    claim(
      resumed.events[0]?.name !== pingEvent || resumed.events[0].id === undefined,
      "ping on a resumed stream carries an id: the cursor would jump over what is replayed",
    );
  },

  "sse.events-have-ids": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const stream = await world.events(alice);
    const channels = [
      await world.privateChannel(alice, bob),
      await world.privateChannel(alice, bob),
      await world.privateChannel(alice, bob),
    ];
    for (const { id } of channels) await hearChannelEvent(world, stream, "channelCreated", id);
    const told = stream.events.filter(isTold);
    const ids = told.map(({ id }) => id);
    claim(
      !ids.includes(undefined) && !ids.includes(""),
      () => `an event without an id: ${told.find(({ id }) => id === undefined || id === "")?.name}`,
    );
    claim(new Set(ids).size === ids.length, "an event id came twice on one stream");
    for (const event of told) {
      claim(event.dataLineCount === 1, `the data of ${event.name} has ${event.dataLineCount} lines`);
      claim(isJson(event.data!), `the data of ${event.name} is no JSON`);
    }
  },

  "sse.ids-are-uuids": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const [one, two, other] = await Promise.all([world.events(alice), world.events(alice), world.events(bob)]);
    const channel = await world.privateChannel(alice, bob);
    const events = await Promise.all(
      [one, two, other].map((stream) => hearChannelEvent(world, stream, "channelCreated", channel.id)),
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
    const events = await Promise.all(
      [one, other].map((stream) => hearChannelEvent(world, stream, "channelCreated", channel.id)),
    );
    if (world.revision === 2)
      for (const { data } of events) readJson(data, world.system.schemas.channel, "a channel event's data");
    await notDoubled(world, one, alice, bob, channel.id);
  },

  "sse.channel-created-to-nobody-else": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [insider, outsider] = await Promise.all([world.events(alice), world.events(carol)]);
    const channel = await world.privateChannel(alice, bob);
    await hearChannelEvent(world, insider, "channelCreated", channel.id);
    await notToldOf(world, carol, outsider, channel, "a private channel's creation");
  },

  "sse.channel-deleted-is-told": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [insider, outsider] = await Promise.all([world.events(bob), world.events(carol)]);
    const channel = await world.privateChannel(alice, bob);
    const created = await hearChannelEvent(world, insider, "channelCreated", channel.id);
    await world.deleteChannel(channel);
    const name = world.eventName("channelDeleted");
    await insider.awaitEvent(
      `${name} about the deletion`,
      (event) => event.name === name && event.id !== created.id && holds(event.data, channel.id),
      world.deadlineMs,
    );
    await notToldOf(world, carol, outsider, channel, "a private channel's deletion");
  },

  "sse.public-channel-to-everyone": async (world) => {
    const [alice] = await world.accounts(1);
    const stream = await world.events(alice);
    const manager = await world.manager();
    const channel = await world.publicChannel();
    const seen = new Set<string | undefined>();
    const next = async (kind: "channelCreated" | "channelUpdated" | "channelDeleted"): Promise<void> => {
      const name = world.eventName(kind);
      const event = await stream.awaitEvent(
        `${name} about a public channel`,
        (item) => item.name === name && !seen.has(item.id) && holds(item.data, channel.id),
        world.deadlineMs,
      );
      seen.add(event.id);
    };
    await next("channelCreated");
    await world.system.updateChannelAnswer(manager.rest, channel.id, `${channel.name}-2`, "changed");
    await next("channelUpdated");
    await world.deleteChannel(channel);
    await next("channelDeleted");
  },

  "sse.user-changes-to-everyone": async (world) => {
    const [alice] = await world.accounts(1);
    const stream = await world.events(alice);
    const { account: other } = await world.signUp(world.newcomer());
    const seen = new Set<string | undefined>();
    const next = async (kind: "userCreated" | "userUpdated" | "userDeleted"): Promise<void> => {
      const name = world.eventName(kind);
      const event = await stream.awaitEvent(
        `${name} about the newcomer`,
        (item) => item.name === name && !seen.has(item.id) && holds(item.data, other.id),
        world.deadlineMs,
      );
      seen.add(event.id);
    };
    await next("userCreated");
    await world.logInAgain(other);
    const answer = await world.system.updateUserAnswer(other.rest, other.id, {
      newEmail: `${world.name("e")}@rollcall.example`,
    });
    claim(answer.status === 200, `PATCH of the own e-mail was answered ${answer.status}`);
    await next("userUpdated");
    const deleted = await world.system.deleteUserAnswer(other.rest, other.id);
    claim(deleted.status < 300, `deleting the own account was answered ${deleted.status}`);
    other.gone = true;
    await next("userDeleted");
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
    const channel = await world.privateChannel(alice, bob);
    await hearChannelEvent(world, stream, "channelCreated", channel.id);
  },

  "sse.six-streams-and-more": async (world) => {
    const [alice, bob] = await world.accounts(2);
    let streams: EventStream[];
    try {
      streams = await Promise.all(Array.from({ length: 7 }, () => world.events(alice)));
    } catch (error) {
      claim(
        !(error instanceof TimeoutError),
        `a seventh stream of one user says nothing: ${(error as Error).message}`,
        diagnoses.seventhStream,
      );
      throw error;
    }
    const channel = await world.privateChannel(alice, bob);
    await Promise.all(streams.map((stream) => hearChannelEvent(world, stream, "channelCreated", channel.id)));
  },

  "sse.head-request-does-not-hang": async (world) => {
    const [alice] = await world.accounts(1);
    await world.events(alice); // the control: to GET there is a stream
    const head = await alice.rest.request("HEAD", "/api/sse");
    claim(head.status < 500, `HEAD was answered ${head.status}`);
    const post = await alice.rest.request("POST", "/api/sse", { json: {} });
    claim(post.status >= 400 && post.status < 500, `POST was answered ${post.status}`);
  },

  "sse.no-odd-lines": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const stream = await world.events(alice);
    const channel = await world.privateChannel(alice, bob);
    await hearChannelEvent(world, stream, "channelCreated", channel.id);
    const odd = stream.inbox.items.find((item) => item.kind === "odd-line");
    claim(odd === undefined, () => `the stream holds a line that is no field: ${JSON.stringify(odd)}`);
  },
};

/** After a fence event: the first one about `channelId` came once. */
async function notDoubled(
  world: World,
  stream: EventStream,
  alice: Account,
  bob: Account,
  channelId: string,
): Promise<void> {
  const fence = await world.privateChannel(alice, bob);
  await hearChannelEvent(world, stream, "channelCreated", fence.id);
  await world.settle();
  const name = world.eventName("channelCreated");
  const count = world.eventCount(stream, (event) => event.name === name && holds(event.data, channelId));
  claim(count === 1, `one event came ${count} times on one stream`, diagnoses.duplicate);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
