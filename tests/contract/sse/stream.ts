// Proofs of contract/sse/stream.ts. Text comes as it was published, or as a string within JSON; what a target refuses
// to publish is nothing that it owes.

import type { stream as area } from "../../../contract/sse/stream.ts";
import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import { within } from "../../../drivers/deadline.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, jsonIn, type Proofs } from "../../../runner/proof.ts";
import { allOwn, own, step } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import type { World } from "../../../runner/world.ts";
import { logOf, makeEvents, readAll } from "../shared/replay.ts";
import { headOf, unknownId } from "../shared/sse.ts";

/** The strings anywhere in a JSON value. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(stringsIn);
}

const withLineFeeds = (text: string): string => text.replaceAll(/\r\n|\r/g, "\n");

/** Whether an event's data is or holds this text. Of line ends a stream keeps that there is one. */
function says(data: string | undefined, text: string): boolean {
  const said = [data ?? "", ...stringsIn(jsonIn(data))];
  return said.some((one) => withLineFeeds(one).includes(withLineFeeds(text)));
}

const quoted = (data: string | undefined): string => JSON.stringify(data?.slice(0, 160));

/** False: the target does not take it. */
async function isTaken(world: World, account: Account, text: string): Promise<boolean> {
  try {
    await world.publishText(account, text);
    return true;
  } catch (error) {
    if (error instanceof TargetError && error.code === "refused") return false;
    throw error;
  }
}

const hear = (world: World, stream: EventStream, marker: string): Promise<SseEvent> =>
  step("hear an event", () =>
    stream.awaitEvent(`an event with ${marker}`, ({ data }) => holds(data, marker), world.deadlineMs),
  );

/** What came of a text, which `marker` is a part of; undefined: the target does not take it. */
async function cameOf(world: World, text: string, marker: string): Promise<SseEvent | undefined> {
  const [alice] = await world.accounts(1);
  const stream = await world.events(alice);
  return (await isTaken(world, alice, text)) ? await hear(world, stream, marker) : undefined;
}

/** Where the stream is, for requests that are none for a stream. */
const pathOf = (world: World, account: Account): string => world.speaker.streamOf(account).url;

/** Its status; a request that is not over in time was not answered. */
async function statusOf(world: World, account: Account, method: "HEAD" | "OPTIONS" | "PATCH"): Promise<number> {
  await world.events(account); // the control: to GET there is a stream
  const asked = account.rest.request(method, pathOf(world, account), method === "PATCH" ? { text: "" } : {});
  asked.catch(() => undefined); // when it is late nobody waits for it any more
  return await within(
    world.deadlineMs,
    asked.then(({ status }) => status),
    () => {
      claim(false, `${method} was not answered within ${world.deadlineMs} ms`);
    },
  );
}

/** How a reader of JSON is answered; undefined: not in time. */
async function statusForJson(world: World): Promise<number | undefined> {
  const [alice] = await world.accounts(1);
  await world.events(alice); // the control
  try {
    const stream = world.openEvents(alice, {}, { accept: "application/json" });
    return (await headOf(stream, world.deadlineMs)).status;
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    const { head } = error as { head?: { status: number } };
    if (head === undefined) throw error;
    return head.status;
  }
}

