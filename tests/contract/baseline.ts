// What the target is like, measured before anything is judged: deadlines follow from it, and two capabilities (`receipts`, `order`).
// Terms: greets – a stream says something at once after it was opened; ordered – a burst of one sender arrives in sending order.

import { performance } from "node:perf_hooks";
import { channelDestination, sendDestination } from "../../contract/wire.ts";
import { headerOf } from "../../drivers/codecs/stomp.ts";
import { TimeoutError } from "../../drivers/errors.ts";
import type { StompConnection, Subscription } from "../../drivers/stomp.ts";
import type { Account } from "./account-pool.ts";
import type { Channel, World } from "./world.ts";

export interface Baseline {
  receipts: boolean;
  ordered: boolean;
  greets: boolean;
  /** POST /api/messages → MESSAGE on the same instance, in ms. */
  deliveryMsP50: number;
  deliveryMsP99: number;
  /** How long what is owed may take: max(3 s, 20 × p99), or `--timeout`. */
  deadlineMs: number;
  /** Why the order counts as kept or not, for people. */
  note: string;
}

/** Assumed until measured. */
export const unmeasured = (timeoutMs?: number): Baseline => ({
  receipts: false,
  ordered: false,
  greets: false,
  deliveryMsP50: 0,
  deliveryMsP99: 50,
  deadlineMs: timeoutMs ?? 5_000,
  note: "not measured",
});

const probesCount = 20;
const burstCount = 100;
/** A server that sends receipts does so at once; one that does not must not cost more than this. */
const receiptWaitMs = 1_000;
const greetingWaitMs = 1_500;

/** Measures with the world's accounts, filling `world.baseline` in place. Throws when not even one message gets through. */
export async function measureBaseline(world: World, timeoutMs?: number): Promise<Baseline> {
  const { baseline } = world;
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const stream = await world.events(alice, { live: false });
  const connection = await world.stomp(alice);
  const id = connection.nextId("sub");
  connection.sendFrame("SUBSCRIBE", { id, destination: channelDestination(channel.id), receipt: "baseline" });
  baseline.receipts = await came(connection.inbox.awaitItem("RECEIPT", (frame) => headerOf(frame, "receipt-id") === "baseline", receiptWaitMs));
  const subscription = connection.subscription(id, channel.destination);
  if (!baseline.receipts) await world.probe(subscription, channel);
  const latencies = await measureLatency(world, bob, channel, subscription);
  baseline.deliveryMsP50 = latencies[Math.floor(latencies.length / 2)]!;
  baseline.deliveryMsP99 = latencies.at(-1)!;
  baseline.deadlineMs = timeoutMs ?? Math.max(3_000, Math.ceil(20 * baseline.deliveryMsP99));
  const { count, swapped } = await measureOrder(world, alice, channel, connection, subscription);
  baseline.ordered = swapped === 0 && count === burstCount;
  const order = swapped === 0 ? "in order" : `with ${swapped} neighbours swapped`;
  baseline.note = `${count === burstCount ? "a burst" : `${count}`} of ${burstCount} arrived ${order}`;
  baseline.greets = await came(stream.inbox.awaitItem("a greeting", () => true, greetingWaitMs));
  return baseline;
}

async function came(wait: Promise<unknown>): Promise<boolean> {
  try {
    await wait;
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}

async function measureLatency(world: World, sender: Account, channel: Channel, subscription: Subscription): Promise<number[]> {
  const latencies: number[] = [];
  for (let index = 0; index < probesCount; index++) {
    const marker = world.marker("probe");
    const startMs = performance.now();
    await world.post(sender, channel, marker);
    const frame = await subscription.awaitMessage("a probe", ({ body }) => body.includes(marker), world.deadlineMs);
    latencies.push(Math.max(0, frame.atMs - startMs));
  }
  return latencies.toSorted((one, other) => one - other);
}

/** How many of a burst over one connection arrived, and how many neighbours of them swapped. What is missing is for a clause to judge. */
async function measureOrder(world: World, sender: Account, channel: Channel, connection: StompConnection, subscription: Subscription): Promise<{ count: number; swapped: number }> {
  const salt = world.marker("burst");
  for (let index = 0; index < burstCount; index++) {
    connection.sendFrame("SEND", { destination: sendDestination }, JSON.stringify({ content: `${salt}#${index}#`, channelId: channel.id, authorId: sender.id }));
  }
  await came(connection.inbox.awaitCount(`a burst of ${burstCount}`, (frame) => frame.command === "MESSAGE" && frame.body.includes(`${salt}#`), burstCount, 4 * world.deadlineMs));
  const positions = subscription.messages().flatMap(({ body }) => new RegExp(`${salt}#(\\d+)#`).exec(body)?.[1] ?? []).map(Number);
  return { count: new Set(positions).size, swapped: positions.filter((position, at) => at > 0 && position < positions[at - 1]!).length };
}
