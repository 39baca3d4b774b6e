// How much costly work may run at once, and how much may wait? Over both limits the work is refused at once: a queue
// without end is an outage that nobody sees.

/** Too much is under way; the caller may come again later (503). */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

export class Gate {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #runningCount = 0;

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  /** Runs `work` when its turn has come, in the order of asking. Throws BusyError when the queue is full. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#runningCount >= this.#runningMax) {
      if (this.#waiting.length >= this.#waitingMax) throw new BusyError("Cannot take more work: too much is waiting");
      // Who ends hands its place over, so the count stays.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#runningCount += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#runningCount -= 1;
    }
  }
}
