// Proofs of contract/stomp/acks.ts.

import type { acks as area } from "../../../contract/stomp/acks.ts";
import { headerOf, type StompFrame } from "../../../drivers/codecs/stomp.ts";
import { TimeoutError } from "../../../drivers/errors.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { own, rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { deadLetterQueue } from "../../../systems/stomp/wire.ts";
import {
  acknowledge,
  awaitRefusal,
  connectAs,
  cut,
  heardAfterwards,
  hearFrom,
  naming,
  openPlaces,
  requireVersion12,
  sendTo,
  subscribeTo,
  topicOf,
  type Place,
} from "../steps/broker.ts";

const individual = { ack: "client-individual" };

/** Somebody who has heard so many messages of a queue, and acknowledged none of them. */
async function hearing(world: World, count: number, headers: Record<string, string> = individual) {
  const places = await openPlaces(world);
  const connection = await world.stomp(places.alice);
  requireVersion12(connection);
  const subscription = await subscribeTo(world, connection, places.queue, headers);
  const sender = await world.stomp(places.bob);
  const markers = Array.from({ length: count }, () => world.marker());
  for (const marker of markers) await sendTo(world, sender, places.queue, marker);
  const frames: StompFrame[] = [];
  for (const marker of markers) frames.push(await hearFrom(world, subscription, marker));
  return { ...places, connection, subscription, sender, markers, frames };
}

/** Which of them come again after the connection was lost. */
async function comeAgain(
  world: World,
  { connection, bob, queue, markers }: Awaited<ReturnType<typeof hearing>>,
): Promise<boolean[]> {
  await cut(connection);
  const { counts } = await heardAfterwards(world, bob, queue, markers);
  return counts.map((count) => count > 0);
}

