// The target asks us to come again later (429, or 503 with Retry-After): we wait as asked, once for all who are asked
// to at the same time, and say so. A run that goes on asking is locked out, and its other answers are then about the
// limit and not about the clause. Source: RFC 9110 10.2.3 "Retry-After", RFC 6585 4.

import { setTimeout as wait } from "node:timers/promises";

/** Without a Retry-After. */
const unknownWaitMs = 2_000;
/** Told to wait longer, or again and again for longer, the answer is taken as it is. */
const oneWaitMsMax = 60_000;
const waitsMsMax = 120_000;

export interface Limit {
  status: number;
  waitMs: number;
  /** As `POST /api/users`. */
  request: string;
}

export class RateLimit {
  readonly #onLimit: (limit: Limit) => void;
  readonly #ended = new AbortController();
  #waitingCount = 0;
  #waitingSinceMs = 0;
  #pastMs = 0;
  #toldUntilMs = 0;
  #toldCount = 0;

  constructor(onLimit: (limit: Limit) => void) {
    this.#onLimit = onLimit;
  }

  /** How long somebody has waited so far, in all. */
  get waitedMs(): number {
    return this.#pastMs + (this.#waitingCount > 0 ? performance.now() - this.#waitingSinceMs : 0);
  }

  /** How often somebody was told to, and did. */
  get toldCount(): number {
    return this.#toldCount;
  }

  /** Waits as told; false: this answer does not ask for it, or there was waited enough for this request. */
  async waits(
    request: string,
    answer: { status: number; retryAfter: string | null },
    waitedMs: number,
  ): Promise<number | undefined> {
    const waitMs = toldWaitMs(answer.status, answer.retryAfter);
    if (waitMs === undefined || waitMs > oneWaitMsMax || waitedMs + waitMs > waitsMsMax) return undefined;
    this.#toldCount += 1;
    this.#onLimit({ status: answer.status, waitMs, request });
    this.#toldUntilMs = Math.max(this.#toldUntilMs, performance.now() + waitMs);
    if (this.#waitingCount === 0) this.#waitingSinceMs = performance.now();
    this.#waitingCount += 1;
    try {
      await wait(waitMs, undefined, { signal: this.#ended.signal });
      return waitMs;
    } catch (error) {
      if (this.#ended.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#waitingCount -= 1;
      if (this.#waitingCount === 0) this.#pastMs += performance.now() - this.#waitingSinceMs;
    }
  }

  /** Resolves when everybody who was told to wait may come again. */
  async passed(): Promise<void> {
    const waitMs = this.#toldUntilMs - performance.now();
    if (waitMs > 0) await wait(waitMs, undefined, { signal: this.#ended.signal }).catch(() => undefined);
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#ended.abort();
  }
}

/** undefined: the answer asks nobody to wait. */
export function toldWaitMs(status: number, retryAfter: string | null, nowMs: number = Date.now()): number | undefined {
  if (status !== 429 && (status !== 503 || retryAfter === null)) return undefined;
  const text = retryAfter?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? unknownWaitMs : Math.max(0, atMs - nowMs);
}
