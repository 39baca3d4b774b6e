// What may be asked of a target, by what its definition promises? Terms: missed – not heard, and no more was promised:
// sent while its subscription was away, where nothing is kept for it; or lost live near a fault, where only the history
// is promised. A history without promises (of an older run) is judged as one of a target that keeps everything.

import { isNear } from "./faults.ts";
import type { FaultInterval, Subscription } from "./ledger.ts";

export class Promises {
  readonly #promised: ReadonlySet<string> | undefined;

  constructor(promised?: readonly string[]) {
    this.#promised = promised === undefined ? undefined : new Set(promised);
  }

  #has(name: string): boolean {
    return this.#promised?.has(name) === true;
  }

  /** Whether everything can be read again at the end. */
  get history(): boolean {
    return this.#promised === undefined || this.#has("history");
  }

  /** Whether a message may come twice. */
  get duplicates(): boolean {
    return this.#has("may-duplicate");
  }

  /** By what messages are compared: the room's history; or, where that is not promised, what one connection sent. */
  get order(): "room" | "sender" {
    return this.#has("order-per-sender") && !this.#has("order-per-room") ? "sender" : "room";
  }

  /** Whether the messages of one connection come in their order, and none is left out between two. */
  get orderPerSender(): boolean {
    return this.#has("order-per-sender") || this.#has("order-per-room");
  }

  /**
   * Whether a subscription hears what was sent while it was away: from the history, or from where its stream resumes.
   */
  catchesUp({ transport }: Subscription): boolean {
    return this.#promised === undefined || this.#has("history") || (transport === "sse" && this.#has("replay"));
  }

  /** Whether what was sent then may be in the history alone. */
  mayMissLive(sentAtMs: number, faults: readonly FaultInterval[]): boolean {
    return this.#has("lossy-live") && isNear(sentAtMs, faults);
  }
}