export const stream: Proofs<typeof area> = {
  "stream.published-is-heard": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const streams = await own("hear an event", () => Promise.all([world.events(alice), world.events(bob)]));
    const make = (): ReturnType<typeof makeEvents> => own("cause an event", () => makeEvents(world, alice, bob, 1));
    const told = await make();
    await own("hear an event", () => Promise.all(streams.map((one) => readAll(world, one, told))));
    const fence = await make();
    await own("hear an event", () => Promise.all(streams.map((one) => readAll(world, one, fence))));
    await world.settle();
    const counts = streams.map((one) => logOf(world, one, told).length);
    claim(counts.join() === "1,1", `one event came ${counts.join(" and ")} times on two streams`);
  },

  "stream.readers-agree": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const streams = await Promise.all([world.events(alice), world.events(bob)]);
    const made = await makeEvents(world, alice, bob, 5);
    await Promise.all(streams.map((one) => readAll(world, one, made)));
    const [first, second] = streams.map((one) =>
      logOf(world, one, made).map(({ id, name, data }) => JSON.stringify({ id, name, data })),
    ) as [string[], string[]];
    const at = first.findIndex((event, index) => event !== second[index]);
    claim(at < 0, () => `of five events, number ${at + 1} is ${first[at]} on one stream, ${second[at]} on another`);
  },

  "stream.any-text": async (world) => {
    const marker = world.marker("text");
    const text = `${marker} größer 漢字 \u{1F600} é`;
    const event = await cameOf(world, text, marker);
    if (event === undefined) return;
    claim(says(event.data, text), () => `${JSON.stringify(text)} came as ${quoted(event.data)}`);
  },

  "stream.several-lines": async (world) => {
    // What a lone CR does, which no text of today has, is the other clause's.
    for (const end of ["\n", "\r\n"]) {
      const marker = world.marker("lines");
      // The marker in each: what becomes of these lines no other clause judges.
      const text = [`${marker}one`, `${marker}two`, "", `  four: ${marker}`, `${marker}six`].join(end);
      const event = await cameOf(world, text, `${marker}one`);
      if (event === undefined) continue;
      claim(says(event.data, text), () => `the data ${JSON.stringify(text)} came as ${quoted(event.data)}`);
    }
  },

  "stream.leading-space": async (world) => {
    const marker = world.marker("space");
    const event = await cameOf(world, `  ${marker}`, marker);
    if (event === undefined) return;
    claim(says(event.data, `  ${marker}`), () => `two spaces before ${marker} came as ${quoted(event.data)}`);
  },

  "stream.content-makes-no-event": async (world) => {
    const [alice] = await world.accounts(1);
    const listener = await world.events(alice);
    const forged = world.marker("forged");
    for (const end of ["\n", "\r\n", "\r"]) {
      const marker = world.marker("content");
      const lines = [marker, "", `event: ${forged}`, `id: ${forged}`, `data: ${forged}`, "", ""];
      if (await isTaken(world, alice, lines.join(end))) await hear(world, listener, marker);
    }
    const fence = world.marker("fence");
    await world.publishText(alice, fence);
    await hear(world, listener, fence);
    await world.settle();
    const made = listener.events.find(({ id, name, data }) => [id, name, data].includes(forged));
    claim(made === undefined, () => `what was published within data became an event: ${JSON.stringify(made)}`);
  },

  "stream.large-event-is-whole": async (world) => {
    const marker = world.marker("large");
    const text = `${marker}${"x".repeat(60 * 1024)}${world.marker("end")}`;
    const event = await cameOf(world, text, marker);
    if (event === undefined) return;
    claim(says(event.data, text), () => `of ${text.length} characters ${event.data?.length} came`);
  },

  "stream.compressed-comes-at-once": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const path = pathOf(world, alice);
    const plain = await world.eventsAt(path, alice, { "accept-encoding": "identity" });
    const compressed = await allOwn(() => world.eventsAt(path, alice, { "accept-encoding": "gzip" }));
    for (let round = 0; round < 3; round++) {
      const made = await makeEvents(world, alice, bob, 1);
      await readAll(world, plain, made);
      // One by one: a compressor that is not flushed holds each back until the next.
      await allOwn(() => readAll(world, compressed, made));
    }
  },

  "stream.no-length": async (world) => {
    const [alice] = await world.accounts(1);
    const { headers } = await (await world.events(alice)).head;
    const length = headers["content-length"];
    claim(length === undefined, `the head of a stream has Content-Length: ${length}`);
  },

  "stream.unknown-id-is-no-error": async (world) => {
    const [alice, bob] = await world.accounts(2);
    await world.events(alice); // the control: without an id there is a stream
    const streams: EventStream[] = [];
    for (const lastEventId of ["rollcall-no-such-id", unknownId, "9".repeat(40), "'; DROP TABLE events; --"]) {
      const opened = world.openEvents(alice, { lastEventId, via: "header" });
      streams.push(opened);
      // That a head is late is another clause's.
      await headOf(opened, world.deadlineMs).catch((error: unknown) => {
        claim(!(error instanceof TargetError), () => `with the last id ${lastEventId}: ${(error as Error).message}`);
      });
    }
    if (!world.system.features.has("events")) return;
    const made = await makeEvents(world, alice, bob, 1);
    await own("hear an event", () => Promise.all(streams.map((one) => readAll(world, one, made))));
  },

  "stream.head-is-answered": async (world) => {
    const [alice] = await world.accounts(1);
    const status = await statusOf(world, alice, "HEAD");
    claim(status < 500, `HEAD was answered ${status}`);
  },

  "stream.options-are-answered": async (world) => {
    const [alice] = await world.accounts(1);
    const status = await statusOf(world, alice, "OPTIONS");
    claim(status < 500 || status === 501, `OPTIONS was answered ${status}`);
  },

  "stream.other-methods-are-refused": async (world) => {
    const [alice] = await world.accounts(1);
    const status = await statusOf(world, alice, "PATCH");
    claim(status >= 400 && (status < 500 || status === 501), `PATCH was answered ${status}`);
  },

  "stream.other-types-are-no-fault": async (world) => {
    const status = await statusForJson(world);
    // Who waits with an answer may be long-polled.
    claim(status === undefined || status < 500, `a request that accepts JSON alone was answered ${status}`);
  },

  "stream.other-types-are-406": async (world) => {
    const status = await statusForJson(world);
    claim(status === 406, `a request that accepts JSON alone was answered ${status ?? "nothing"}`);
  },

  "stream.begins-with-retry": async (world) => {
    const [alice] = await world.accounts(1);
    const opened = await world.events(alice, { keepsBytes: true });
    const isComment = ({ kind }: { kind: string }): boolean => kind === "comment";
    await opened.inbox.awaitItem("the first comment", isComment, world.deadlineMs);
    const beginning = opened.bytes.toString("utf8").slice(0, 40);
    claim(beginning.startsWith("retry: 3000\n\n:"), `a stream begins with ${JSON.stringify(beginning)}`);
  },

  "stream.publishing-needs-the-token": async (world) => {
    const [alice] = await world.accounts(1);
    const listener = await world.events(alice);
    for (const token of [undefined, "garbage", `${alice.rest.accessToken!.slice(0, -2)}AA`]) {
      const stranger = { ...alice, rest: world.stranger() };
      stranger.rest.accessToken = token;
      const marker = world.marker("forged");
      const isRefused = await world.speaker.publishText(stranger, marker).then(
        () => false,
        (error: unknown) => error instanceof TargetError && error.status === 401,
      );
      const [with_, fence] = [token === undefined ? "without a token" : "with a bad token", world.marker("fence")];
      claim(isRefused, `publishing ${with_} was not answered 401`);
      await world.publishText(alice, fence);
      await hear(world, listener, fence);
      claim(
        world.eventCount(listener, ({ data }) => holds(data, marker)) === 0,
        `what was published ${with_} is heard`,
      );
    }
  },
};
