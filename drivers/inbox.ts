// What came over one connection, in arrival order, and waiting for something among it with a deadline. Terms:
// cursor-free – every wait looks at everything that came so far, so nothing is missed and `karate`-style "first message
// for ever" cannot happen. Bounded: a storm of items ends the inbox, or, where somebody takes them as they come, only
// the newest are kept.

import { performance } from "node:perf_hooks";
import { TargetError, TimeoutError } from "./errors.ts";
import { inboxCharsMax, sizeText, takenItemsKept } from "./limits.ts";

/** An item with the monotonic instant (ms) at which its octets were read. */
export type Timed<T> = T & { readonly atMs: number };

/** What an object costs beside its texts, roughly. */
const itemChars = 200;

/** Why nothing more comes. `malformed`: the target sent what nobody can take. */
interface End {
  reason: string;
  code: "closed" | "malformed";
  hint: string | undefined;
}

export class Inbox<T extends object> {
  readonly items: Timed<T>[] = [];
  /** Called with each item as it comes, before anybody who waits is woken. Set, only the newest items are kept. */
  onItem: ((item: Timed<T>) => void) | undefined;
  /** The name of its connection in the transcript, for errors. */
  connection: string | undefined;
  readonly #waiters = new Set<() => void>();
  readonly #charsMax: number;
  /** What each kept item was charged. */
  readonly #charges: number[] = [];
  #chars = 0;
  #droppedCount = 0;
  #ended: End | undefined;

  constructor(charsMax = inboxCharsMax) {
    this.#charsMax = charsMax;
  }

  /**
   * `chars`: what the item keeps alive, the text included that it was cut from. False: the inbox has ended, before or
   * by this item, because it is full. Whoever fills it then closes the connection.
   */
  push(item: T, chars = 0): boolean {
    if (this.#ended !== undefined) return false;
    const timed = Object.assign(item, { atMs: performance.now() });
    this.items.push(timed);
    this.#charges.push(chars + itemChars);
    this.#chars += chars + itemChars;
    this.onItem?.(timed);
    if (this.onItem !== undefined) this.#dropOld();
    else if (this.#chars > this.#charsMax)
      this.end(`the target sent more than ${sizeText(this.#charsMax)} on one connection`, { code: "malformed" });
    this.#wake();
    return this.#ended === undefined;
  }

  /** Half of it at a time, so that each item is moved once. */
  #dropOld(): void {
    if (this.items.length < 2 * takenItemsKept && this.#chars <= this.#charsMax) return;
    const count = Math.max(1, Math.floor(this.items.length / 2));
    this.items.splice(0, count);
    for (const charge of this.#charges.splice(0, count)) this.#chars -= charge;
    this.#droppedCount += count;
  }

  /** Nothing more will come; `reason` goes into the errors of those who still wait. The first one counts. */
  end(reason: string, { code = "closed", hint }: { code?: End["code"]; hint?: string | undefined } = {}): void {
    this.#ended ??= { reason, code, hint };
    this.#wake();
  }

  get ended(): string | undefined {
    return this.#ended?.reason;
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
    let seen = this.#droppedCount;
    const startMs = performance.now();
    const look = (): boolean => {
      for (; seen - this.#droppedCount < this.items.length && found.length < count; seen++) {
        const item = this.items[seen - this.#droppedCount]!;
        if (matches(item)) found.push(item);
      }
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
        this.#ended.code,
        `Cannot await ${what}${got}: ${this.#ended.reason} after ${Math.round(performance.now() - startMs)} ms`,
        { hint: this.#ended.hint, connection: this.connection },
      );
    const missedMs = performance.now();
    throw new TimeoutError(`Cannot await ${what}${got}: nothing within ${deadlineMs} ms`, this.items.slice(-20), {
      connection: this.connection,
      awaitLate: async (limitMs) =>
        await this.awaitCount(what, matches, count, limitMs).then(
          (items) => Math.max(1, items.at(-1)!.atMs - missedMs),
          () => undefined,
        ),
    });
  }
}
