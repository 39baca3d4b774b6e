// Who goes on next when many frames wait? Sessions take turns: after a few milliseconds of work everything that came meanwhile (requests,
// new connections, health checks) is looked at before the next frame, and sessions go on in the order in which they began to wait.
// Without it a session whose work never waits for the network would hold the process until its last frame.

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

  /** One session a round of the event loop; its next frames have a slice. */
  readonly #goOn = (): void => {
    this.#sliceEndsAtMs = performance.now() + sliceMs;
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#goOn);
  };
}
