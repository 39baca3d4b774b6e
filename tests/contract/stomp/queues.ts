// Proofs of contract/stomp/queues.ts.

import type { queues as area } from "../../../contract/stomp/queues.ts";
import type { StompConnection } from "../../../drivers/stomp.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { own } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { awaitRefusal, hearFrom, openPlaces, sendTo, subscribeTo, type Place } from "../steps/broker.ts";

/** Somebody who sends, and two who hear. */
async function opening(world: World) {
  const { alice, bob, queue } = await openPlaces(world);
  const [sender, one, other] = [await world.stomp(alice), await world.stomp(bob), await world.stomp(bob)];
  return { alice, bob, queue, sender, hearers: [one, other] as const };
}

/** Sends so many, and waits until all of them were heard. How many each subscription heard of each. */
async function distribute(
  world: World,
  { queue, sender, hearers }: { queue: Place; sender: StompConnection; hearers: readonly StompConnection[] },
  count: number,
): Promise<{ counts: number[][]; markers: string[] }> {
  const subscriptions = await Promise.all(hearers.map((hearer) => subscribeTo(world, hearer, queue)));
  const markers = Array.from({ length: count }, () => world.marker());
  for (const marker of markers) await sendTo(world, sender, queue, marker);
  for (const marker of markers)
    await Promise.any(subscriptions.map((subscription) => hearFrom(world, subscription, marker))).catch(
      (error: AggregateError) => {
        throw error.errors[0];
      },
    );
  await world.settle();
  const counts = subscriptions.map((subscription) => markers.map((marker) => world.heardCount(subscription, marker)));
  return { counts, markers };
}

export const queues: Proofs<typeof area> = {
  "queues.sent-is-heard": async (world) => {
    const { queue, sender, hearers } = await opening(world);
    const subscription = await subscribeTo(world, hearers[0], queue);
    const [marker, fence] = [world.marker(), world.marker("fence")];
    for (const text of [marker, fence])
      await own("hear from a queue", async () => {
        await sendTo(world, sender, queue, text);
        await hearFrom(world, subscription, text);
      });
    const count = world.heardCount(subscription, marker);
    claim(count === 1, () => `a message of a queue came ${count} times to its subscriber`);
  },

  "queues.one-of-two-hears": async (world) => {
    const { counts, markers } = await distribute(world, await opening(world), 10);
    const copies = markers.map((_, at) => counts.reduce((sum, ofOne) => sum + ofOne[at]!, 0));
    claim(
      copies.every((count) => count === 1),
      () => `of ten messages of a queue its two subscribers heard so many copies: ${copies.join()}`,
    );
  },

  "queues.kept-until-taken": async (world) => {
    const { queue, sender, hearers } = await opening(world);
    const markers = Array.from({ length: 5 }, () => world.marker());
    for (const marker of markers) await sendTo(world, sender, queue, marker);
    const subscription = await subscribeTo(world, hearers[0], queue);
    for (const marker of markers) await own("hear from a queue", () => hearFrom(world, subscription, marker));
    const heard = subscription.messages().map(({ body }) => body);
    claim(heard.join() === markers.join(), () => `messages that waited in a queue came as ${heard.join()}`);
  },

  "queues.in-turn": async (world) => {
    const { counts } = await distribute(world, await opening(world), 10);
    const shares = counts.map((ofOne) => ofOne.reduce((sum, count) => sum + count, 0));
    claim(
      shares.join() === "5,5",
      () => `of ten messages the two subscribers of a queue heard ${shares.join(" and ")}`,
    );
  },

  "queues.full-is-refused": async (world) => {
    const { queue, sender, alice, bob } = await opening(world);
    for (let count = 1; count < 1_000; count++) sender.sendFrame("SEND", { destination: queue.destination }, "kept");
    await sendTo(world, sender, queue, "kept");
    const refused = await world.stomp(alice);
    refused.sendFrame("SEND", { destination: queue.destination }, "one too many");
    await awaitRefusal(world, refused, "a SEND to a full queue");
    const subscription = await subscribeTo(world, await world.stomp(bob), queue);
    const fence = world.marker("fence");
    await sendTo(world, sender, queue, fence);
    await hearFrom(world, subscription, fence);
    const count = subscription.messages().length;
    claim(count === 1_001, () => `of 1,000 messages in a full queue and one after them ${count} were heard`);
  },
};
