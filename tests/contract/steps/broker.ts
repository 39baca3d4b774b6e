// What clauses about a broker rest on: queues, subscriptions with acknowledgements, and connections of one version.

import { headerOf, type StompFrame, type StompVersion } from "../../../drivers/codecs/stomp.ts";
import { TargetError } from "../../../drivers/errors.ts";
import { StompConnection, type Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { queueOf } from "../../../runner/broker.ts";
import { Unsupported } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { step, type Step } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import type { World } from "../../../runner/world.ts";

export interface Place {
  destination: string;
  /** Go with SUBSCRIBE and SEND. */
  headers: Record<string, string>;
}

/** Two people, a topic of theirs, and a queue that nobody else uses. */
export async function openPlaces(world: World) {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const queue = queueOf(world, channel);
  return { alice, bob, channel, queue: { destination: queue?.destination ?? "", headers: queue?.headers ?? {} } };
}

/** SUBSCRIBE with these headers; it is live when this resolves, on targets that give receipts. */
export async function subscribeTo(
  world: World,
  connection: StompConnection,
  { destination, headers }: Place,
  more: Record<string, string> = {},
): Promise<Subscription> {
  const asked = { id: connection.nextId("sub"), destination, ...headers, ...more };
  return await step("subscribe", async () => {
    if (world.baseline.receipts) await connection.sendAndAwaitReceipt("SUBSCRIBE", asked, "", world.deadlineMs);
    else connection.sendFrame("SUBSCRIBE", asked);
    return connection.subscription(asked.id, destination);
  });
}

/** The topic of a room, as a place. */
export const topicOf = ({ destination }: Channel): Place => ({ destination, headers: {} });

/** A SEND, which was handled when this resolves, on targets that give receipts. */
export async function sendTo(
  world: World,
  connection: StompConnection,
  { destination, headers }: Place,
  body: string,
  more: Record<string, string> = {},
): Promise<void> {
  const all = { destination, ...headers, ...more };
  if (!world.baseline.receipts) return connection.sendFrame("SEND", all, body);
  await step("hear from a queue", () => connection.sendAndAwaitReceipt("SEND", all, body, world.deadlineMs));
}

/** The first MESSAGE with this in its body, or the next after so many of them. */
export async function hearFrom(
  world: World,
  subscription: Subscription,
  marker: string,
  { as = "hear from a queue", after = 0 }: { as?: Step; after?: number } = {},
): Promise<StompFrame> {
  let seen = 0;
  return await step(as, () =>
    subscription.awaitMessage(marker, ({ body }) => holds(body, marker) && ++seen > after, world.deadlineMs),
  );
}

/** What an ACK or NACK of a MESSAGE of 1.2 says. Throws where it has no ack header: another clause says that. */
export function naming(frame: StompFrame): Record<string, string> {
  const id = headerOf(frame, "ack");
  if (id !== undefined) return { id };
  const error = new TargetError("malformed", "Cannot acknowledge: a MESSAGE has no header ack");
  error.step = "name a message";
  throw error;
}

export async function acknowledge(
  world: World,
  connection: StompConnection,
  frame: StompFrame,
  { command = "ACK", headers = {} }: { command?: "ACK" | "NACK"; headers?: Record<string, string> } = {},
): Promise<void> {
  await step("acknowledge", () =>
    connection.sendAndAwaitReceipt(command, { ...naming(frame), ...headers }, "", world.deadlineMs),
  );
}

/** Ends it without a word, and waits until the server's side is known to be gone, as far as one can know. */
export async function cut(connection: StompConnection): Promise<void> {
  connection.transport.terminate();
  await connection.closed;
}

/**
 * Somebody else subscribes after the connection was lost, and hears what is sent last: what was to come again came
 * before it. Resolves with how often each of the markers came.
 */
export async function heardAfterwards(
  world: World,
  account: Account,
  queue: Place,
  markers: readonly string[],
): Promise<{ counts: number[]; subscription: Subscription; connection: StompConnection }> {
  const connection = await world.stomp(account);
  const subscription = await subscribeTo(world, connection, queue);
  const fence = world.marker("fence");
  await sendTo(world, connection, queue, fence);
  await hearFrom(world, subscription, fence);
  // A lost connection may be noticed later than the fence was sent.
  const again = world.marker("fence");
  await world.settle();
  await sendTo(world, connection, queue, again);
  await hearFrom(world, subscription, again);
  return { counts: markers.map((marker) => world.heardCount(subscription, marker)), subscription, connection };
}

/** A connection of this version alone; undefined: the target does not speak it, as it may. */
export async function connectAs(
  world: World,
  account: Account,
  version: StompVersion,
): Promise<StompConnection | undefined> {
  const transport = await step("connect", () => world.transport({ headers: world.handshakeHeaders(account) }));
  const connection = world.track(new StompConnection(transport, world.transcript, account.label, version));
  const credential = world.speaker.connectHeaders(account);
  connection.sendFrame("CONNECT", { "accept-version": version, "heart-beat": "0,0", ...credential });
  const answer = await step("connect", () =>
    connection.inbox.awaitItem(
      `CONNECTED with ${version}`,
      ({ command }) => command === "CONNECTED" || command === "ERROR",
      world.deadlineMs,
    ),
  );
  return answer.command === "CONNECTED" ? connection : undefined;
}

/** Of clauses about the header `ack`, which older versions do not have. */
export function requireVersion12(connection: StompConnection): void {
  const [connected] = connection.frames("CONNECTED");
  if (connected !== undefined && headerOf(connected, "version") !== "1.2") throw new Unsupported("acks");
}

/** ERROR. That the connection is closed behind it is for one clause to say, not for each. */
export async function awaitRefusal(world: World, connection: StompConnection, what: string): Promise<void> {
  await connection.inbox.awaitItem(`ERROR for ${what}`, ({ command }) => command === "ERROR", world.deadlineMs);
}
