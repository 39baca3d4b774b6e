// What the target is like, measured before anything is judged: deadlines follow from it, and two capabilities
// (`receipts`, `order`). Terms: greets – a stream says something at once after it was opened; ordered – a burst of one
// sender arrives in sending order; crosses – what is said on one instance was heard on each other (runner/crossing.ts).
// What cannot be measured is for the clauses to judge: then deadlines are the assumed ones.

import { performance } from "node:perf_hooks";
import type { Capability } from "../contract/clause.ts";
import type { SseEvent, SseItem } from "../drivers/codecs/sse.ts";
import { headerOf, type StompFrame } from "../drivers/codecs/stomp.ts";
import { isUnauthorized, TargetError, TimeoutError } from "../drivers/errors.ts";
import type { EventStream } from "../drivers/sse.ts";
import type { StompConnection, Subscription } from "../drivers/stomp.ts";
import type { Account } from "./account-pool.ts";
import { measureOffers } from "./broker.ts";
import { awaitCrossing, came, findListeners, hasMessages } from "./crossing.ts";
import type { Channel } from "./rooms.ts";
import { measureEvents, tellWatched, watch, type Watched } from "./stream-baseline.ts";
import type { World } from "./world.ts";
import { counted, holds } from "./text.ts";

export interface Baseline {
  receipts: boolean;
  ordered: boolean;
  greets: boolean;
  crosses: boolean;
  /** Who hears what, in words, where that is not everybody everything. */
  crossing?: string;
  /** Which instance hears what is said on the first one: itself, if it does. */
  messagesAt: number;
  eventsAt: number;
  /** What came on a stream into which nobody can publish. */
  watched?: Watched;
  /** The kind of event that streams are probed with, where nothing is heard of the usual one. */
  probe?: string;
  /**
   * The HTTP upgrade is refused to whoever sends no credential with it, as no browser can. One clause says so; all
   * others are judged with the credential in both places.
   */
  guardedHandshake: boolean;
  /** POST /api/messages → MESSAGE on the same instance, in ms. */
  deliveryMsP50: number;
  deliveryMsP99: number;
  /** How long what is due may take: `deadlineOf(p99)`, or `--timeout`. */
  deadlineMs: number;
  /** The target's clock minus ours, in ms; 0 below the resolution of the header Date. */
  clockOffsetMs: number;
  /** What a broker has beside topics, measured where nobody declared it. */
  offers: ReadonlySet<Capability>;
  /** What was seen, for people. */
  note: string;
}

/** Assumed until measured. */
export const unmeasured = (timeoutMs?: number): Baseline => ({
  receipts: false,
  ordered: false,
  greets: false,
  crosses: false,
  messagesAt: 0,
  eventsAt: 0,
  guardedHandshake: false,
  deliveryMsP50: 0,
  deliveryMsP99: 50,
  deadlineMs: timeoutMs ?? 5_000,
  clockOffsetMs: 0,
  offers: new Set(),
  note: "not measured",
});

const probesCount = 20;
/** On a slow target fewer say as much. */
const probesWithinMs = 15_000;
/** Before its pace is known: a target that is correct but takes seconds must not be called deaf. */
const firstHearingMs = 20_000;

/** How long what is due may take: many times what it took, but on a slow target not for ever. */
export const deadlineOf = (deliveryMsP99: number): number =>
  Math.ceil(Math.max(3_000, Math.min(20 * deliveryMsP99, 3 * deliveryMsP99 + 5_000)));

const burstCount = 100;
/** A server that sends receipts does so at once; one that does not must not cost more than this. */
const receiptWaitMs = 4_000;
const greetingWaitMs = 1_500;

/** Foreign consumers may need seconds to join their group; with `--timeout`, four times that. */
const crossingWaitMs = 20_000;

/**
 * Measures with the world's accounts, filling `world.baseline` in place. Where nobody can sign up, log in or open a
 * channel, the clauses about these say so. Resolves with what kept it from measuring, undefined when nothing did.
 */
export async function measureBaseline(
  world: World,
  timeoutMs?: number,
): Promise<TargetError | TimeoutError | undefined> {
  const { baseline } = world;
  try {
    await measure(world, timeoutMs);
    return undefined;
  } catch (error) {
    if (!(error instanceof TargetError || error instanceof TimeoutError)) throw error;
    baseline.note = `not measured: ${error.message}`;
    baseline.deadlineMs = timeoutMs ?? deafDeadlineMs;
    return error;
  }
}

