// One question for many who ask: whoever asks while a round is under way shares the next one, which begins after they
// asked. So an answer is never older than its question, and however many ask, one round runs at a time.

export class Rounds {
  readonly #ask: () => Promise<unknown>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(ask: () => Promise<unknown>) {
    this.#ask = ask;
  }

  /** The outcome of a round that begins now or later. One that somebody else began since the question is as good. */
  next(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    return (this.#next ??= this.#running.catch(() => undefined).then(() => this.#running ?? this.#begin()));
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#ask()
      .then(() => undefined)
      .finally(() => (this.#running = undefined));
    return this.#running;
  }
}
