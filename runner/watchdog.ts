// A run in which nothing is finished for ten minutes is stuck, whatever the reason: it is ended as by Ctrl-C, what was
// judged so far is kept, and what was under way is inconclusive, with the reason.

const silenceMsDefault = 10 * 60_000;

export class Stall extends Error {
  override readonly name = "Stall";
}

export class Watchdog implements Disposable {
  readonly #stop = new AbortController();
  readonly #silenceMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(silenceMs: number = silenceMsDefault) {
    this.#silenceMs = silenceMs;
    this.feed();
  }

  /** Aborted with a Stall as its reason when nothing was finished for so long. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Something was finished. */
  feed(): void {
    clearTimeout(this.#timer);
    const because = `nothing was finished for ${Math.round(this.#silenceMs / 60_000)} minutes: the run was ended`;
    this.#timer = setTimeout(() => this.#stop.abort(new Stall(because)), this.#silenceMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
