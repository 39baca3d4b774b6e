// Why is nothing replayed, why does a list lack what was told, what do dead streams do to others? Mistakes about events
// that one proof cannot tell apart, each with its probe.

import { setTimeout as wait } from "node:timers/promises";
import type { Verdict } from "../checkers/verdict.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import type { EventStream } from "../drivers/sse.ts";
import type { Account } from "./account-pool.ts";
import { diagnoses } from "./diagnosis.ts";
import type { Suspicion } from "./suspicions.ts";
import { holds } from "./text.ts";
import type { EventsOptions, World } from "./world.ts";

/** What has a diagnosis of its own is not looked at again. */
const isOpen = ({ diagnosis }: Verdict): boolean => diagnosis === undefined;

function isFault(verdict: Verdict): boolean {
  return /\banswered 500\b/.test(verdict.because ?? "") && isOpen(verdict);
}

export const streamMistakes: readonly Suspicion[] = [
  {
    concerns: (verdict) => verdict.id === "replay.exactly-the-missing" && isOpen(verdict),
    least: 1,
    probe: whyNothing,
  },
  {
    concerns: (verdict) => verdict.id === "fanout.replay-on-the-other-instance" && isOpen(verdict),
    least: 1,
    probe: keepsItsOwn,
  },
  {
    concerns: (verdict) => verdict.id === "fanout.event-ids-are-equal" && isOpen(verdict),
    least: 1,
    probe: givesOtherIds,
  },
  // Before what a list lacks: one that cannot be read lacks everything.
  {
    concerns: (verdict) =>
      isFault(verdict) && /\bCannot list\b.*\banswered 500\b|\blist was answered 500\b/s.test(verdict.because ?? ""),
    least: 1,
    explainsUnclear: true,
    probe: hasBrokenCache,
  },
  {
    concerns: (verdict) => verdict.id === "notifications.list-is-current" && isOpen(verdict),
    least: 1,
    probe: hasStaleList,
  },
  // Spring's own words for it. The moment at which a stream is over and not yet forgotten, no probe need meet again.
  {
    concerns: (verdict) => isFault(verdict) && /Emitter has already completed/.test(verdict.because ?? ""),
    least: 1,
    probe: () => Promise.resolve(diagnoses.deadEmitters),
  },
  { concerns: isFault, least: 1, probe: trips },
];

interface Missed {
  alice: Account;
  /** Known from a stream that was closed before the next event was made. */
  lastEventId: string;
  /** By what the missed event is known. */
  missed: string;
  /** Alice's other stream, which has heard it. */
  other: EventStream;
}

const countIn = (world: World, stream: EventStream, key: string): number =>
  stream.events.filter((event) => world.tellsOf(event, world.probeKind, key)).length;

/** One event is read, the next one missed, while another stream hears both. */
async function missOne(world: World): Promise<Missed | undefined> {
  const [alice, bob] = await world.accounts(2);
  const [stream, other] = [await world.events(alice), await world.events(alice)];
  const { id: read } = await world.causeEvent(bob, alice);
  const { id: lastEventId } = await world.awaitEvent(stream, world.probeKind, read);
  await world.awaitEvent(other, world.probeKind, read);
  stream.close();
  await stream.closed;
  const { id: missed } = await world.causeEvent(bob, alice);
  await world.awaitEvent(other, world.probeKind, missed);
  return lastEventId === undefined || lastEventId === "" ? undefined : { alice, lastEventId, missed, other };
}

