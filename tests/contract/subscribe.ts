// Proofs of contract/subscribe.ts.

import type { subscribe as area } from "../../contract/subscribe.ts";
import { headerOf } from "../../drivers/codecs/stomp.ts";
import { claim, type Proofs } from "./proof.ts";

export const subscribe: Partial<Proofs<typeof area>> = {
  "subscribe.hears-the-channel": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const connection = await world.stomp(bob);
    const subscription = await world.subscribe(connection, channel);
    const marker = world.marker();
    const sent = await world.post(alice, channel, marker);
    const heard = await world.hear(subscription, marker);
    claim(heard.id === sent.id && heard.channelId === channel.id && heard.content === marker && heard.author?.id === alice.id, () => `the MESSAGE differs from what was posted: ${JSON.stringify(heard)}`);
  },

  "subscribe.exactly-once": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const [one, other] = await Promise.all([world.stomp(alice), world.stomp(bob)]);
    const [first, second] = await Promise.all([world.subscribe(one, channel), world.subscribe(other, channel)]);
    const marker = world.marker();
    world.sendMessage(one, alice, channel, marker);
    await Promise.all([world.hear(first, marker), world.hear(second, marker)]);
    // The fence: a later message of the same sender. A second copy of the first would have come before or soon after it.
    const fence = world.marker("fence");
    await world.post(alice, channel, fence);
    await Promise.all([world.hear(first, fence), world.hear(second, fence)]);
    await world.settle();
    for (const subscription of [first, second]) {
      const count = world.heardCount(subscription, marker);
      claim(count === 1, `a message was delivered ${count} times to one subscription`, "duplicate delivery: it is published twice, for instance by the controller and by a listener of the same event");
    }
  },

  "subscribe.message-headers": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const connection = await world.stomp(alice);
    const subscription = await world.subscribe(connection, channel, "my sub:1");
    const markers = [world.marker(), world.marker()];
    for (const marker of markers) {
      await world.post(bob, channel, marker);
      await world.hear(subscription, marker);
    }
    const heard = subscription.messages();
    for (const frame of heard) claim(headerOf(frame, "destination") === channel.destination, () => `MESSAGE has destination ${headerOf(frame, "destination")}, not ${channel.destination}`);
    const ids = heard.map((frame) => headerOf(frame, "message-id"));
    claim(!ids.includes(undefined) && new Set(ids).size === ids.length, () => `message-id is missing or repeated: ${ids.join(", ")}`);
  },
};
