// Proofs of contract/stomp/strict.ts: frames that break a rule, on connections of their own, and what others hear of
// them.

import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import type { strict as area } from "../../../contract/stomp/strict.ts";
import { encodeFrame, headerOf, octetCount } from "../../../drivers/codecs/stomp.ts";
import { within } from "../../../drivers/deadline.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, Inconclusive, Unsupported, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { handled } from "../steps/hearing.ts";

/** More than twice what servers beat; some close whatever was silent for 30 s. */
const silentMs = 25_000;
/** How much later another silent connection may be closed for the same reason. */
const idleGraceMs = 10_000;
const lineEndsMs = 1_000;
const longestMs = 12_000;
/** Of what it promised: it is in time even where we are late. */
const signEvery = 0.4;

/** Somebody under test, and somebody else who hears the room. */
async function opening(world: World) {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const heard = await world.subscribe(await world.stomp(bob), channel);
  return { alice, bob, channel, connection: await world.stomp(alice), heard };
}

interface Opening {
  bob: Account;
  channel: Channel;
  heard: Subscription;
}

/** What was sent has been handled, and the room goes on. */
async function passFence(world: World, { bob, channel, heard }: Opening): Promise<void> {
  const fence = world.marker("fence");
  await world.post(bob, channel, fence);
  await world.hear(heard, fence);
  await world.settle();
}

async function claimUnheard(world: World, room: Opening, marker: string, what: string): Promise<void> {
  await passFence(world, room);
  claim(world.heardCount(room.heard, marker) === 0, `${what} was heard`);
}

/** Where the whole of it goes, and what it holds. */
const sending = (world: World, account: Account, { room }: Channel, text: string) => {
  const { destination, headers, body } = world.speaker.sendOf(account, room, text);
  return { headers: { destination, ...headers }, body };
};

const endOf = (world: World, connection: StompConnection): Promise<unknown> =>
  Promise.race([connection.closed, wait(world.deadlineMs, undefined, { ref: false })]);

/** Until it was refused, by ERROR or by hanging up. Who refuses it in silence has had the time. */
async function refusalOf(world: World, connection: StompConnection): Promise<void> {
  const isError = ({ command }: { command: string }): boolean => command === "ERROR";
  await connection.inbox.awaitItem("ERROR", isError, world.deadlineMs).catch((error: unknown) => {
    if (!(error instanceof TargetError || error instanceof TimeoutError)) throw error;
  });
}

/** What was sent on it has been handled: what was sent behind it is heard, or it was refused. */
async function handledOrRefused(
  world: World,
  connection: StompConnection,
  { alice, channel }: { alice: Account; channel: Channel },
): Promise<void> {
  const behind = handled(world, connection, alice, channel).catch((error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error;
  });
  await Promise.race([behind, refusalOf(world, connection)]);
}

/** Names that match this destination, and few others, where somebody reads them as patterns. */
function patternsFor(destination: string): string[] {
  const stem = destination.slice(0, destination.lastIndexOf(".") + 1);
  // A stem with a slash behind it is everybody's.
  const beginning = stem.length > destination.lastIndexOf("/") + 1 ? stem : destination;
  return ["*", "#", ">"].map((wildcard) => beginning + wildcard);
}

