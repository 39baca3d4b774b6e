// Proofs of contract/shared/subscribe.ts.

import { channelDestination, errorQueue } from "../../../systems/discodeit/wire.ts";
import type { subscribe as area } from "../../../contract/shared/subscribe.ts";
import { headerOf, octetCount } from "../../../drivers/codecs/stomp.ts";
import type { StompConnection } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses, diagnoseSilence } from "../../../runner/diagnosis.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely } from "../../../runner/steps.ts";
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

/** Where one subscription on a connection of its own hears a message twice, no other clause says so. */
export async function relyOnOnce(world: World, account: Account, channel: Channel): Promise<void> {
  const subscription = await world.subscribe(await world.stomp(account), channel);
  const [marker, fence] = [world.marker(), world.marker("fence")];
  for (const content of [marker, fence]) {
    await world.post(account, channel, content);
    await world.hear(subscription, content);
  }
  await world.settle();
  const count = world.heardCount(subscription, marker);
  rely("deliver once", count === 1, `a message came ${count} times to one subscription`);
}

/** Waits for ERROR and the close behind it. */
export async function awaitError(world: World, connection: StompConnection, what: string): Promise<void> {
  await connection.inbox.awaitItem(`ERROR for ${what}`, (frame) => frame.command === "ERROR", world.deadlineMs);
  await connection.awaitClose(world.deadlineMs);
}

