// Is the target there? It is asked once a second while clauses are proved. A target that stops answering (restarted,
// paused, cut off) is waited for, and what was under way meanwhile is proved again: its failure says nothing.
// Terms: outage – from the first question without an answer to the next answer.

import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { Turns } from "./turns.ts";

export interface Outage {
  fromMs: number;
  /** undefined: it is not back yet. */
  toMs: number | undefined;
  /** What was under way when it was noticed. */
  underWay: readonly string[];
  /** Connections were refused or cut: it was no pause, in which they are left without an answer. */
  died: boolean;
}

const askEveryMs = 1_000;
/** While it is away. */
const askAgainEveryMs = 500;

export interface AvailabilityOptions {
  /** Resolves when the target answers anything at all; rejects when it does not. */
  ask: (signal: AbortSignal) => Promise<unknown>;
  onPhase?: ((phase: string) => void) | undefined;
  /** How long an answer may take. */
  answerWithinMs: number;
  /** How long to wait for a target that went away. */
  returnWithinMs: number;
  /** Called when it is back. */
  onReturn?: () => void;
  /** Aborted: nobody waits for it any longer. */
  interrupt?: AbortSignal | undefined;
}

export class Availability implements AsyncDisposable {
  readonly outages: Outage[] = [];
  /** Of those who ask whether it is there, and say what they do. */
  readonly turns = new Turns<string>();
  readonly #options: AvailabilityOptions;
  readonly #stop = new AbortController();
  /** From then on nothing is asked and nobody waits. */
  readonly #ends: AbortSignal;
  readonly #running: Promise<void>;
  #asking: Promise<boolean> | undefined;
  #askedAtMs = performance.now();
  /** The last question without an answer did not wait for one in vain. */
  #wasRefused = false;
  #return: Promise<boolean> | undefined;

  constructor(options: AvailabilityOptions) {
    this.#options = options;
    const { signal } = this.#stop;
    this.#ends = options.interrupt === undefined ? signal : AbortSignal.any([signal, options.interrupt]);
    this.#running = this.#watch();
  }

  /** Resolves when the target is there; false: it did not come back in time, and it will not be waited for again. */
  async whenThere(): Promise<boolean> {
    if (this.#return === undefined && (await this.#isThere())) return true;
    return await this.#awaitReturn();
  }

  /** The outages that overlapped this time. */
  outagesSince(fromMs: number): Outage[] {
    return this.outages.filter(({ toMs }) => toMs === undefined || toMs >= fromMs);
  }

  async #watch(): Promise<void> {
    while (!this.#ends.aborted) {
      if (this.#return === undefined && !(await this.#isThere())) void this.#awaitReturn();
      await this.#pause(askEveryMs, { ref: false });
    }
  }

  /** Those who ask at the same time share one question. */
  #isThere(): Promise<boolean> {
    return (this.#asking ??= this.#ask().finally(() => (this.#asking = undefined)));
  }

  async #ask(): Promise<boolean> {
    if (this.#ends.aborted) return true;
    this.#askedAtMs = performance.now();
    const limit = AbortSignal.any([this.#ends, AbortSignal.timeout(this.#options.answerWithinMs)]);
    try {
      await this.#options.ask(limit);
      return true;
    } catch {
      // Whatever went wrong: there was no answer.
      this.#wasRefused = !limit.aborted;
      return this.#ends.aborted;
    }
  }

  #awaitReturn(): Promise<boolean> {
    return (this.#return ??= this.#untilReturn());
  }

  async #untilReturn(): Promise<boolean> {
    const { returnWithinMs, onPhase, onReturn } = this.#options;
    const { underWay } = this.turns;
    const outage: Outage = { fromMs: this.#askedAtMs, toMs: undefined, underWay, died: this.#wasRefused };
    this.outages.push(outage);
    for (const untilMs = performance.now() + returnWithinMs; performance.now() < untilMs;) {
      onPhase?.(
        `the target does not answer: waiting for it for another ${Math.ceil((untilMs - performance.now()) / 1_000)} s`,
      );
      // All others may be waiting for this, with nothing open that keeps the process alive.
      await this.#pause(askAgainEveryMs, { ref: true });
      const isThere = await this.#isThere();
      if (this.#ends.aborted) break;
      outage.died ||= !isThere && this.#wasRefused;
      if (!isThere) continue;
      outage.toMs = performance.now();
      onReturn?.();
      this.#return = undefined;
      return true;
    }
    return false; // `#return` stays: nobody waits again
  }

  async #pause(ms: number, { ref }: { ref: boolean }): Promise<void> {
    await wait(ms, undefined, { signal: this.#ends, ref }).catch(() => undefined); // stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