async function measure(world: World, timeoutMs: number | undefined): Promise<void> {
  const { baseline } = world;
  const { features } = world.system;
  if (!features.has("stomp") && !features.has("streams")) {
    baseline.note = "not measured: only STOMP and event streams are";
    return;
  }
  if (!features.has("stomp")) return await measureStreams(world, timeoutMs);
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  await learnHandshake(world, alice);
  await learnProbe(world, alice, bob).catch(deafness);
  await findListeners(world, { alice, bob, channel }).catch(deafness);
  const stream = world.system.features.has("events") ? world.openEvents(alice) : undefined;
  try {
    if (hasMessages(world)) await measureMessages(world, alice, bob, channel, timeoutMs);
    else baseline.note = "not measured: no text is said over STOMP";
  } catch (error) {
    baseline.note = `no message was heard: ${deafness(error)}`;
    baseline.deadlineMs = timeoutMs ?? deafDeadlineMs;
  }
  baseline.offers = await measureOffers(world, alice, channel);
  if (stream !== undefined) baseline.greets = await greets(world, stream);
  const crossingMs = timeoutMs === undefined ? crossingWaitMs : 4 * timeoutMs;
  const crossing = await awaitCrossing(world, { alice, bob, channel }, crossingMs).catch(
    (error: unknown) => `no crossing: ${deafness(error)}`,
  );
  if (baseline.probe !== undefined)
    baseline.note += `; streams are probed with ${baseline.probe}, as nothing is heard of ${world.speaker.probes[0]}`;
  if (baseline.guardedHandshake) baseline.note += "; the WebSocket handshake needs the credential";
  baseline.crosses = crossing === undefined && world.target.instances.length > 1;
  if (crossing !== undefined) baseline.crossing = crossing;
}

/** Of systems that have event streams alone. */
async function measureStreams(world: World, timeoutMs: number | undefined): Promise<void> {
  const { baseline } = world;
  baseline.deadlineMs = timeoutMs ?? firstHearingMs;
  const [alice, bob] = await world.accounts(2);
  if (!world.system.features.has("events")) {
    baseline.watched = await watch(world, alice);
    baseline.deadlineMs = timeoutMs ?? deadlineOf(baseline.deliveryMsP99);
    baseline.note = tellWatched(baseline.watched);
    return;
  }
  const stream = world.openEvents(alice);
  baseline.greets = await greets(world, stream);
  await learnProbe(world, alice, bob).catch(deafness);
  await findListeners(world, { alice, bob }).catch(deafness);
  try {
    const heard = baseline.eventsAt === 0 ? stream : world.openEvents(alice);
    if (!baseline.greets) await world.awaitLive(heard, alice, 0);
    const { latencies, inOrder } = await measureEvents(world, heard, [alice, bob]);
    baseline.deliveryMsP50 = latencies[Math.floor(latencies.length / 2)]!;
    baseline.deliveryMsP99 = latencies.at(-1)!;
    baseline.deadlineMs = timeoutMs ?? deadlineOf(baseline.deliveryMsP99);
    baseline.ordered = inOrder;
    baseline.note = `${counted(latencies.length, "event")} arrived ${inOrder ? "in order" : "in another order"}`;
  } catch (error) {
    baseline.note = `no event was heard: ${deafness(error)}`;
    baseline.deadlineMs = timeoutMs ?? deafDeadlineMs;
  }
  const crossingMs = timeoutMs === undefined ? crossingWaitMs : 4 * timeoutMs;
  const crossing = await awaitCrossing(world, { alice, bob }, crossingMs).catch(
    (error: unknown) => `no crossing: ${deafness(error)}`,
  );
  baseline.crosses = crossing === undefined && world.target.instances.length > 1;
  if (crossing !== undefined) baseline.crossing = crossing;
}

/** Whether the HTTP upgrade needs what only CONNECT should. What is wrong otherwise is for the clauses to say. */
async function learnHandshake(world: World, alice: Account): Promise<void> {
  if (!world.system.features.has("stomp")) return;
  const isLetIn = async (): Promise<boolean> => {
    try {
      (await world.transport({ headers: world.handshakeHeaders(alice) })).close();
      return true;
    } catch (error) {
      if (isUnauthorized(error)) return false;
      deafness(error);
      return true;
    }
  };
  if (await isLetIn()) return;
  world.baseline.guardedHandshake = true;
  world.baseline.guardedHandshake = await isLetIn();
}

/** An event is given so long to be heard, before another kind is tried. */
const probeWaitMs = [2_000, 8_000];

/** The first kind of event that some stream hears of. Without any, the usual one: its clause says what is wrong. */
async function learnProbe(world: World, alice: Account, bob: Account): Promise<void> {
  if (!world.system.features.has("events") || world.speaker.probes.length < 2) return;
  const streams = world.target.instances.map((_, instance) => world.openEvents(alice, { instance }));
  const isHeard = async (kind: string, waitMs: number): Promise<boolean> => {
    const { id } = await world.causeEvent(bob, alice, 0, kind);
    const isIt = (event: SseEvent): boolean => world.tellsOf(event, kind, id);
    return await came(Promise.any(streams.map((stream) => stream.awaitEvent("a probe", isIt, waitMs))).catch(firstOf));
  };
  for (const kind of world.speaker.probes)
    for (const waitMs of probeWaitMs)
      if (await isHeard(kind, waitMs)) {
        if (kind !== world.probeKind) world.baseline.probe = kind;
        return;
      }
}

/** Of several that failed, one that is not merely late. */
function firstOf(error: unknown): never {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  throw errors.find((one) => !(one instanceof TimeoutError)) ?? errors[0];
}

