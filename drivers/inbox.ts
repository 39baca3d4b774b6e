// What came over one connection, in arrival order, and waiting for something among it with a deadline. Terms:
// cursor-free – every wait looks at everything that came so far, so nothing is missed and `karate`-style "first message
// for ever" cannot happen.

import { performance } from "node:perf_hooks";
import { TargetError, TimeoutError } from "./errors.ts";

/** An item with the monotonic instant (ms) at which its octets were read. */
export type Timed<T> = T & { readonly atMs: number };

export class Inbox<T extends object> {
  readonly items: Timed<T>[] = [];
  /** Called with each item as it comes, before anybody who waits is woken. */
  onItem: ((item: Timed<T>) => void) | undefined;
  readonly #waiters = new Set<() => void>();
  #ended: string | undefined;

  push(item: T): void {
    const timed = Object.assign(item, { atMs: performance.now() });
    this.items.push(timed);
    this.onItem?.(timed);
    this.#wake();
  }

  /** Nothing more will come; `reason` goes into the errors of those who still wait. */
  end(reason: string): void {
    this.#ended ??= reason;
    this.#wake();
  }

  get ended(): string | undefined {
    return this.#ended;
  }

  #wake(): void {
    // A waiter that is done leaves the set, which a set allows while it is walked through.
    for (const waiter of this.#waiters) waiter();
  }

  /**
   * Resolves with the first item, old or new, that `matches`. Throws TimeoutError after `deadlineMs` with what did
   * come, TargetError "closed" when the connection ended without it.
   */
  async awaitItem(what: string, matches: (item: Timed<T>) => boolean, deadlineMs: number): Promise<Timed<T>> {
    return (await this.awaitCount(what, matches, 1, deadlineMs))[0]!;
  }

  /** Like awaitItem, for the first `count` items that match. */
  async awaitCount(
    what: string,
    matches: (item: Timed<T>) => boolean,
    count: number,
    deadlineMs: number,
  ): Promise<Timed<T>[]> {
    const found: Timed<T>[] = [];
    let seen = 0;
    const startMs = performance.now();
    const look = (): boolean => {
      for (; seen < this.items.length && found.length < count; seen++)
        if (matches(this.items[seen]!)) found.push(this.items[seen]!);
      return found.length >= count;
    };
    if (look()) return found;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(check);
        resolve();
      };
      const check = (): void => {
        if (look() || this.#ended !== undefined) done();
      };
      const timer = setTimeout(done, deadlineMs);
      this.#waiters.add(check);
      check();
    });
    if (look()) return found;
    const got = count === 1 ? "" : ` (${found.length} of ${count} came)`;
    if (this.#ended !== undefined)
      throw new TargetError(
        "closed",
        `Cannot await ${what}${got}: ${this.#ended} after ${Math.round(performance.now() - startMs)} ms`,
      );
    const missedMs = performance.now();
    throw new TimeoutError(`Cannot await ${what}${got}: nothing within ${deadlineMs} ms`, this.items.slice(-20), {
      awaitLate: async (limitMs) =>
        await this.awaitCount(what, matches, count, limitMs).then(
          (items) => Math.max(1, items.at(-1)!.atMs - missedMs),
          () => undefined,
        ),
    });
  }
}
