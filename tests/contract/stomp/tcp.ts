// Proofs of contract/stomp/tcp.ts.

import type { tcp as area } from "../../../contract/stomp/tcp.ts";
import { encodeFrame } from "../../../drivers/codecs/stomp.ts";
import { TargetError } from "../../../drivers/errors.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { own, rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { openPlaces } from "../steps/broker.ts";
import { awaitError, ownHearing } from "../steps/hearing.ts";

/** Somebody over TCP, who subscribed. */
async function opening(world: World) {
  const { alice, bob, channel } = await openPlaces(world);
  const connection = await world.stomp(alice, { transport: "tcp" });
  return { alice, bob, channel, connection, subscription: await world.subscribe(connection, channel) };
}

export const tcp: Proofs<typeof area> = {
  "tcp.connects-and-hears": async (world) => {
    const { alice, bob, channel } = await openPlaces(world);
    await ownHearing(world, bob, channel, async () => {
      const connection = await own("connect over tcp", () => world.stomp(alice, { transport: "tcp" }));
      const subscription = await own("subscribe", () => world.subscribe(connection, channel));
      const marker = world.marker();
      world.sendMessage(connection, alice, channel, marker);
      await world.hear(subscription, marker);
    });
  },

  "tcp.is-the-same-broker": async (world) => {
    const { alice, bob, channel, connection, subscription } = await opening(world);
    const other = await world.stomp(bob);
    const heard = await world.subscribe(other, channel);
    const [fromTcp, fromWebSocket, fence] = [world.marker(), world.marker(), world.marker("fence")];
    await ownHearing(world, bob, channel, async () => {
      world.sendMessage(connection, alice, channel, fromTcp);
      await world.hear(heard, fromTcp);
      world.sendMessage(other, bob, channel, fromWebSocket);
      await world.hear(subscription, fromWebSocket);
    });
    await world.post(bob, channel, fence);
    for (const one of [heard, subscription]) {
      await world.hear(one, fence);
      for (const marker of [fromTcp, fromWebSocket]) {
        const count = world.heardCount(one, marker);
        claim(count === 1, () => `a message came ${count} times to ${one === heard ? "WebSocket" : "TCP"}`);
      }
    }
  },

  "tcp.in-pieces": async (world) => {
    const { alice, bob, channel, connection, subscription } = await opening(world);
    const marker = world.marker();
    const { destination, headers, body } = world.speaker.sendOf(alice, channel.room, marker);
    const frame = encodeFrame("SEND", { destination, ...headers }, body, "1.2");
    await ownHearing(world, bob, channel, async () => {
      for (const character of frame) {
        connection.sendRaw(character);
        await new Promise((resolve) => setImmediate(resolve)); // a write of its own
      }
      await world.hear(subscription, marker);
    });
    const count = world.heardCount(subscription, marker);
    claim(count === 1, () => `a frame that came byte by byte was heard ${count} times`);
  },

  "tcp.several-at-once": async (world) => {
    const { alice, bob, channel, connection, subscription } = await opening(world);
    const markers = [0, 1, 2].map(() => world.marker());
    const frames = markers.map((marker) => {
      const { destination, headers, body } = world.speaker.sendOf(alice, channel.room, marker);
      return encodeFrame("SEND", { destination, ...headers }, body, "1.2");
    });
    await ownHearing(world, bob, channel, async () => {
      connection.sendRaw(`\n\n${frames.join("\n\r\n\n")}`);
      for (const marker of markers) await world.hear(subscription, marker);
    });
    const heard = world.textsOf(subscription).filter((text) => markers.includes(text));
    claim(heard.join() === markers.join(), () => `three frames in one piece were heard as ${heard.join()}`);
  },

  "tcp.error-then-close": async (world) => {
    const { connection } = await opening(world);
    connection.sendRaw("ROLLCALL\n\n\0");
    await awaitError(world, connection, "an unknown command over TCP");
  },

  "tcp.strangers-are-refused": async (world) => {
    await opening(world);
    for (const headers of [{}, { login: "rollcall", passcode: "garbage" }]) {
      const stranger = await world.openStomp("stranger", { transport: "tcp" });
      const answer = await stranger.connect({ headers, deadlineMs: world.deadlineMs }).catch((error: unknown) => {
        if (error instanceof TargetError) return undefined;
        throw error;
      });
      if (answer === undefined) continue;
      const other = await world.openStomp("stranger");
      const isLetIn = await other.connect({ headers, deadlineMs: world.deadlineMs }).then(
        () => true,
        () => false,
      );
      rely("refuse strangers", !isLetIn, "CONNECT without a credential is let in");
      claim(false, "CONNECT without a credential is let in over TCP");
    }
  },
};
