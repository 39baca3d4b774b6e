// Who goes on next when much work waits that needs nothing from outside of the process (frames of a session, statements
// of the embedded database)? Those who work take turns: after a few milliseconds everything that came meanwhile
// (requests, new connections, health checks) is looked at before the next piece of work, and whoever waits goes on in
// the order of asking. Without it one client would hold the process.

/** Work goes on without a break for so long; what waits behind it waits about as long. */
const sliceMs = 5;

export class Turns {
  readonly #waiting: (() => void)[] = [];
  #sliceEndsAtMs = 0;

  /** Resolves when the caller may go on; undefined: at once. */
  next(): Promise<void> | undefined {
    if (this.#waiting.length === 0 && performance.now() < this.#sliceEndsAtMs) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#goOn);
    });
  }

  /** Each of those who wait goes on once a round of the event loop, in the order of asking. */
  readonly #goOn = (): void => {
    this.#sliceEndsAtMs = performance.now() + sliceMs;
    for (const resolve of this.#waiting.splice(0)) resolve();
  };
}

/**
 * Lets so many a round of the event loop begin what a stranger can ask for in masses, so that a round stays short
 * however many ask.
 */
export class Pace {
  readonly #perRound: number;
  readonly #waiting: (() => void)[] = [];

  constructor(perRound: number) {
    this.#perRound = perRound;
  }

  /** Resolves when the caller may begin, in the order of asking. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#goOn);
    });
  }

  readonly #goOn = (): void => {
    for (const resolve of this.#waiting.splice(0, this.#perRound)) resolve();
    if (this.#waiting.length > 0) setImmediate(this.#goOn);
  };
}

/**
 * Lets so many requests a round of the event loop begin, as they come or else in turn: of hundreds that are read in one
 * round each would keep everybody else, health checks too, from being heard.
 */
export class Entrance {
  readonly #perRound: number;
  /** By connection, in the order of asking. */
  readonly #waiting = new Map<object, () => void>();
  #begunCount = 0;

  constructor(perRound: number) {
    this.#perRound = perRound;
  }

  /** At most one of a connection waits, and in order: the next one on it makes it begin. */
  enter(connection: object, begin: () => void): void {
    this.#take(connection)?.();
    if (this.#begunCount === 0 && this.#waiting.size === 0) setImmediate(this.#goOn);
    if (this.#begunCount >= this.#perRound || this.#waiting.size > 0) return void this.#waiting.set(connection, begin);
    this.#begunCount += 1;
    begin();
  }

  #take(connection: object): (() => void) | undefined {
    const begin = this.#waiting.get(connection);
    this.#waiting.delete(connection);
    return begin;
  }

  readonly #goOn = (): void => {
    this.#begunCount = Math.min(this.#waiting.size, this.#perRound);
    if (this.#begunCount > 0) setImmediate(this.#goOn);
    let left = this.#begunCount;
    // What asks again while others begin stands behind them.
    for (const connection of this.#waiting.keys()) {
      if (left-- === 0) return;
      this.#take(connection)?.();
    }
  };
}

/**
 * Lets so many pieces of bodies a round of the event loop be looked at, as they come or else in turn: a connection may
 * have 2 MiB for one round, and of dozens that upload at once each has. Keys (addresses, users) take turns.
 */
export class Intake {
  readonly #perRound: number;
  /** By key, in the order of asking; the first key is the next to have its turn. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #takenCount = 0;

  constructor(perRound: number) {
    this.#perRound = perRound;
  }

  /** Asked after each piece: resolves when the next one may be taken; undefined: at once. */
  next(key: string): Promise<void> | undefined {
    if (this.#takenCount === 0) setImmediate(this.#goOn);
    this.#takenCount += 1;
    if (this.#takenCount < this.#perRound) return undefined;
    return new Promise((resolve) => {
      const queue = this.#waiting.get(key);
      if (queue) queue.push(resolve);
      else this.#waiting.set(key, [resolve]);
    });
  }

  /** Whoever goes on takes one piece, at least. */
  readonly #goOn = (): void => {
    this.#takenCount = 0;
    for (const [key, queue] of this.#waiting) {
      queue.shift()?.();
      this.#waiting.delete(key);
      if (queue.length > 0) this.#waiting.set(key, queue);
      this.#takenCount += 1;
      if (this.#takenCount === this.#perRound) break;
    }
    if (this.#takenCount > 0) setImmediate(this.#goOn);
  };
}

/**
 * Of all bodies that may be large. One for the process, as its event loop is one. A piece has 64 KiB, and a parser
 * takes up to 2 ms for it while it is cold.
 */
export const bodyIntake = new Intake(4);
