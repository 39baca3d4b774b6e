// Proofs of contract/shared/frames.ts: frames as bytes.

import type { frames as area } from "../../../contract/shared/frames.ts";
import { encodeFrame, headerOf } from "../../../drivers/codecs/stomp.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import { openWebSocket, stompSubprotocols } from "../../../drivers/websocket.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { awaitError, ownHearing } from "../steps/hearing.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { own, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";

interface Bench {
  alice: Account;
  bob: Account;
  channel: Channel;
  /** The connection under test. */
  connection: StompConnection;
  /** Bob's, on another connection. */
  heard: Subscription;
}

async function bench(world: World): Promise<Bench> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const [connection, other] = await Promise.all([world.stomp(alice), world.stomp(bob)]);
  return { alice, bob, channel, connection, heard: await world.subscribe(other, channel) };
}

/** A SEND of one message, as text. */
function sendText(
  world: World,
  { alice, channel }: Bench,
  marker: string,
  headers: Record<string, string> = {},
): string {
  const frame = world.speaker.sendOf(alice, channel.room, marker);
  return encodeFrame("SEND", { destination: frame.destination, ...frame.headers, ...headers }, frame.body);
}

/** What was written must end the connection with ERROR, and others go on. */
async function fatal(world: World, room: Bench, text: string, what: string): Promise<void> {
  const connection = await world.stomp(room.alice);
  connection.sendRaw(text);
  await awaitError(world, connection, what);
  const marker = world.marker("others");
  await world.post(room.alice, room.channel, marker);
  await world.hear(room.heard, marker);
}

/** That it is heard is what the clause says. */
const hearsIt = (world: World, { bob, channel }: Bench, subscription: Subscription, marker: string) =>
  ownHearing(world, bob, channel, () => world.hear(subscription, marker));

