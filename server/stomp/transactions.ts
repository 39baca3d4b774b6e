// What has a session said that is not to happen yet? Open transactions, each a list of frames in their order, bounded
// in number, frames and bytes; what they hold counts for their owner's share, too. Source: STOMP 1.2 "BEGIN", "COMMIT",
// "ABORT"; the STOMP contract.

import type { Holding } from "../security/budget.ts";
import { FrameError } from "./codec.ts";
import type { Message } from "./queues.ts";
import type { Subscription } from "./subscription.ts";

export type Step =
  | { kind: "send"; message: Message; bytes: number }
  | { kind: "ack" | "nack"; subscription: Subscription; id: string; bytes: number };

const openCountMax = 16;
const frameCountMax = 1_000;
const bytesMax = 1024 * 1024;

interface Transaction {
  steps: Step[];
  bytes: number;
}

export class Transactions {
  readonly #open = new Map<string, Transaction>();
  readonly #held: Holding;

  constructor(held: Holding) {
    this.#held = held;
  }

  begin(id: string): void {
    if (this.#open.has(id)) throw new FrameError("The transaction is open already");
    if (this.#open.size >= openCountMax) throw new FrameError("Too many transactions");
    this.#open.set(id, { steps: [], bytes: 0 });
  }

  add(id: string, step: Step): void {
    const transaction = this.#known(id);
    const bytes = transaction.bytes + step.bytes;
    if (transaction.steps.length >= frameCountMax || bytes > bytesMax)
      throw new FrameError("Too much in a transaction");
    if (!this.#held.trySet(this.#held.byteCount + step.bytes)) throw new FrameError("Too much is kept");
    transaction.bytes = bytes;
    transaction.steps.push(step);
  }

  /** Ends it, and gives what it held. */
  end(id: string): Step[] {
    const { steps, bytes } = this.#known(id);
    this.#open.delete(id);
    this.#held.trySet(this.#held.byteCount - bytes);
    return steps;
  }

  /** They are aborted. */
  close(): void {
    this.#open.clear();
    this.#held.close();
  }

  #known(id: string): Transaction {
    const transaction = this.#open.get(id);
    if (transaction === undefined) throw new FrameError("There is no such transaction");
    return transaction;
  }
}
