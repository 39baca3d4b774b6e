// Writes a run's history: each event as one line, at once, so that a killed run leaves all that it knew; and the same
// events for the checkers.

import { randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { HistoryEvent } from "../../checkers/history.ts";
import { Ledger } from "../../checkers/ledger.ts";

/** An event of which the recorder sets the instant. */
type Untimed<T> = T extends HistoryEvent ? Omit<T, "atMs"> : never;

export class Recorder {
  readonly run = randomBytes(3).toString("hex");
  readonly ledger = new Ledger();
  /** Everything so far, for the story of a finding. */
  readonly events: HistoryEvent[] = [];
  readonly #file: number | undefined;
  readonly #startMs = performance.now();
  #markers = 0;
  #closed = false;

  /** `path`: a file to write to; an older history of that name is gone then. */
  constructor(path?: string) {
    this.#file = path === undefined ? undefined : openSync(path, "w", 0o600);
  }

  /** Milliseconds since this recorder began. */
  nowMs(): number {
    return Math.round((performance.now() - this.#startMs) * 1_000) / 1_000;
  }

  /** After `close` nothing is noted: what trickles in after an interruption is no part of the run. */
  note(event: Untimed<HistoryEvent>): void {
    if (this.#closed) return;
    const timed: HistoryEvent = { ...event, atMs: this.nowMs() };
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(timed)}\n`);
    this.ledger.add(timed);
    this.events.push(timed);
  }

  /** A text that nobody else sends and that no other marker contains. */
  marker(): string {
    return `${this.run}-${++this.#markers}~`;
  }

  /** The first marker of this run in a text. */
  markerIn(text: string): string | undefined {
    return new RegExp(`${this.run}-\\d+~`).exec(text)?.[0];
  }

  close(): void {
    this.#closed = true;
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