export const frames: Proofs<typeof area> = {
  "frames.grammar": async (world) => {
    const room = await bench(world);
    const subscription = await world.subscribe(room.connection, room.channel);
    for (const marker of [world.marker("plain"), world.marker('quote " \\ : \r\n end'), world.marker("안녕 🙂 é")]) {
      await world.post(room.bob, room.channel, marker);
      await world.hear(subscription, marker).catch((error: unknown) => {
        claim(room.connection.syntaxError === undefined, () => room.connection.syntaxError!.message);
        throw error;
      });
    }
    room.connection.sendFrame("DISCONNECT", { receipt: "bye" });
    // Whether the RECEIPT comes is another clause's question; here it is read, if it comes.
    await room.connection.inbox
      .awaitItem("the last RECEIPT", (frame) => headerOf(frame, "receipt-id") === "bye", world.deadlineMs)
      .catch((error: unknown) => {
        if (!(error instanceof TargetError)) throw error;
      });
    claim(room.connection.syntaxError === undefined, () => room.connection.syntaxError!.message);
  },

  "frames.crlf": async (world) => {
    const room = await bench(world);
    const marker = world.marker();
    room.connection.sendRaw(`SUBSCRIBE\r\nid:crlf\r\ndestination:${room.channel.destination}\r\n\r\n\0`);
    if (!world.baseline.receipts)
      await world.probe(room.connection.subscription("crlf", room.channel.destination), room.channel);
    room.connection.sendRaw(sendText(world, room, marker).replace(/^[^{]*/, (head) => head.replaceAll("\n", "\r\n")));
    await hearsIt(world, room, room.heard, marker);
    await hearsIt(world, room, room.connection.subscription("crlf", room.channel.destination), marker);
  },

  "frames.eols-between": async (world) => {
    const room = await bench(world);
    const [one, two] = [world.marker(), world.marker()];
    room.connection.sendRaw(`\n\n\r\n${sendText(world, room, one)}\n\n\n${sendText(world, room, two)}\n`);
    for (const marker of [one, two]) await hearsIt(world, room, room.heard, marker);
    claim(room.connection.inbox.ended === undefined, "line ends between frames ended the connection");
  },

  "frames.several-in-one-message": async (world) => {
    const room = await bench(world);
    const markers = Array.from({ length: 5 }, (_, index) => world.marker(`n${index}`));
    room.connection.sendRaw(markers.map((marker) => sendText(world, room, marker)).join(""));
    for (const marker of markers) await hearsIt(world, room, room.heard, marker);
    const order = world.textsOf(room.heard).filter((text) => markers.includes(text));
    if (world.baseline.ordered)
      claim(order.join() === markers.join(), "frames of one WebSocket message were processed out of order");
  },

  "frames.in-pieces": async (world) => {
    const room = await bench(world);
    const marker = world.marker();
    const text = sendText(world, room, marker);
    for (let at = 0; at < text.length; at += 17) room.connection.sendRaw(text.slice(at, at + 17));
    await hearsIt(world, room, room.heard, marker);
  },

  "frames.content-length": async (world) => {
    const room = await bench(world);
    const marker = world.marker("한국어 🙂 ü");
    room.connection.sendRaw(sendText(world, room, marker));
    const heard = await hearsIt(world, room, room.heard, marker);
    claim(heard.text === marker, "multi-byte text changed on its way");
  },

  "frames.escapes-in-ids": async (world) => {
    const room = await bench(world);
    const id = "a:b\\c\nd";
    const subscription = await own("subscribe", () => world.subscribe(room.connection, room.channel, id));
    const marker = world.marker();
    await world.post(room.bob, room.channel, marker);
    await hearsIt(world, room, subscription, marker);
  },

  "frames.undefined-escape": async (world) => {
    const room = await bench(world);
    // In a header that means nothing, so that nothing but the escape is wrong.
    const text = sendText(world, room, world.marker("escaped")).replace("SEND\n", "SEND\nx-note:a\\tb\n");
    await fatal(world, room, text, "an undefined escape");
  },

  "frames.malformed-header": async (world) => {
    const room = await bench(world);
    await fatal(
      world,
      room,
      sendText(world, room, world.marker("bad")).replace("SEND\n", "SEND\nno colon here\n"),
      "a header line without a colon",
    );
  },

  "frames.unknown-command": async (world) => {
    const room = await bench(world);
    await fatal(world, room, "ROLLCALL\n\n\0", "an unknown command");
    const lower = sendText(world, room, world.marker("bad")).replace("SEND\n", "send\n");
    await fatal(world, room, lower, "a lower-case command");
  },

  "frames.receipt-for-every-frame": async (world) => {
    const room = await bench(world);
    const deadlineMs = Math.min(world.deadlineMs, 3_000);
    const { connection, channel, alice } = room;
    const subscription = await connection.subscribeWithReceipt(channel.destination, deadlineMs);
    const sent = world.speaker.sendOf(alice, channel.room, world.marker());
    const headers = { destination: sent.destination, ...sent.headers };
    await connection.sendAndAwaitReceipt("SEND", headers, sent.body, deadlineMs);
    await connection.sendAndAwaitReceipt("UNSUBSCRIBE", { id: subscription.id }, "", deadlineMs);
    await connection.sendAndAwaitReceipt("DISCONNECT", {}, "", deadlineMs);
    const receipts = connection.frames("RECEIPT").map((frame) => headerOf(frame, "receipt-id"));
    claim(
      receipts.length === 4 && new Set(receipts).size === 4,
      `four frames with receipt were answered with ${receipts.length} RECEIPTs: ${receipts.join(", ")}`,
    );
  },

  "frames.error-has-the-receipt-id": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.stomp(alice);
    connection.sendFrame("SUBSCRIBE", { id: "x", destination: "/sub/rollcall-no-such", receipt: "r:1" });
    const error = await connection.inbox.awaitItem("ERROR", ({ command }) => command === "ERROR", world.deadlineMs);
    claim(headerOf(error, "receipt-id") === "r:1", `ERROR has receipt-id ${headerOf(error, "receipt-id") ?? "none"}`);
    await connection.awaitClose(world.deadlineMs);
    claim(connection.frames("RECEIPT").length === 0, "a frame that was refused got a RECEIPT too");
  },

  "frames.nothing-after-an-error": async (world) => {
    const room = await bench(world);
    const secret = world.marker("after");
    room.connection.sendRaw(`ROLLCALL\n\n\0${sendText(world, room, secret)}`);
    await room.connection.awaitClose(world.deadlineMs);
    const fence = world.marker("fence");
    await world.post(room.alice, room.channel, fence);
    await world.hear(room.heard, fence);
    await world.settle();
    claim(world.heardCount(room.heard, secret) === 0, "a frame behind a fatal error was acted on");
  },

  "frames.size-limit": async (world) => {
    const room = await bench(world);
    const secret = world.marker("huge");
    const connection = await world.stomp(room.alice);
    connection.sendRaw(sendText(world, room, secret + "x".repeat(1_048_576)));
    await connection.awaitClose(world.deadlineMs);
    const marker = world.marker("others");
    await world.post(room.alice, room.channel, marker);
    await world.hear(room.heard, marker);
    claim(world.heardCount(room.heard, secret) === 0, "a message of 1 MiB was delivered");
  },

  "frames.header-limit": async (world) => {
    const room = await bench(world);
    const headers = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`x-${index}`, "1"]));
    await fatal(world, room, sendText(world, room, world.marker(), headers), "1,000 headers in one frame");
  },

  "frames.binary-messages": async (world) => {
    const room = await bench(world);
    const socket = await step("connect", () =>
      openWebSocket(world.webSocketUrl(), {
        network: world.network,
        protocols: stompSubprotocols,
        headers: world.handshakeHeaders(room.alice),
      }),
    );
    try {
      const connected = new Promise<string>((resolve, reject) => {
        socket.once("message", (data: Buffer) => resolve(data.toString("utf8")));
        setTimeout(
          () => reject(new TimeoutError(`Cannot connect by a binary message: nothing within ${world.deadlineMs} ms`)),
          world.deadlineMs,
        ).unref();
        socket.once("close", (code) =>
          reject(new TargetError("closed", `Cannot connect by a binary message: closed with ${code}`)),
        );
      });
      socket.resume();
      socket.send(
        Buffer.from(encodeFrame("CONNECT", { "accept-version": "1.2", ...world.speaker.connectHeaders(room.alice) })),
      );
      claim((await connected).startsWith("CONNECTED"), "CONNECT in a binary message was not answered CONNECTED");
      const marker = world.marker();
      socket.send(Buffer.from(sendText(world, room, marker)));
      await hearsIt(world, room, room.heard, marker);
    } finally {
      socket.terminate();
    }
  },
};
