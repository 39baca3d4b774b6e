// Proofs of contract/shared/rooms.ts: a stranger who is known to hear, and to read, in a room of its own.

import { setTimeout as wait } from "node:timers/promises";
import type { rooms as area } from "../../../contract/shared/rooms.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { seatAll, takeSeat } from "../../../runner/raw-rooms.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";

/** What comes of `work`; undefined: the target refused it, which is the best answer to a stranger. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TargetError) return undefined;
    throw error;
  }
}

const historyOf = async (world: World, reader: Account, channel: Channel): Promise<string[]> =>
  (await world.history(reader, channel)).map(({ text }) => text);

/** Posts a text, and waits until a member finds it in the history. */
async function store(world: World, member: Account, channel: Channel): Promise<string> {
  const marker = world.marker("secret");
  await world.post(member, channel, marker);
  await step("read the history", async () => {
    const startMs = performance.now();
    while (!(await historyOf(world, member, channel)).some((text) => text.includes(marker))) {
      if (performance.now() - startMs > world.deadlineMs)
        throw new TimeoutError(`Cannot find in the history what was posted ${world.deadlineMs} ms before`);
      await wait(100);
    }
  });
  return marker;
}

export const rooms: Proofs<typeof area> = {
  "rooms.strangers-hear-no-socket": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const [channel, elsewhere] = await Promise.all([
      world.privateChannel(alice, bob),
      world.privateChannel(mallory, bob),
    ]);
    const [speaker, listener] = await seatAll(world, channel, [alice, bob]);
    const [mine, theirs] = await seatAll(world, elsewhere, [mallory, bob]); // the control: there it hears
    const spy = await unlessRefused(() => takeSeat(world, mallory, channel));
    const secrets = [world.marker("secret"), world.marker("secret"), world.marker("secret")];
    for (const secret of secrets) {
      await world.settle(); // its seat may be taken a moment later
      speaker.say(secret);
      await listener.hear(secret);
    }
    const fence = world.marker("fence");
    theirs.say(fence);
    await mine.hear(fence);
    await world.settle();
    const leaked = secrets.filter((secret) => [spy, mine].some((seat) => (seat?.count(secret) ?? 0) > 0));
    claim(leaked.length === 0, `a stranger heard ${leaked.length} of three messages of a room`, diagnoses.privateLeak);
  },

  "rooms.strangers-hear-no-event": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const kind = world.speaker.probeForSome;
    const [listener, spy] = await Promise.all([world.events(bob), world.events(mallory)]);
    const ids: string[] = [];
    // Three: a key that is a small number may stand in somebody else's event by chance.
    for (let count = 0; count < 3; count++) {
      const { id } = await world.causeEvent(alice, bob, 0, kind);
      await world.awaitEvent(listener, kind, id);
      ids.push(id);
    }
    const fence = await world.causeEvent(mallory, bob, 0, kind); // the control: it hears of its own
    await world.awaitEvent(spy, kind, fence.id);
    await world.settle();
    const leaked = ids.filter((id) => spy.events.some((event) => world.tellsOf(event, kind, id)));
    claim(leaked.length < ids.length, "a stranger heard three of three events for others", diagnoses.privateLeak);
  },

  "rooms.strangers-read-no-history": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const [channel, own] = await Promise.all([world.privateChannel(alice, bob), world.privateChannel(mallory, bob)]);
    const secret = await store(world, alice, channel);
    await store(world, mallory, own); // the control: its own it reads
    const stolen = (await unlessRefused(() => historyOf(world, mallory, channel))) ?? [];
    claim(
      !stolen.some((text) => text.includes(secret)),
      "a stranger read what was said in a room",
      diagnoses.privateLeak,
    );
  },
};
