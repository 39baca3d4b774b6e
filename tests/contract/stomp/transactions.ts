// Proofs of contract/stomp/transactions.ts.

import type { transactions as area } from "../../../contract/stomp/transactions.ts";
import { headerOf } from "../../../drivers/codecs/stomp.ts";
import { TimeoutError } from "../../../drivers/errors.ts";
import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { own, rely, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import {
  awaitRefusal,
  acknowledge,
  cut,
  heardAfterwards,
  hearFrom,
  openPlaces,
  sendTo,
  subscribeTo,
} from "../steps/broker.ts";

const transaction = "t1";

/** A listener of a topic, and somebody who is about to send there. */
async function opening(world: World) {
  const places = await openPlaces(world);
  const listener = await world.stomp(places.bob);
  const subscription = await world.subscribe(listener, places.channel);
  return { ...places, subscription, sender: await world.stomp(places.alice) };
}

type Opening = Awaited<ReturnType<typeof opening>>;

/** Says something in a transaction. */
function sendIn(world: World, { alice, channel, sender }: Opening, text: string, id = transaction): void {
  world.sendMessage(sender, alice, channel, text, { transaction: id });
}

/** Something that is in no transaction, sent after all that, is heard: what was to be heard was heard before. */
async function fence(world: World, { alice, channel, subscription }: Opening, sender: StompConnection): Promise<void> {
  const marker = world.marker("fence");
  world.sendMessage(sender, alice, channel, marker);
  await world.hear(subscription, marker);
  await world.settle();
}

/** That it is heard at all is for another clause to say. */
const hearCommitted = (world: World, subscription: Subscription, marker: string) =>
  step("commit", () => subscription.awaitMessage(marker, ({ body }) => body.includes(marker), world.deadlineMs));

/** ERROR for a frame, on a connection of its own. */
async function isRefused(world: World, frames: readonly [string, Record<string, string>][], what: string) {
  const [alice] = await world.accounts(1);
  const connection = await world.stomp(alice);
  for (const [command, headers] of frames) connection.sendFrame(command, headers);
  await awaitRefusal(world, connection, what);
}

/** Alice has heard a message of a queue, and is about to acknowledge it in a transaction. */
async function holding(world: World) {
  const places = await openPlaces(world);
  const connection = await world.stomp(places.alice);
  const subscription = await subscribeTo(world, connection, places.queue, { ack: "client-individual" });
  const sender = await world.stomp(places.bob);
  const marker = world.marker();
  await sendTo(world, sender, places.queue, marker);
  const frame = await hearFrom(world, subscription, marker);
  connection.sendFrame("BEGIN", { transaction });
  await acknowledge(world, connection, frame, { headers: { transaction } });
  return { ...places, connection, marker };
}

export const transactions: Proofs<typeof area> = {
  "transactions.heard-after-commit": async (world) => {
    const scene = await opening(world);
    const { sender, subscription } = scene;
    const markers = [0, 1, 2].map(() => world.marker());
    sender.sendFrame("BEGIN", { transaction });
    for (const marker of markers) sendIn(world, scene, marker);
    sender.sendFrame("COMMIT", { transaction });
    for (const marker of markers) await own("commit", () => hearCommitted(world, subscription, marker));
    await fence(world, scene, sender);
    const heard = world.textsOf(subscription).filter((text) => markers.includes(text));
    claim(
      heard.join() === markers.join(),
      () => `three messages of a transaction were heard as ${heard.length}: ${heard.join()}`,
    );
  },

  "transactions.nothing-before-commit": async (world) => {
    const scene = await opening(world);
    const { sender, subscription } = scene;
    const marker = world.marker();
    sender.sendFrame("BEGIN", { transaction });
    sendIn(world, scene, marker);
    await fence(world, scene, sender);
    claim(world.heardCount(subscription, marker) === 0, "a message of a transaction was heard before its COMMIT");
    sender.sendFrame("COMMIT", { transaction });
    await hearCommitted(world, subscription, marker);
  },

  "transactions.abort-discards": async (world) => {
    const scene = await opening(world);
    const { sender, subscription } = scene;
    const [aborted, committed] = [world.marker(), world.marker()];
    for (const [id, marker, end] of [
      ["t1", aborted, "ABORT"],
      ["t2", committed, "COMMIT"],
    ] as const) {
      sender.sendFrame("BEGIN", { transaction: id });
      sendIn(world, scene, marker, id);
      sender.sendFrame(end, { transaction: id });
    }
    await hearCommitted(world, subscription, committed);
    await fence(world, scene, sender);
    claim(world.heardCount(subscription, aborted) === 0, "a message of a transaction that was aborted was heard");
  },

  "transactions.lost-connection-aborts": async (world) => {
    const scene = await opening(world);
    const { sender, subscription, alice } = scene;
    const marker = world.marker();
    sender.sendFrame("BEGIN", { transaction });
    sendIn(world, scene, marker);
    await fence(world, scene, sender);
    rely("hold until COMMIT", world.heardCount(subscription, marker) === 0, "a SEND in a transaction is heard at once");
    await cut(sender);
    await world.settle();
    await fence(world, scene, await world.stomp(alice));
    claim(
      world.heardCount(subscription, marker) === 0,
      "a message of a transaction whose connection was lost was heard",
    );
  },

  "transactions.need-an-id": async (world) => {
    for (const command of ["BEGIN", "COMMIT", "ABORT"])
      await isRefused(world, [[command, {}]], `${command} without a transaction header`);
  },

  "transactions.unknown-id-is-refused": async (world) => {
    for (const command of ["COMMIT", "ABORT"])
      await isRefused(world, [[command, { transaction }]], `${command} of no open transaction`);
    const scene = await opening(world);
    const marker = world.marker();
    sendIn(world, scene, marker);
    await awaitRefusal(world, scene.sender, "SEND in no open transaction");
    await fence(world, scene, await world.stomp(scene.alice));
    claim(world.heardCount(scene.subscription, marker) === 0, "a SEND in no open transaction was heard");
  },

  "transactions.open-id-is-refused": async (world) => {
    await isRefused(
      world,
      [
        ["BEGIN", { transaction }],
        ["BEGIN", { transaction }],
      ],
      "BEGIN with the id of an open transaction",
    );
  },

  "transactions.ids-are-the-connections": async (world) => {
    const scene = await opening(world);
    const { subscription, alice, bob, channel } = scene;
    const marker = world.marker();
    scene.sender.sendFrame("BEGIN", { transaction });
    sendIn(world, scene, marker);
    await fence(world, scene, scene.sender);
    const other = await world.stomp(bob);
    other.sendFrame("BEGIN", { transaction });
    world.sendMessage(other, bob, channel, world.marker("other"), { transaction });
    other.sendFrame("ABORT", { transaction });
    await fence(world, scene, other);
    scene.sender.sendFrame("COMMIT", { transaction });
    await hearCommitted(world, subscription, marker).catch(async (error: unknown) => {
      if (!(error instanceof TimeoutError) && scene.sender.inbox.ended === undefined) throw error;
      await relyOnCommit(world, { ...scene, sender: await world.stomp(alice) });
      claim(false, "what one connection committed is not heard, after another aborted a transaction of the same id");
    });
  },

  "transactions.several-at-a-time": async (world) => {
    const scene = await opening(world);
    const { sender, subscription } = scene;
    const [first, second] = [world.marker(), world.marker()];
    for (const id of ["t1", "t2"]) sender.sendFrame("BEGIN", { transaction: id });
    sendIn(world, scene, first, "t1");
    sendIn(world, scene, second, "t2");
    sender.sendFrame("COMMIT", { transaction: "t2" });
    await hearCommitted(world, subscription, second);
    sender.sendFrame("ABORT", { transaction: "t1" });
    await fence(world, scene, sender);
    claim(world.heardCount(subscription, first) === 0, "a transaction was aborted, and heard as another was committed");
  },

  "transactions.acks-wait": async (world) => {
    const { connection, bob, queue, marker } = await holding(world);
    await connection.sendAndAwaitReceipt("ABORT", { transaction }, "", world.deadlineMs);
    await cut(connection);
    const subscription = await subscribeTo(world, await world.stomp(bob), queue);
    await hearFrom(world, subscription, marker, { as: "give back" }).catch(async (error: unknown) => {
      if (!(error instanceof TimeoutError)) throw error;
      await relyOnGivingBack(world);
      claim(false, "an ACK in a transaction that was aborted made its message done");
    });
  },

  "transactions.acks-count-at-commit": async (world) => {
    const { connection, bob, queue, marker } = await holding(world);
    await connection.sendAndAwaitReceipt("COMMIT", { transaction }, "", world.deadlineMs);
    await cut(connection);
    const { counts } = await heardAfterwards(world, bob, queue, [marker]);
    claim(counts[0] === 0, "a message that was acknowledged in a committed transaction came again");
  },

  "transactions.frames-have-receipts": async (world) => {
    const scene = await opening(world);
    const { sender, alice, channel } = scene;
    sender.sendFrame("BEGIN", { transaction, receipt: "r1" });
    world.sendMessage(sender, alice, channel, world.marker(), { transaction, receipt: "r2" });
    sender.sendFrame("COMMIT", { transaction, receipt: "r3" });
    sender.sendFrame("BEGIN", { transaction: "t2", receipt: "r4" });
    sender.sendFrame("ABORT", { transaction: "t2", receipt: "r5" });
    const wanted = ["r1", "r2", "r3", "r4", "r5"];
    for (const receipt of wanted)
      await sender.inbox.awaitItem(
        `RECEIPT ${receipt}`,
        (frame) => frame.command === "RECEIPT" && headerOf(frame, "receipt-id") === receipt,
        world.deadlineMs,
      );
    await fence(world, scene, sender);
    const given = sender.frames("RECEIPT").map((frame) => headerOf(frame, "receipt-id"));
    claim(
      given.length === wanted.length,
      () => `five frames were answered by ${given.length} RECEIPTs: ${given.join()}`,
    );
  },

  "transactions.open-ones-are-bounded": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.stomp(alice);
    for (let count = 1; count <= 16; count++)
      await connection.sendAndAwaitReceipt("BEGIN", { transaction: `t${count}` }, "", world.deadlineMs);
    connection.sendFrame("BEGIN", { transaction: "t17" });
    await awaitRefusal(world, connection, "a seventeenth open transaction");
  },

  "transactions.bytes-are-bounded": async (world) => {
    const scene = await opening(world);
    const { sender, subscription, alice } = scene;
    sender.sendFrame("BEGIN", { transaction });
    const marker = world.marker();
    sendIn(world, scene, marker);
    for (let count = 0; count < 22; count++) sendIn(world, scene, "x".repeat(50_000));
    sender.sendFrame("COMMIT", { transaction });
    await awaitRefusal(world, sender, "more than 1 MiB in a transaction");
    await fence(world, scene, await world.stomp(alice));
    claim(world.heardCount(subscription, marker) === 0, "a part of a transaction that was refused was heard");
  },

  "transactions.never-in-part": async (world) => {
    const scene = await opening(world);
    const { sender, subscription, alice, queue } = scene;
    const filler = await world.stomp(alice);
    for (let count = 1; count < 1_000; count++) filler.sendFrame("SEND", { destination: queue.destination }, "full");
    await sendTo(world, filler, queue, "full");
    const marker = world.marker();
    sender.sendFrame("BEGIN", { transaction });
    sendIn(world, scene, marker);
    sender.sendFrame("SEND", { destination: queue.destination, transaction }, "one too many");
    sender.sendFrame("COMMIT", { transaction });
    await awaitRefusal(world, sender, "a COMMIT to a full queue");
    await fence(world, scene, await world.stomp(alice));
    claim(
      world.heardCount(subscription, marker) === 0,
      "one of two messages of a transaction that was refused was heard",
    );
    await empty(world, await world.stomp(alice), queue.destination);
  },
};

/** Takes all that waits: it would stay for as long as the server runs. */
async function empty(world: World, connection: StompConnection, destination: string): Promise<void> {
  await subscribeTo(world, connection, { destination, headers: {} });
  await world.settle();
}

/** Where nothing is heard of a transaction at all, no other clause says so. */
async function relyOnCommit(world: World, scene: Opening): Promise<void> {
  const marker = world.marker();
  scene.sender.sendFrame("BEGIN", { transaction: "control" });
  sendIn(world, scene, marker, "control");
  scene.sender.sendFrame("COMMIT", { transaction: "control" });
  await hearCommitted(world, scene.subscription, marker);
}

/** Where nothing comes again after a lost connection, no other clause says so. */
async function relyOnGivingBack(world: World): Promise<void> {
  const { alice, bob, queue } = await openPlaces(world);
  const connection = await world.stomp(alice);
  const subscription = await subscribeTo(world, connection, queue, { ack: "client-individual" });
  const marker = world.marker();
  await sendTo(world, await world.stomp(bob), queue, marker);
  await hearFrom(world, subscription, marker);
  await cut(connection);
  await hearFrom(world, await subscribeTo(world, await world.stomp(bob), queue), marker, { as: "give back" });
}
