// Proofs of contract/shared/subscribe.ts.

import { errorQueue, sendDestination } from "../../../systems/discodeit/wire.ts";
import type { subscribe as area } from "../../../contract/shared/subscribe.ts";
import { headerOf, octetCount } from "../../../drivers/codecs/stomp.ts";
import { TargetError } from "../../../drivers/errors.ts";
import type { StompConnection } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses, diagnoseSilence } from "../../../runner/diagnosis.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { own, ownerOf, rely } from "../../../runner/steps.ts";
import { openStranger } from "../steps/strangers.ts";
import {
  awaitError,
  handled,
  isSame,
  ownHearing,
  relyOnOnce,
  relyOnPosts,
  relyOnShape,
  secondCopy,
} from "../steps/hearing.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";

/** Two members in a fresh private channel. */
async function roomOfTwo(world: World): Promise<{ alice: Account; bob: Account; channel: Channel }> {
  const [alice, bob] = await world.accounts(2);
  return { alice, bob, channel: await world.privateChannel(alice, bob) };
}

/**
 * Sends a SUBSCRIBE that must be refused: `hears` must not come true for a message posted afterwards, and (strict)
 * ERROR must come. The positive control is a second connection on the same instance that hears the same message. What
 * is heard is judged first: it is worse than a missing ERROR.
 */
async function refusedSubscribe(
  world: World,
  destination: string,
  options: { diagnosis?: string; mustError?: boolean } = {},
): Promise<void> {
  const { alice, bob, channel } = await roomOfTwo(world);
  const target = destination.replace("{id}", channel.id);
  const [snoop, witness] = await Promise.all([world.stomp(alice), world.stomp(bob)]);
  const heard = await world.subscribe(witness, channel);
  const subscription = snoop.sendSubscribe(target);
  const marker = world.marker("secret");
  await world.post(bob, channel, marker);
  await world.hear(heard, marker);
  await world.settle();
  claim(
    world.heardCount(subscription, marker) === 0,
    `SUBSCRIBE ${target} was accepted and hears messages of a channel it does not name exactly`,
    options.diagnosis,
  );
  if (options.mustError === true) await awaitError(world, snoop, `SUBSCRIBE ${target}`);
}

/** A copy that went by way of a broker comes so much later at most. */
const detourMs = 1_500;

