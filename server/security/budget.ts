// How many bytes may all strangers together make us keep? One budget for everything of a kind that is held in memory
// while it comes in, and a share of it for each client, so that one client cannot use up what others need. Terms: key =
// whose share it is: a user's, or an address's before anybody has logged in. Units: bytes.

import { BusyError } from "./gate.ts";

export interface Share {
  key: string;
  /** What everything of this key may hold together. */
  bytesMax: number;
}

export class ByteBudget {
  readonly #totalBytesMax: number;
  readonly #byKey = new Map<string, number>();
  #totalBytes = 0;

  constructor(totalBytesMax: number) {
    this.#totalBytesMax = totalBytesMax;
  }

  /** What is held by everybody together. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** False, and nothing is taken, when the total or the share would be exceeded. */
  tryTake({ key, bytesMax }: Share, byteCount: number): boolean {
    const own = (this.#byKey.get(key) ?? 0) + byteCount;
    if (own > bytesMax || this.#totalBytes + byteCount > this.#totalBytesMax) return false;
    this.#byKey.set(key, own);
    this.#totalBytes += byteCount;
    return true;
  }

  /** Gives back what was taken for the same key. */
  give({ key }: Share, byteCount: number): void {
    if (byteCount === 0) return;
    this.#totalBytes -= byteCount;
    const own = (this.#byKey.get(key) ?? 0) - byteCount;
    if (own > 0) this.#byKey.set(key, own);
    else this.#byKey.delete(key);
  }

  /** An account of what one request or connection holds. */
  open(share: Share): Holding {
    return new Holding(this, share);
  }
}

/** What one request or connection holds of a budget. */
export class Holding {
  readonly #budget: ByteBudget;
  #share: Share;
  #byteCount = 0;
  #closed = false;

  constructor(budget: ByteBudget, share: Share) {
    this.#budget = budget;
    this.#share = share;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** Holds exactly this much from now on; false, and nothing changes, when that is more than may be held. */
  trySet(byteCount: number): boolean {
    const more = byteCount - this.#byteCount;
    if (more > 0 && (this.#closed || !this.#budget.tryTake(this.#share, more))) return false;
    if (more < 0) this.#budget.give(this.#share, -more);
    this.#byteCount = byteCount;
    return true;
  }

  /** @throws BusyError when it is too much. */
  take(byteCount: number): void {
    if (!this.trySet(this.#byteCount + byteCount)) throw new BusyError("Cannot take more bytes: too much is under way");
  }

  /**
   * What is held counts for somebody else from now on: who logged in is a user, no longer an address. False when that
   * share is used up.
   */
  tryMoveTo(share: Share): boolean {
    if (this.#closed || !this.#budget.tryTake(share, this.#byteCount)) return false;
    this.#budget.give(this.#share, this.#byteCount);
    this.#share = share;
    return true;
  }

  /** Gives everything back. May be called again. */
  close(): void {
    this.trySet(0);
    this.#closed = true;
  }
}
