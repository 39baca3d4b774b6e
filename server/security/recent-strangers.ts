// Who was a stranger a moment ago? Whether an account is known at an address is in the database; a flood of guesses
// must not ask it each time. What is kept is bounded: so many pairs, each for so long. Whoever signs up in this time is
// told to come again, at worst, and only where too many failed.

const pairsMax = 10_000;
const forgottenAfterMs = 5_000;

export class RecentStrangers {
  /** Pair → until when, on the clock of `performance`; the oldest comes first. */
  readonly #untilMs = new Map<string, number>();

  /** @param pair an account at an address. */
  note(pair: string): void {
    this.#untilMs.delete(pair);
    this.#untilMs.set(pair, performance.now() + forgottenAfterMs);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size > pairsMax && oldest !== undefined) this.#untilMs.delete(oldest);
  }

  has(pair: string): boolean {
    return performance.now() < (this.#untilMs.get(pair) ?? 0);
  }
}