export const subscribe: Proofs<typeof area> = {
  "subscribe.hears-the-channel": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const connection = await world.stomp(bob);
    const subscription = connection.sendSubscribe(channel.destination);
    const marker = world.marker();
    const { sent, heard } = await diagnoseSilence(
      world,
      async () => {
        await world.probe(subscription, channel);
        const posted = await world.post(alice, channel, marker);
        return { sent: posted, heard: await world.hear(subscription, marker) };
      },
      { connection, reader: bob, channel },
    );
    claim(
      isSame(sent, heard) && world.isFrom(heard, marker, alice, channel),
      () => `the MESSAGE differs from what was posted: ${JSON.stringify(heard.message)}`,
    );
  },

  "subscribe.exactly-once": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const [one, other] = await Promise.all([world.stomp(alice), world.stomp(bob)]);
    const [first, second] = await Promise.all([world.subscribe(one, channel), world.subscribe(other, channel)]);
    const marker = world.marker();
    if (world.system.features.has("send")) world.sendMessage(one, alice, channel, marker);
    else await world.post(alice, channel, marker);
    await Promise.all([world.hear(first, marker), world.hear(second, marker)]);
    // The fence: a later message of the same sender. A second copy of the first comes before it, or soon after: it may
    // have gone by way of a broker.
    const fence = world.marker("fence");
    await world.post(alice, channel, fence);
    await Promise.all([world.hear(first, fence), world.hear(second, fence)]);
    await world.settle();
    await Promise.race([first, second].map((subscription) => secondCopy(subscription, marker, detourMs)));
    for (const subscription of [first, second]) {
      const count = world.heardCount(subscription, marker);
      claim(count === 1, `a message was delivered ${count} times to one subscription`, diagnoses.duplicate);
    }
  },

  "subscribe.other-rooms-are-silent": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [channel, elsewhere] = await Promise.all([
      world.privateChannel(alice, bob),
      world.privateChannel(alice, carol),
    ]);
    const [one, other] = await Promise.all([world.stomp(bob), world.stomp(carol)]);
    const [here, there] = await Promise.all([world.subscribe(one, channel), world.subscribe(other, elsewhere)]);
    const marker = world.marker();
    await world.post(alice, channel, marker);
    await world.hear(here, marker);
    const fence = world.marker("fence");
    await world.post(alice, elsewhere, fence);
    await world.hear(there, fence);
    await world.settle();
    claim(
      !other.inbox.items.some(({ body }) => holds(body, marker)),
      "a subscriber of another channel heard the message",
    );
  },

  "subscribe.two-ids-two-copies": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    const one = await world.subscribe(connection, channel, "one");
    const two = await own("subscribe", () => world.subscribe(connection, channel, "two"));
    const [marker, fence] = [world.marker(), world.marker("fence")];
    for (const content of [marker, fence]) {
      await world.post(alice, channel, content);
      await ownHearing(world, bob, channel, () => Promise.all([world.hear(one, content), world.hear(two, content)]));
    }
    await world.settle();
    const counts = [world.heardCount(one, marker), world.heardCount(two, marker)];
    if (Math.max(...counts) > 1) await relyOnOnce(world, bob, channel);
    claim(
      counts.every((count) => count === 1),
      `two subscriptions got ${counts.join(" and ")} copies instead of one each`,
    );
  },

  "subscribe.unsubscribe-one": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    const [gone, stays] = [
      await world.subscribe(connection, channel, "gone"),
      await world.subscribe(connection, channel, "stays"),
    ];
    connection.sendFrame("UNSUBSCRIBE", { id: gone.id });
    await ended(
      world,
      async (marker) => {
        // The second one is the fence: what comes to two subscriptions of one connection may come some time apart.
        for (const said of [marker, world.marker("behind")]) {
          await world.post(alice, channel, said);
          await ownHearing(world, bob, channel, () => world.hear(stays, said));
        }
        await world.settle();
        return world.heardCount(gone, marker) === 0;
      },
      "an unsubscribed subscription goes on hearing",
    );
  },

  "subscribe.message-headers": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    const subscription = await world.subscribe(connection, channel, "my sub");
    const markers = [world.marker(), world.marker()];
    for (const marker of markers) {
      await world.post(bob, channel, marker);
      await world.hear(subscription, marker);
    }
    // One frame of each: that it comes once is for another clause to say.
    const heard = markers.map((marker) => subscription.messages().find(({ body }) => holds(body, marker))!);
    for (const frame of heard)
      claim(
        headerOf(frame, "destination") === channel.destination,
        () => `MESSAGE has destination ${headerOf(frame, "destination")}, not ${channel.destination}`,
      );
    const ids = heard.map((frame) => headerOf(frame, "message-id"));
    claim(
      !ids.includes(undefined) && new Set(ids).size === ids.length,
      () => `message-id is missing or repeated: ${ids.join(", ")}`,
    );
  },

  "subscribe.content-type": async (world) => {
    const { alice, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    const subscription = await world.subscribe(connection, channel);
    const marker = world.marker("안녕 🙂");
    await world.post(alice, channel, marker);
    await world.hear(subscription, marker);
    const frame = subscription.messages().find(({ body }) => holds(body, marker))!;
    const type = headerOf(frame, "content-type") ?? "";
    claim(/^application\/json\b/.test(type), `MESSAGE has content-type ${JSON.stringify(type)}, not application/json`);
    claim(
      headerOf(frame, "content-length") === String(octetCount(frame.body)),
      () => `content-length is ${headerOf(frame, "content-length")}, the body has ${octetCount(frame.body)} octets`,
    );
  },

  "subscribe.receipt-means-live": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    for (let round = 0; round < 5; round++) {
      const subscription = await connection.subscribeWithReceipt(
        channel.destination,
        Math.min(world.deadlineMs, 3_000),
      );
      const marker = world.marker();
      await world.post(alice, channel, marker);
      await ownHearing(world, bob, channel, () => world.hear(subscription, marker));
    }
  },

  "subscribe.as-admin": async (world) => {
    const [[alice], channel, admin] = await Promise.all([world.accounts(1), world.publicChannel(), world.admin()]);
    // The control: to a plain user the same is open.
    const control = await world.subscribe(await world.stomp(alice), channel);
    await relyOnPosts(world, alice, channel, control);
    let connection: StompConnection | undefined;
    try {
      connection = await own("connect", () => world.stomp(admin));
      const subscription = connection.sendSubscribe(channel.destination);
      await world.probe(subscription, channel);
      const marker = world.marker();
      world.sendMessage(connection, admin, channel, marker);
      const heard = await ownHearing(world, alice, channel, () => world.hear(subscription, marker));
      if (!world.isFrom(heard, marker, admin, channel)) await relyOnShape(world, alice, channel);
      claim(world.isFrom(heard, marker, admin, channel), "an ADMIN's message came back with another author");
    } catch (error) {
      const isRefused =
        error instanceof TargetError && (connection === undefined || connection.inbox.ended !== undefined);
      if (isRefused && ownerOf(error.step) === undefined)
        claim(false, `an admin is refused where a user is let in: ${error.message}`, diagnoses.adminRefused);
      throw error;
    }
  },

  "subscribe.private-by-stranger": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const [channel, own] = await Promise.all([world.privateChannel(alice, bob), world.privateChannel(mallory, bob)]);
    const [spy, control, member] = await Promise.all([world.stomp(mallory), world.stomp(mallory), world.stomp(bob)]);
    const stolen = spy.sendSubscribe(channel.destination);
    const [mine, theirs] = await Promise.all([world.subscribe(control, own), world.subscribe(member, channel)]);
    // The control: the same user hears its own channel.
    const fence = world.marker("fence");
    await world.post(bob, own, fence);
    await world.hear(mine, fence);
    const secret = world.marker("secret");
    await world.post(alice, channel, secret);
    await world.hear(theirs, secret);
    await world.settle();
    claim(
      world.heardCount(stolen, secret) === 0,
      "a stranger subscribed to a private channel and hears it",
      diagnoses.privateLeak,
    );
  },

  "subscribe.strangers-are-refused": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob);
    const spy = await world.stomp(mallory);
    spy.sendSubscribe(channel.destination);
    await awaitError(world, spy, "a stranger's SUBSCRIBE");
  },

  "subscribe.unauthenticated-hears-nothing": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const [anonymous, member] = await Promise.all([openStranger(world, "anonymous"), world.stomp(bob)]);
    if (anonymous === undefined) return;
    anonymous.sendFrame("CONNECT", { "accept-version": "1.2", "heart-beat": "0,0" });
    anonymous.sendFrame("SUBSCRIBE", { id: "stolen", destination: channel.destination });
    const heard = await world.subscribe(member, channel);
    for (let round = 0; round < 2; round++) {
      const marker = world.marker("secret");
      await world.post(alice, channel, marker);
      await world.hear(heard, marker);
    }
    await world.settle();
    if (anonymous.frames("MESSAGE").length === 0) return;
    rely(
      "refuse strangers",
      anonymous.frames("CONNECTED").length === 0,
      "CONNECT without a token is let in, and hears messages of a private channel",
    );
    claim(false, "a connection without a credential hears messages", diagnoses.framesBeforeConnect);
  },

  "subscribe.patterns-are-refused": async (world) => {
    for (const destination of ["/sub/**", "/sub/channels.*.messages"])
      await refusedSubscribe(world, destination, { diagnosis: diagnoses.pattern, mustError: true });
  },

  "subscribe.other-destinations-are-refused": async (world) => {
    for (const destination of ["/sub/channels", "/topic/channels.{id}.messages", "/pub/messages"])
      await refusedSubscribe(world, destination, { mustError: true });
  },

  "subscribe.malformed-channel-id": async (world) => {
    for (const destination of ["/sub/channels.1.messages", "/sub/channels.{id}.messages/x", "/sub/channels..messages"])
      await refusedSubscribe(world, destination, { mustError: true });
  },

  "subscribe.error-queue-is-private": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const [sender, witness] = await Promise.all([world.stomp(alice), world.stomp(bob)]);
    const heard = await world.subscribe(witness, channel);
    // Each on a connection of its own: that one is refused is the best answer.
    const queues = [errorQueue, `/user/${alice.username}/queue/errors`, `/user/${alice.id}/queue/errors`];
    const spies = await Promise.all(queues.map(() => world.stomp(bob)));
    for (const [at, spy] of spies.entries()) spy.sendSubscribe(queues[at]!);
    const owner = await world.stomp(alice);
    owner.sendSubscribe(errorQueue);
    sender.sendSubscribe(errorQueue);
    await world.settle();
    const bad = JSON.stringify({ content: world.marker("bad"), channelId: "no-uuid", authorId: alice.id });
    for (const connection of [sender, owner]) {
      if (connection.inbox.ended !== undefined) continue;
      connection.sendFrame("SEND", { destination: sendDestination }, bad);
      await handled(world, connection, alice, channel);
    }
    const fence = world.marker("fence");
    await world.post(alice, channel, fence);
    await world.hear(heard, fence);
    await world.settle();
    claim(
      spies.every((spy) => spy.frames("MESSAGE").length === 0),
      "another user heard somebody's error queue",
    );
  },

  "subscribe.without-id-or-destination": async (world) => {
    const { alice, channel } = await roomOfTwo(world);
    for (const headers of [{ destination: channel.destination }, { id: "x" }] as Record<string, string>[]) {
      const connection = await world.stomp(alice);
      connection.sendFrame("SUBSCRIBE", headers);
      await awaitError(world, connection, `SUBSCRIBE with ${Object.keys(headers).join()} alone`);
    }
  },

  "subscribe.id-is-per-connection": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [here, there] = await Promise.all([world.privateChannel(alice, bob), world.privateChannel(alice, carol)]);
    const [one, other] = await Promise.all([world.stomp(bob), world.stomp(carol)]);
    const [first, second] = await Promise.all([
      world.subscribe(one, here, "sub-0"),
      world.subscribe(other, there, "sub-0"),
    ]);
    const [hereMarker, thereMarker] = [world.marker(), world.marker()];
    await Promise.all([world.post(alice, here, hereMarker), world.post(alice, there, thereMarker)]);
    await ownHearing(world, alice, here, () => world.hear(first, hereMarker));
    await ownHearing(world, alice, there, () => world.hear(second, thereMarker));
    one.sendFrame("UNSUBSCRIBE", { id: "sub-0" });
    const fence = world.marker("fence");
    await world.post(alice, there, fence);
    await ownHearing(world, alice, there, () => world.hear(second, fence));
    claim(
      world.heardCount(first, thereMarker) === 0 && world.heardCount(second, hereMarker) === 0,
      "messages crossed between connections with the same subscription id",
    );
  },

  "subscribe.live-id-again": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    await world.subscribe(connection, channel, "again");
    connection.sendFrame("SUBSCRIBE", { id: "again", destination: channel.destination });
    const control = await world.stomp(bob);
    const heard = await world.subscribe(control, channel);
    const marker = world.marker();
    await world.post(bob, channel, marker);
    await world.hear(heard, marker);
    const fence = world.marker("fence");
    await world.post(bob, channel, fence);
    await world.hear(heard, fence);
    await world.settle();
    const count = connection.frames("MESSAGE").filter(({ body }) => holds(body, marker)).length;
    if (count <= 1) return;
    await relyOnOnce(world, bob, channel);
    claim(false, `one subscription id hears a message ${count} times after it was used again`);
  },

  "subscribe.gone-with-the-connection": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const [before, witness] = await Promise.all([world.stomp(bob), world.stomp(alice)]);
    const [, control] = await Promise.all([world.subscribe(before, channel, "tab"), world.subscribe(witness, channel)]);
    before.transport.terminate();
    await before.closed;
    const after = await world.stomp(bob);
    const missed = [world.marker("missed"), world.marker("missed"), world.marker("missed")];
    for (const marker of missed) {
      await world.post(alice, channel, marker);
      await world.hear(control, marker);
    }
    await world.settle();
    claim(after.frames("MESSAGE").length === 0, "a new connection hears messages though it subscribed to nothing");
    const subscription = await own("subscribe", () => world.subscribe(after, channel, "tab"));
    const stored = world.system.features.has("history") ? await world.history(bob, channel) : undefined;
    for (const marker of stored === undefined ? [] : missed) {
      const count = stored?.filter(({ text }) => text === marker).length;
      claim(count === 1, `after a reconnect the history holds a missed message ${count} times`);
    }
    const marker = world.marker();
    const fence = world.marker("fence");
    for (const content of [marker, fence]) {
      await world.post(alice, channel, content);
      await ownHearing(world, alice, channel, () => world.hear(subscription, content));
    }
    await world.settle();
    const count = world.heardCount(subscription, marker);
    if (count > 1) await relyOnOnce(world, alice, channel);
    claim(count === 1, "after a reconnect a live message comes more than once");
  },

  "subscribe.limit": async (world) => {
    const { alice, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    for (let index = 0; index < 1_001; index++)
      connection.sendFrame("SUBSCRIBE", { id: `s${index}`, destination: channel.destination });
    await awaitError(world, connection, "the 1,001st SUBSCRIBE of a connection");
  },

  "subscribe.ack-modes-are-refused": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    const subscription = connection.sendSubscribe(channel.destination, { ack: "client-individual" });
    const marker = world.marker();
    const control = await world.stomp(bob);
    const heard = await world.subscribe(control, channel);
    await world.post(bob, channel, marker);
    await world.hear(heard, marker);
    await world.settle();
    const message = subscription.messages()[0];
    if (message === undefined) await awaitError(world, connection, "SUBSCRIBE with ack:client-individual");
    else
      claim(
        headerOf(message, "ack") !== undefined,
        "ack:client-individual was accepted, but MESSAGE carries no ack header",
      );
  },
};

/**
 * Repeats `attempt` with fresh markers until it comes true: an unacknowledged frame may take effect a little later.
 * Violation after the deadline.
 */
async function ended(world: World, attempt: (marker: string) => Promise<boolean>, because: string): Promise<void> {
  const startMs = performance.now();
  // With receipts the frames of one connection are handled in order, and the first attempt decides.
  while (!(await attempt(world.marker())))
    claim(!world.baseline.receipts && performance.now() - startMs < world.deadlineMs, because);
}
