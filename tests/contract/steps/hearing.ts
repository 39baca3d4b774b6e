// What clauses about messages rest on: that the plainest subscription hears, once, and what was said.

import type { StompFrame } from "../../../drivers/codecs/stomp.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely, type Step } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import type { HeardText, World } from "../../../runner/world.ts";

/** One subscription on a connection of its own, and both ways to say something to it. */
async function plainly(world: World, account: Account, channel: Channel) {
  const connection = await world.stomp(account);
  const subscription = await world.subscribe(connection, channel);
  const bySend = async (content: string): Promise<void> => world.sendMessage(connection, account, channel, content);
  const byPost = async (content: string): Promise<unknown> => await world.post(account, channel, content);
  const say: [Step, (content: string) => Promise<unknown>][] = [];
  if (world.system.features.has("send")) say.push(["deliver once", bySend]);
  if (world.system.features.has("post")) say.push(["deliver a post once", byPost]);
  return { subscription, say };
}

/** Where a message comes twice even to one subscription, no other clause says so. */
export async function relyOnOnce(world: World, account: Account, channel: Channel): Promise<void> {
  const { subscription, say } = await plainly(world, account, channel);
  for (const [name, work] of say) {
    const [marker, fence] = [world.marker(), world.marker("fence")];
    for (const content of [marker, fence]) {
      await work(content);
      await world.hear(subscription, content);
    }
    await world.settle();
    // Elsewhere one came twice already: here the second may take its time.
    await secondCopy(subscription, marker, world.deadlineMs);
    const count = world.heardCount(subscription, marker);
    rely(name, count === 1, `a message came ${count} times to one subscription`);
  }
}

/** Waits so long for a second copy of a message. */
export async function secondCopy(subscription: Subscription, marker: string, waitMs: number): Promise<void> {
  let count = 0;
  const isSecond = ({ body }: StompFrame): boolean => holds(body, marker) && ++count > 1;
  await subscription.awaitMessage("a second copy", isSecond, waitMs).catch((error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error;
  });
}

/** Where a posted message, too, is heard without what it must say, no other clause says so. */
export async function relyOnShape(world: World, account: Account, channel: Channel): Promise<void> {
  if (!world.system.features.has("post")) return;
  const subscription = await world.subscribe(await world.stomp(account), channel);
  const marker = world.marker();
  const posted = await world.post(account, channel, marker);
  const heard = await world.hear(subscription, marker);
  rely(
    "hear what was posted",
    isSame(posted, heard) && world.isFrom(heard, marker, account, channel),
    `the MESSAGE differs from what was posted: ${JSON.stringify(heard.message)}`,
  );
}

export const isSame = (posted: { id: string | undefined }, heard: HeardText): boolean =>
  posted.id === undefined || heard.id === posted.id;

/** Where this subscription does not hear what is posted either, no clause about SEND says so. */
export async function relyOnPosts(
  world: World,
  account: Account,
  channel: Channel,
  subscription: Subscription,
): Promise<void> {
  if (!world.system.features.has("post")) return;
  const marker = world.marker("posted");
  await world.post(account, channel, marker);
  await world.hear(subscription, marker);
}

/** That these listeners hear is the clause's own sentence, unless the plainest one hears nothing either. */
export async function ownHearing<T>(
  world: World,
  account: Account,
  channel: Channel,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TimeoutError || error instanceof TargetError)) throw error;
    if (error.step !== "hear a sent message" && error.step !== "hear a posted message") throw error;
    const { subscription, say } = await plainly(world, account, channel);
    for (const [, again] of say) {
      const marker = world.marker("control");
      await again(marker);
      await world.hear(subscription, marker);
    }
    error.step = undefined;
    throw error;
  }
}

/** What was sent on a connection has been handled: a message behind it came to a listener, or the connection is over. */
export async function handled(
  world: World,
  connection: StompConnection,
  account: Account,
  channel: Channel,
): Promise<void> {
  const subscription = await world.subscribe(await world.stomp(account), channel);
  const marker = world.marker("behind");
  if (connection.inbox.ended === undefined) world.sendMessage(connection, account, channel, marker);
  await Promise.race([connection.closed, world.hear(subscription, marker)]);
}

/** Waits for ERROR and the close behind it. */
export async function awaitError(world: World, connection: StompConnection, what: string): Promise<void> {
  await connection.inbox.awaitItem(`ERROR for ${what}`, (frame) => frame.command === "ERROR", world.deadlineMs);
  await connection.awaitClose(world.deadlineMs);
}
