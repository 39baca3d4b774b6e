// What does a broker offer, beside topics? Acknowledgements, transactions, queues, TCP: asked once, before anything is
// judged, where nobody declared them. A RECEIPT is the broker's word that it has done what was asked: whoever gives
// none for BEGIN, or for SUBSCRIBE with an ack mode, has promised nothing.

import type { Capability } from "../contract/clause.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import type { Account } from "./account-pool.ts";
import type { Channel } from "./rooms.ts";
import type { World } from "./world.ts";

const answerWaitMs = 3_000;

/** A queue of a room, as the system's definition names it; undefined: it names none. */
export const queueOf = (world: World, channel: Channel) => world.system.stomp?.queue?.(channel.room);

/** Those that nobody declared, and that are there. */
export async function measureOffers(world: World, account: Account, channel: Channel): Promise<Set<Capability>> {
  const { features } = world.system;
  const offers = new Set<Capability>();
  const learn = async (capability: Capability, ask: () => Promise<unknown>): Promise<void> => {
    if (world.has(capability) || (await isDone(ask))) offers.add(capability);
  };
  const accepts = async (command: string, headers: Record<string, string>): Promise<void> => {
    const connection = await world.stomp(account);
    await connection.sendAndAwaitReceipt(command, headers, "", answerWaitMs);
  };
  if (features.has("tcp")) await learn("tcp", () => world.stomp(account, { transport: "tcp" }));
  if (!world.baseline.receipts) return offers;
  const { destination } = channel;
  if (features.has("acks"))
    await learn("acks", () => accepts("SUBSCRIBE", { id: "acks", destination, ack: "client-individual" }));
  if (features.has("transactions")) await learn("transactions", () => accepts("BEGIN", { transaction: "offer" }));
  const queue = queueOf(world, channel);
  if (queue !== undefined)
    await learn("queues", () =>
      accepts("SUBSCRIBE", { id: "queue", destination: queue.destination, ...queue.headers }),
    );
  return offers;
}

async function isDone(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (error instanceof TargetError || error instanceof TimeoutError) return false;
    throw error;
  }
}