export const strict: Proofs<typeof area> = {
  "strict.body-ends-where-it-says": async (world) => {
    const room = await opening(world);
    const marker = world.marker("hidden");
    const { headers, body } = sending(world, room.alice, room.channel, world.marker("longer"));
    const inside = sending(world, room.alice, room.channel, marker);
    const frame = encodeFrame("SEND", inside.headers, inside.body).slice(0, -1);
    // Behind its last octet, and behind none: what comes next is where a frame could begin.
    for (const [length, text] of [
      [octetCount(body), `${body}${frame}`],
      [0, frame],
    ] as const) {
      const connection = await world.stomp(room.alice);
      connection.sendRaw(encodeFrame("SEND", { ...headers, "content-length": String(length) }, text));
      await refusalOf(world, connection);
      await passFence(world, room);
      // A reader who takes all of it for the body hears the marker, too, and in another text.
      claim(!world.textsOf(room.heard).includes(marker), "a frame behind the end of a body was acted on");
    }
  },

  "strict.body-is-no-frame": async (world) => {
    const room = await opening(world);
    const marker = world.marker("hidden");
    const { headers, body } = sending(world, room.alice, room.channel, marker);
    const hidden = encodeFrame("SEND", headers, body).slice(0, -1);
    const { destination } = room.channel;
    room.connection.sendRaw(`SUBSCRIBE\nid:hiding\ndestination:${destination}\n\n${hidden}\0`);
    await handledOrRefused(world, room.connection, room);
    await claimUnheard(world, room, marker, "a frame in the body of a SUBSCRIBE");
  },

  "strict.receipts-are-escaped": async (world) => {
    const [alice] = await world.accounts(1);
    const plain = await world.stomp(alice);
    const version = headerOf(plain.frames("CONNECTED")[0]!, "version") ?? "1.0";
    if (version === "1.0") throw new Inconclusive("the target speaks STOMP 1.0, which has no escapes");
    await step("end with a receipt", () => plain.sendAndAwaitReceipt("DISCONNECT", {}, "", world.deadlineMs));
    const connection = await world.stomp(alice);
    const receipt = "a:b\\c\nd 안녕";
    connection.sendFrame("DISCONNECT", { receipt });
    const isReceipt = ({ command }: { command: string }): boolean => command === "RECEIPT";
    const answer = await connection.inbox.awaitItem(
      `RECEIPT for ${JSON.stringify(receipt)}`,
      isReceipt,
      world.deadlineMs,
    );
    const named = headerOf(answer, "receipt-id");
    claim(named === receipt, `the receipt ${JSON.stringify(receipt)} came back as ${JSON.stringify(named)}`);
  },

  "strict.nothing-after-disconnect": async (world) => {
    const room = await opening(world);
    const marker = world.marker("late");
    const { headers, body } = sending(world, room.alice, room.channel, marker);
    room.connection.sendRaw(encodeFrame("DISCONNECT") + encodeFrame("SEND", headers, body));
    await endOf(world, room.connection);
    await claimUnheard(world, room, marker, "a SEND behind DISCONNECT");
  },

  "strict.no-heart-beat-header": async (world) => {
    const [alice, bob] = await world.accounts(2);
    // The control: it says that it wants no heart-beats.
    const other = await world.stomp(bob, { headers: { "heart-beat": "0,0" } });
    const connection = await world.openStomp(alice);
    const credential = world.speaker.connectHeaders(alice);
    connection.sendFrame("CONNECT", { "accept-version": "1.0,1.1,1.2", ...credential });
    const isConnected = ({ command }: { command: string }): boolean => command === "CONNECTED";
    await step("connect", () => connection.inbox.awaitItem("CONNECTED", isConnected, world.deadlineMs));
    // Line ends right behind a frame are the frame's.
    await wait(lineEndsMs);
    const ofFrame = connection.heartBeatCount;
    await within<unknown>(silentMs, connection.closed, () => undefined);
    const { closeInfo, heartBeatCount } = connection;
    const beats = heartBeatCount - ofFrame;
    claim(beats === 0, `${beats} heart-beats came to a client that named none`);
    if (closeInfo === undefined) return;
    // Who is as silent, and said so, is closed as soon: the header has nothing to do with it.
    await within<unknown>(idleGraceMs, other.closed, () => undefined);
    if (other.closeInfo !== undefined)
      throw new Inconclusive(`whoever is silent is closed, with ${other.closeInfo.code}: it is too soon to say more`);
    claim(false, `a silent client was closed with ${closeInfo.code}, and had promised nothing`);
  },

  "strict.any-data-is-a-sign": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const connection = await world.stomp(alice, { headers: { "heart-beat": "1000,0" } });
    const [, wanted = "0"] = (headerOf(connection.frames("CONNECTED")[0]!, "heart-beat") ?? "0,0").split(",");
    const intervalMs = Math.max(1_000, Number(wanted));
    // It wants none, or so few that nobody waits for it.
    if (Number(wanted) === 0 || intervalMs > longestMs) throw new Unsupported("heart-beats");
    const endMs = performance.now() + 4 * intervalMs;
    let [lastMs, longestGapMs] = [performance.now(), 0];
    while (performance.now() < endMs && connection.closeInfo === undefined) {
      longestGapMs = Math.max(longestGapMs, performance.now() - lastMs);
      lastMs = performance.now();
      world.sendMessage(connection, alice, channel, world.marker("sign"));
      await wait(signEvery * intervalMs);
    }
    const { closeInfo } = connection;
    if (closeInfo !== undefined && longestGapMs > intervalMs)
      throw new Inconclusive(`our own messages came ${Math.round(longestGapMs)} ms apart`);
    claim(closeInfo === undefined, `whoever sent messages and no line ends was closed with ${closeInfo?.code}`);
  },

  "strict.patterns-are-names": async (world) => {
    const room = await opening(world);
    const sent = await Promise.all(
      patternsFor(room.channel.destination).map(async (pattern) => {
        const marker = world.marker("pattern");
        const { headers, body } = sending(world, room.alice, room.channel, marker);
        // Each on a connection of its own: it may be refused.
        const connection = await world.stomp(room.alice);
        connection.sendFrame("SEND", { ...headers, destination: pattern }, body);
        await handledOrRefused(world, connection, room);
        return { pattern, marker };
      }),
    );
    for (const { pattern, marker } of sent) await claimUnheard(world, room, marker, `a SEND to ${pattern}`);
  },
};