export const subscribe: Proofs<typeof area> = {
  "subscribe.hears-the-channel": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const connection = await world.stomp(bob);
    const subscription = connection.sendSubscribe(channel.destination);
    await diagnoseSilence(world, () => world.probe(subscription, channel), { connection, reader: bob, channel });
    const marker = world.marker();
    const sent = await world.post(alice, channel, marker);
    const heard = await world.hear(subscription, marker);
    claim(
      heard.id === sent.id &&
        heard.channelId === channel.id &&
        heard.content === marker &&
        heard.author?.id === alice.id,
      () => `the MESSAGE differs from what was posted: ${JSON.stringify(heard)}`,
    );
  },

  "subscribe.exactly-once": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const [one, other] = await Promise.all([world.stomp(alice), world.stomp(bob)]);
    const [first, second] = await Promise.all([world.subscribe(one, channel), world.subscribe(other, channel)]);
    const marker = world.marker();
    world.sendMessage(one, alice, channel, marker);
    await Promise.all([world.hear(first, marker), world.hear(second, marker)]);
    // The fence: a later message of the same sender. A second copy of the first would have come before or soon after
    // it.
    const fence = world.marker("fence");
    await world.post(alice, channel, fence);
    await Promise.all([world.hear(first, fence), world.hear(second, fence)]);
    await world.settle();
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
    const { alice, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    const [one, two] = [
      await world.subscribe(connection, channel, "one"),
      await world.subscribe(connection, channel, "two"),
    ];
    const marker = world.marker();
    await world.post(alice, channel, marker);
    await Promise.all([world.hear(one, marker), world.hear(two, marker)]);
    const fence = world.marker("fence");
    await world.post(alice, channel, fence);
    await Promise.all([world.hear(one, fence), world.hear(two, fence)]);
    await world.settle();
    const counts = [world.heardCount(one, marker), world.heardCount(two, marker)];
    claim(
      counts.every((count) => count === 1),
      `two subscriptions got ${counts.join(" and ")} copies instead of one each`,
    );
  },

  "subscribe.unsubscribe-one": async (world) => {
    const { alice, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    const [gone, stays] = [
      await world.subscribe(connection, channel, "gone"),
      await world.subscribe(connection, channel, "stays"),
    ];
    connection.sendFrame("UNSUBSCRIBE", { id: gone.id });
    await ended(
      world,
      async (marker) => {
        await world.post(alice, channel, marker);
        await world.hear(stays, marker);
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
    const frame = await subscription.awaitMessage("a message", ({ body }) => holds(body, marker), world.deadlineMs);
    const type = headerOf(frame, "content-type") ?? "";
    claim(/^application\/json\b/.test(type), `MESSAGE has content-type ${JSON.stringify(type)}, not application/json`);
    claim(
      headerOf(frame, "content-length") === String(octetCount(frame.body)),
      () => `content-length is ${headerOf(frame, "content-length")}, the body has ${octetCount(frame.body)} octets`,
    );
  },

  "subscribe.receipt-means-live": async (world) => {
    const { alice, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    for (let round = 0; round < 5; round++) {
      const subscription = await connection.subscribeWithReceipt(
        channel.destination,
        Math.min(world.deadlineMs, 3_000),
      );
      const marker = world.marker();
      await world.post(alice, channel, marker);
      await world.hear(subscription, marker);
    }
  },

  "subscribe.as-admin": async (world) => {
    const [channel, admin] = await Promise.all([world.publicChannel(), world.admin()]);
    const connection = await world.stomp(admin);
    const subscription = connection.sendSubscribe(channel.destination);
    try {
      await world.probe(subscription, channel);
    } catch (error) {
      claim(
        connection.inbox.ended === undefined && connection.frames("ERROR").length === 0,
        `an ADMIN's SUBSCRIBE was refused: ${(error as Error).message}`,
        diagnoses.adminRefused,
      );
      throw error;
    }
    const marker = world.marker();
    world.sendMessage(connection, admin, channel, marker);
    const heard = await world.hear(subscription, marker);
    claim(heard.author?.id === admin.id, "an ADMIN's message came back with another author", diagnoses.adminRefused);
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
    await awaitError(world, spy, "a stranger's SUBSCRIBE");
  },

  "subscribe.unauthenticated-hears-nothing": async (world) => {
    const { alice, bob, channel } = await roomOfTwo(world);
    const [anonymous, member] = await Promise.all([world.openStomp("anonymous"), world.stomp(bob)]);
    anonymous.sendFrame("CONNECT", { "accept-version": "1.2", "heart-beat": "0,0" });
    anonymous.sendFrame("SUBSCRIBE", { id: "stolen", destination: channel.destination });
    const heard = await world.subscribe(member, channel);
    for (let round = 0; round < 2; round++) {
      const marker = world.marker("secret");
      await world.post(alice, channel, marker);
      await world.hear(heard, marker);
    }
    await world.settle();
    claim(
      anonymous.frames("MESSAGE").length === 0,
      "a connection without a credential hears messages",
      diagnoses.anonymousConnect,
    );
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
    const [one, other] = await Promise.all([world.stomp(alice), world.stomp(bob)]);
    other.sendSubscribe(errorQueue);
    for (const guess of [`/user/${alice.username}/queue/errors`, `/user/${alice.id}/queue/errors`])
      (await world.stomp(bob)).sendSubscribe(guess);
    const [heard] = await Promise.all([world.subscribe(other, channel), world.subscribe(one, channel)]);
    one.sendSubscribe(errorQueue);
    const secret = world.marker("bad");
    one.sendFrame(
      "SEND",
      { destination: "/pub/messages" },
      JSON.stringify({ content: secret, channelId: "no-uuid", authorId: alice.id }),
    );
    const fence = world.marker("fence");
    world.sendMessage(one, alice, channel, fence);
    await world.hear(heard, fence);
    await world.settle();
    claim(
      !other.frames("MESSAGE").some((frame) => headerOf(frame, "destination") !== channel.destination),
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
    await Promise.all([world.hear(first, hereMarker), world.hear(second, thereMarker)]);
    one.sendFrame("UNSUBSCRIBE", { id: "sub-0" });
    const fence = world.marker("fence");
    await world.post(alice, there, fence);
    await world.hear(second, fence);
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
    claim(count <= 1, `one subscription id hears a message ${count} times after it was used again`);
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
    const subscription = await world.subscribe(after, channel, "tab");
    const page = await world.system.history(world.rest(bob), channel.id);
    for (const marker of missed) {
      const count = page.content.filter(({ content }) => content === marker).length;
      claim(count === 1, `after a reconnect the history holds a missed message ${count} times`);
    }
    const marker = world.marker();
    await world.post(alice, channel, marker);
    await world.hear(subscription, marker);
    const fence = world.marker("fence");
    await world.post(alice, channel, fence);
    await world.hear(subscription, fence);
    await world.settle();
    claim(world.heardCount(subscription, marker) === 1, "after a reconnect a live message comes more than once");
  },

  "subscribe.limit": async (world) => {
    const { alice, channel } = await roomOfTwo(world);
    const connection = await world.stomp(alice);
    for (let index = 0; index < 1_001; index++)
      connection.sendFrame("SUBSCRIBE", { id: `s${index}`, destination: channelDestination(channel.id) });
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
