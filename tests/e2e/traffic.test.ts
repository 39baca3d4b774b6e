// Everybody hears everything of their rooms, once, in order, and nothing else: four senders, three rooms, twelve listeners over three transports and
// both instances, judged as one history by the delivery checker.

import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { checkDelivery, type Listener, type SentMessage } from "../../checkers/delivery.ts";
import { headerOf } from "../../drivers/codecs/stomp.ts";
import type { StompConnection } from "../../drivers/stomp.ts";
import type { TextTransport } from "../../drivers/transport.ts";
import { sendDestination } from "../../contract/wire.ts";
import type { Account } from "../contract/account-pool.ts";
import type { Channel, World } from "../contract/world.ts";
import { stackTarget } from "../stack.ts";
import { people } from "./people.ts";

const transports: TextTransport["kind"][] = ["websocket", "sockjs-websocket", "xhr-streaming", "xhr-polling"];
const messagesPerSender = 40;

interface Ear {
  name: string;
  channel: Channel;
  connection: StompConnection;
  confirmedAtMs: number;
}

async function openEars(world: World, channels: readonly Channel[], listener: Account): Promise<Ear[]> {
  return await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const transport = transports[index % transports.length]!;
      const channel = channels[index % channels.length]!;
      const connection = await world.stomp(listener, { instance: index % 2, transport });
      await world.subscribe(connection, channel);
      return { name: `listener ${index} (${transport}, instance ${(index % 2) + 1})`, channel, connection, confirmedAtMs: performance.now() };
    }),
  );
}

/** Sends into the rooms in turn, without waiting; the fate of each message is known by its RECEIPT. */
async function talk(world: World, sender: Account, number: number, channels: readonly Channel[]): Promise<SentMessage[]> {
  const connection = await world.stomp(sender, { instance: number % 2 });
  const sent = Array.from({ length: messagesPerSender }, (_, sequence): SentMessage => {
    const channel = channels[sequence % channels.length]!;
    const marker = world.marker(`s${number}n${sequence}`);
    const sentAtMs = performance.now();
    connection.sendFrame(
      "SEND",
      { destination: sendDestination, receipt: marker },
      JSON.stringify({ content: marker, channelId: channel.id, authorId: sender.id }),
    );
    return { marker, sender: sender.label, room: channel.id, sequence, sentAtMs, fate: "unknown" };
  });
  await connection.inbox.awaitCount("receipts", ({ command }) => command === "RECEIPT", sent.length, world.deadlineMs);
  const acknowledged = new Set(connection.frames("RECEIPT").map((frame) => headerOf(frame, "receipt-id")));
  return sent.map((message) => ({ ...message, fate: acknowledged.has(message.marker) ? "acknowledged" : "unknown" }));
}

test("twelve listeners hear what four senders say, each message once, in order, and nothing of other rooms", async () => {
  await people(stackTarget("discodeit-1"), "instances", async (world) => {
    const senders = await world.accounts(4);
    const channels = [await world.privateChannel(...senders), await world.privateChannel(...senders), await world.privateChannel(...senders)];
    const ears = await openEars(world, channels, senders[0]);
    const sent = (await Promise.all(senders.map((sender, number) => talk(world, sender, number, channels)))).flat();
    const owed = (ear: Ear): SentMessage[] => sent.filter(({ room }) => room === ear.channel.id);
    await Promise.all(
      ears.map((ear) => ear.connection.inbox.awaitCount(`messages at ${ear.name}`, ({ command }) => command === "MESSAGE", owed(ear).length, world.deadlineMs)),
    );
    const listeners = ears.map((ear): Listener => ({
      name: ear.name,
      room: ear.channel.id,
      confirmedAtMs: ear.confirmedAtMs,
      heard: ear.connection.frames("MESSAGE").map((frame) => ({ marker: world.messageOf(frame).content!, atMs: frame.atMs })),
    }));
    expect(checkDelivery(sent, listeners)).toEqual([]);
    expect(listeners.reduce((sum, { heard }) => sum + heard.length, 0)).toBe(ears.reduce((sum, ear) => sum + owed(ear).length, 0));
  });
});