export const acks: Proofs<typeof area> = {
  "acks.message-says-how": async (world) => {
    const { alice, bob, channel } = await openPlaces(world);
    const connection = await world.stomp(alice);
    requireVersion12(connection);
    const ids: (string | undefined)[] = [];
    for (const ack of ["client", "client-individual"]) {
      const subscription = await subscribeTo(world, connection, topicOf(channel), { ack });
      for (let count = 0; count < 2; count++) {
        const marker = world.marker();
        await world.post(bob, channel, marker);
        ids.push(headerOf(await hearFrom(world, subscription, marker, { as: "hear a sent message" }), "ack"));
      }
    }
    claim(
      ids.every((id) => id !== undefined && id !== ""),
      () => `of four MESSAGEs with ack client or client-individual these have a header ack: ${JSON.stringify(ids)}`,
    );
    claim(new Set(ids).size === ids.length, () => `two MESSAGEs have one ack: ${JSON.stringify(ids)}`);
  },

  "acks.unacknowledged-comes-again": async (world) => {
    const { connection, bob, queue, markers } = await hearing(world, 1);
    await cut(connection);
    const subscription = await subscribeTo(world, await world.stomp(bob), queue);
    await own("give back", () => hearFrom(world, subscription, markers[0]!, { as: "give back" }));
  },

  "acks.acknowledged-is-done": async (world) => {
    const heard = await hearing(world, 2);
    await own("acknowledge", () => acknowledge(world, heard.connection, heard.frames[0]!));
    const [first] = await comeAgain(world, heard);
    claim(first === false, "a message that was acknowledged came again when its connection was lost");
  },

  "acks.client-is-cumulative": async (world) => {
    const heard = await hearing(world, 5, { ack: "client" });
    await acknowledge(world, heard.connection, heard.frames[2]!);
    const again = await comeAgain(world, heard);
    rely("acknowledge", again[2] === false, "the message that was acknowledged came again");
    claim(
      !again[0] && !again[1],
      "with ack client the third of five messages was acknowledged, and one before it came again",
    );
  },

  "acks.individual-is-for-one": async (world) => {
    const heard = await hearing(world, 3);
    await acknowledge(world, heard.connection, heard.frames[2]!);
    await cut(heard.connection);
    const { subscription, counts } = await heardAfterwards(world, heard.bob, heard.queue, heard.markers);
    rely("acknowledge", counts[2] === 0, "the message that was acknowledged came again");
    for (const marker of heard.markers.slice(0, 2))
      await hearFrom(world, subscription, marker, { as: "give back" }).catch(async (error: unknown) => {
        if (!(error instanceof TimeoutError)) throw error;
        await relyOnGivingBack(world);
        claim(
          false,
          "with ack client-individual the third message was acknowledged, and one before it did not come again",
        );
      });
  },

  "acks.by-message-id-in-1-1": async (world) => {
    const { alice, bob, queue } = await openPlaces(world);
    const connection = await connectAs(world, alice, "1.1");
    if (connection === undefined) return;
    const subscription = await subscribeTo(world, connection, queue, individual);
    const sender = await world.stomp(bob);
    const marker = world.marker();
    await sendTo(world, sender, queue, marker);
    const frame = await hearFrom(world, subscription, marker);
    const headers = { "message-id": headerOf(frame, "message-id") ?? "", subscription: subscription.id };
    await connection.sendAndAwaitReceipt("ACK", headers, "", world.deadlineMs);
    await cut(connection);
    const { counts } = await heardAfterwards(world, bob, queue, [marker]);
    claim(counts[0] === 0, "a message that was acknowledged by message-id and subscription came again");
  },

  "acks.unknown-id-is-refused": async (world) => {
    for (const command of ["ACK", "NACK"] as const) {
      const { alice, bob, channel } = await openPlaces(world);
      const connection = await world.stomp(alice);
      requireVersion12(connection);
      const subscription = await subscribeTo(world, connection, topicOf(channel), individual);
      const marker = world.marker();
      await world.post(bob, channel, marker);
      const frame = await hearFrom(world, subscription, marker, { as: "hear a sent message" });
      naming(frame);
      connection.sendFrame(command, { id: `rollcall-${world.marker()}` });
      await awaitRefusal(world, connection, `${command} of what was never delivered`);
    }
  },

  "acks.others-messages-stay": async (world) => {
    const heard = await hearing(world, 1);
    const stranger = await world.stomp(heard.bob);
    stranger.sendFrame("ACK", naming(heard.frames[0]!));
    // Refused, or overlooked: what follows it says that it was handled.
    stranger.sendFrame("DISCONNECT", { receipt: "bye" });
    await stranger.awaitClose(world.deadlineMs).catch(() => stranger.transport.terminate());
    await cut(heard.connection);
    const subscription = await subscribeTo(world, await world.stomp(heard.bob), heard.queue);
    await hearFrom(world, subscription, heard.markers[0]!, { as: "give back" }).catch(async (error: unknown) => {
      if (!(error instanceof TimeoutError)) throw error;
      await relyOnGivingBack(world);
      claim(false, "another connection's ACK made a message done");
    });
  },

  "acks.twice-is-refused": async (world) => {
    const { alice, bob, channel } = await openPlaces(world);
    const connection = await world.stomp(alice);
    requireVersion12(connection);
    const subscription = await subscribeTo(world, connection, topicOf(channel), individual);
    const marker = world.marker();
    await world.post(bob, channel, marker);
    const frame = await hearFrom(world, subscription, marker, { as: "hear a sent message" });
    await acknowledge(world, connection, frame);
    connection.sendFrame("ACK", naming(frame));
    await awaitRefusal(world, connection, "an ACK of what is acknowledged already");
  },

  "acks.nack-comes-again": async (world) => {
    const { connection, subscription, frames, markers } = await hearing(world, 1);
    await connection.sendAndAwaitReceipt("NACK", naming(frames[0]!), "", world.deadlineMs);
    const again = await own("give back", () =>
      hearFrom(world, subscription, markers[0]!, { as: "give back", after: 1 }),
    );
    claim(headerOf(again, "redelivered") === "true", "a message that came again has no header redelivered:true");
  },

  "acks.unsubscribe-gives-back": async (world) => {
    const { connection, subscription, bob, queue, markers } = await hearing(world, 1);
    await connection.sendAndAwaitReceipt("UNSUBSCRIBE", { id: subscription.id }, "", world.deadlineMs);
    const other = await subscribeTo(world, await world.stomp(bob), queue);
    await own("give back", () => hearFrom(world, other, markers[0]!, { as: "give back" }));
  },

  "acks.fifth-delivery-is-the-last": async (world) => {
    const { connection, subscription, bob, markers, frames, queue, sender } = await hearing(world, 1);
    const [marker = ""] = markers;
    let [frame] = frames;
    for (let delivery = 1; delivery <= 4; delivery++) {
      await acknowledge(world, connection, frame!, { command: "NACK" });
      frame = await hearFrom(world, subscription, marker, { as: "give back", after: delivery });
    }
    await acknowledge(world, connection, frame!, { command: "NACK" });
    const fence = world.marker("fence");
    await sendTo(world, sender, queue, fence);
    await hearFrom(world, subscription, fence);
    claim(world.heardCount(subscription, marker) === 5, "a message came a sixth time");
    const dead: Place = { destination: deadLetterQueue, headers: {} };
    const letters = await subscribeTo(world, await world.stomp(bob), dead);
    await own("hear from a queue", () => hearFrom(world, letters, marker));
  },

  "acks.window-holds": async (world) => {
    const { connection, subscription, frames, markers, sender, queue, bob, channel } = await hearing(world, 2, {
      ...individual,
      "prefetch-count": "2",
    });
    const topic = await subscribeTo(world, connection, topicOf(channel));
    const next = world.marker();
    await sendTo(world, sender, queue, next);
    await fence(world, () => world.post(bob, channel, next), topic, next);
    claim(world.heardCount(subscription, next) === 0, "a third message came to a subscription with prefetch-count:2");
    await acknowledge(world, connection, frames[0]!);
    await own("hear from a queue", () => hearFrom(world, subscription, next));
    rely("hear from a queue", markers.length === 2, "");
  },

  "acks.window-is-bounded": async (world) => {
    const { connection, subscription, frames, sender, queue, bob, channel } = await hearing(world, 100);
    const topic = await subscribeTo(world, connection, topicOf(channel));
    const next = world.marker();
    await sendTo(world, sender, queue, next);
    await fence(world, () => world.post(bob, channel, next), topic, next);
    claim(world.heardCount(subscription, next) === 0, "more than 100 messages came, and none was acknowledged");
    await acknowledge(world, connection, frames[0]!);
    await own("hear from a queue", () => hearFrom(world, subscription, next));
  },
};

/** Something else comes on the same connection: what was to come before it has come. */
async function fence(
  world: World,
  say: () => Promise<unknown>,
  topic: Awaited<ReturnType<typeof subscribeTo>>,
  marker: string,
): Promise<void> {
  await say();
  await hearFrom(world, topic, marker, { as: "hear a sent message" });
  await world.settle();
}

/** Where nothing comes again after a lost connection, no other clause says so. */
async function relyOnGivingBack(world: World): Promise<void> {
  const { connection, bob, queue, markers } = await hearing(world, 1);
  await cut(connection);
  const subscription = await subscribeTo(world, await world.stomp(bob), queue);
  await hearFrom(world, subscription, markers[0]!, { as: "give back" });
}