const greets = (world: World, stream: EventStream): Promise<boolean> =>
  came(stream.inbox.awaitItem("a greeting", (item) => isGreeting(world, item), greetingWaitMs)).catch(
    (error: unknown) => deafness(error) === "",
  );

/** What a stream says of itself: a comment, or an event that announces nothing, as ping does. */
function isGreeting(world: World, item: SseItem): boolean {
  if (item.kind !== "event") return item.kind === "comment";
  const causes = Object.values(world.system.events?.causes ?? {});
  return causes.every(({ name }) => name !== undefined) && !causes.some(({ name }) => name === item.name);
}

/** On a target that delivers nothing every clause about delivery waits in vain. */
const deafDeadlineMs = 3_000;

/** What the target did instead. Our own errors go on. */
function deafness(error: unknown): string {
  if (error instanceof TargetError || error instanceof TimeoutError) return error.message;
  throw error;
}

async function measureMessages(
  world: World,
  alice: Account,
  bob: Account,
  channel: Channel,
  timeoutMs: number | undefined,
): Promise<void> {
  const { baseline } = world;
  baseline.deadlineMs = timeoutMs ?? firstHearingMs;
  const connection = await world.stomp(alice);
  const id = connection.nextId("sub");
  const { destination } = channel;
  const asked = { id, destination, ...connection.subscribeHeadersOf(destination), receipt: "baseline" };
  connection.sendFrame("SUBSCRIBE", asked);
  baseline.receipts = await came(
    connection.inbox.awaitItem("RECEIPT", (frame) => headerOf(frame, "receipt-id") === "baseline", receiptWaitMs),
  );
  const subscription = connection.subscription(id, channel.destination);
  if (!baseline.receipts) await world.probe(subscription, channel);
  const latencies = await measureLatency(world, bob, channel, subscription);
  baseline.deliveryMsP50 = latencies[Math.floor(latencies.length / 2)]!;
  baseline.deliveryMsP99 = latencies.at(-1)!;
  baseline.deadlineMs = timeoutMs ?? deadlineOf(baseline.deliveryMsP99);
  const { count, swapped } = await measureOrder(world, alice, channel, connection, subscription);
  baseline.ordered = swapped === 0 && count === burstCount;
  const order = swapped === 0 ? "in order" : `with ${counted(swapped, "neighbour")} swapped`;
  baseline.note = `${count === burstCount ? "a burst" : `${count}`} of ${burstCount} arrived ${order}`;
}

async function measureLatency(
  world: World,
  sender: Account,
  channel: Channel,
  subscription: Subscription,
): Promise<number[]> {
  const latencies: number[] = [];
  const beginMs = performance.now();
  for (let index = 0; index < probesCount && (index < 3 || performance.now() - beginMs < probesWithinMs); index++) {
    const marker = world.marker("probe");
    const startMs = performance.now();
    await world.post(sender, channel, marker);
    const frame = await subscription.awaitMessage("a probe", ({ body }) => holds(body, marker), world.deadlineMs);
    latencies.push(Math.max(0, frame.atMs - startMs));
  }
  return latencies.toSorted((one, other) => one - other);
}

/**
 * How many of a burst over one connection arrived, and how many neighbours of them swapped. What is missing is for a
 * clause to judge.
 */
async function measureOrder(
  world: World,
  sender: Account,
  channel: Channel,
  connection: StompConnection,
  subscription: Subscription,
): Promise<{ count: number; swapped: number }> {
  const salt = world.marker("burst");
  if (!world.system.features.has("send")) return { count: 0, swapped: 0 };
  const sendOne = (index: number): void => world.sendMessage(connection, sender, channel, `${salt}#${index}#`);
  sendOne(0);
  // Where SEND has no effect at all, nobody waits for a hundred.
  if (
    !(await came(
      subscription.awaitMessage("the first of a burst", ({ body }) => holds(body, `${salt}#0#`), world.deadlineMs),
    ))
  )
    return { count: 0, swapped: 0 };
  for (let index = 1; index < burstCount; index++) sendOne(index);
  const positionIn = (body: string): string[] => new RegExp(`${salt}#(\\d+)#`).exec(body)?.slice(1) ?? [];
  const seen = new Set<string>();
  const isNew = ({ command, body }: StompFrame): boolean => {
    const [position] = command === "MESSAGE" ? positionIn(body) : [];
    if (position === undefined || seen.has(position)) return false;
    seen.add(position);
    return true;
  };
  await came(connection.inbox.awaitCount(`a burst of ${burstCount}`, isNew, burstCount, 4 * world.deadlineMs));
  return burstOrder(subscription.messages().flatMap(({ body }) => positionIn(body).map(Number)));
}

/**
 * How many different ones came, and how many of these came before their predecessor. What comes again is for another
 * clause to judge.
 */
export function burstOrder(positions: readonly number[]): { count: number; swapped: number } {
  const first = [...new Set(positions)];
  return { count: first.length, swapped: first.filter((position, at) => at > 0 && position < first[at - 1]!).length };
}