/** Whether a stream that resumes so is told what was missed. */
async function isReplayed(
  world: World,
  { alice, lastEventId, missed }: Missed,
  options: EventsOptions,
): Promise<boolean> {
  const stream = await world.events(alice, { lastEventId, ...options });
  try {
    await world.awaitEvent(stream, world.probeKind, missed);
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}

async function whyNothing(world: World): Promise<string | undefined> {
  if (!world.system.features.has("events")) return undefined;
  const missed = await missOne(world);
  if (missed === undefined) return undefined;
  const { query = [], header } = world.system.events?.lastId ?? {};
  const ways = [undefined, ...(header === false ? [] : ["header"]), ...query];
  for (const via of ways) if (await isReplayed(world, missed, via === undefined ? {} : { via })) return undefined;
  return countIn(world, missed.other, missed.missed) > 1 ? diagnoses.replayedToOthers : diagnoses.notKept;
}

const placesOf = (world: World): number[] => world.target.instances.map((_, instance) => instance);

async function keepsItsOwn(world: World): Promise<string | undefined> {
  const missed = await missOne(world);
  if (missed === undefined) return undefined;
  const replayed: boolean[] = [];
  for (const instance of placesOf(world)) replayed.push(await isReplayed(world, missed, { instance }));
  return replayed.includes(true) && replayed.includes(false) ? diagnoses.keptByOne : undefined;
}

async function givesOtherIds(world: World): Promise<string | undefined> {
  const [alice, bob] = await world.accounts(2);
  const streams = await Promise.all(placesOf(world).map((instance) => world.events(alice, { instance })));
  const { id: key } = await world.causeEvent(bob, alice);
  const heard = await Promise.all(streams.map((stream) => world.awaitEvent(stream, world.probeKind, key)));
  return new Set(heard.map(({ id }) => id)).size > 1 ? diagnoses.idsDiffer : undefined;
}

/** Somebody of whom no cache knows. */
async function newcomer(world: World): Promise<Account> {
  const account = world.adopt(world.newcomer());
  await world.speaker.signUp(account);
  await world.logInAgain(account);
  return account;
}

/** Of two who were told of a message, only the one who never looked finds it in the list. */
async function hasStaleList(world: World): Promise<string | undefined> {
  const path = world.system.events?.ofMessages?.list;
  if (path === undefined) return undefined;
  const [[alice], looked, never] = [await world.accounts(1), await newcomer(world), await newcomer(world)];
  const marker = world.marker();
  const isListed = async ({ rest }: Account): Promise<boolean> => holds((await rest.request("GET", path)).text, marker);
  const channel = await world.privateChannel(alice, looked, never);
  const streams = [await world.events(looked), await world.events(never)];
  await isListed(looked);
  await world.post(alice, channel, marker);
  for (const stream of streams)
    await stream.awaitEvent("the event of a message", ({ data }) => holds(data, marker), toldWithinMs);
  for (const untilMs = performance.now() + world.deadlineMs; performance.now() < untilMs; await wait(betweenMs))
    if (await isListed(looked)) return undefined;
  return (await isListed(never)) ? diagnoses.staleList : undefined;
}

/** Of what a newcomer may read something is there at first and a 500 from then on, while nothing else happens. */
async function hasBrokenCache(world: World): Promise<string | undefined> {
  const { http, accounts } = world.system;
  if (http?.guarded === undefined || accounts?.signUp === undefined) return undefined;
  const { rest } = await newcomer(world);
  for (const path of http.guarded) {
    const statuses: number[] = [];
    for (let times = 0; times < 3; times++) statuses.push((await rest.request("GET", path)).status);
    if (statuses.join() === "200,500,500") return diagnoses.brokenCache;
  }
  return undefined;
}

/** Notifications may take their time. */
const toldWithinMs = 10_000;

/** The first send into a stream that is gone still succeeds. */
const attempts = 4;
const betweenMs = 100;
/** Streams that earlier proofs left behind are found out first: some servers drop one of them with each failure. */
const clearingRounds = 6;

/** Whether what concerns somebody is answered 500 just after this one's streams were cut, and only then. */
async function trips(world: World): Promise<string | undefined> {
  if (!world.system.features.has("events")) return undefined;
  const [alice, bob] = await world.accounts(2);
  let isClear = false;
  for (let round = 0; round < clearingRounds && !isClear; round++) isClear = !(await failsWithin(world, alice, bob));
  if (!isClear) return undefined;
  const streams = [await world.events(alice), await world.events(alice)];
  for (const stream of streams) stream.close();
  await Promise.all(streams.map(({ closed }) => closed));
  return (await failsWithin(world, alice, bob)) ? diagnoses.deadEmitters : undefined;
}

/** Read from the wire: the verbs of a world go on after a refusal where they can. */
async function failsWithin(world: World, alice: Account, bob: Account): Promise<boolean> {
  const before = world.transcript.events.length;
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      if (world.system.rooms === undefined) {
        await world.causeEvent(bob, alice);
        continue;
      }
      const channel = await world.privateChannel(bob, alice);
      if (world.system.features.has("post")) await world.post(bob, channel, world.marker());
    } catch (error) {
      // What was answered is in the transcript.
      if (!(error instanceof TargetError || error instanceof TimeoutError)) throw error;
    }
    await wait(betweenMs); // a socket that was cut is noticed by the second or third write
  }
  const isFault = ({ connection, direction, text }: World["transcript"]["events"][number]): boolean =>
    connection.startsWith("rest ") && direction === "received" && text.startsWith("500");
  return world.transcript.events.slice(before).some(isFault);
}
