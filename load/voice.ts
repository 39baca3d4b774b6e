// Those who speak, as one. Each room is a lane of each. Terms: lane – see checkers/deliveries.ts.

import type { Lane } from "../checkers/deliveries.ts";

export interface Spoken extends Lane {
  sentAtMs: number[];
  acknowledgedAtMs: number[];
}

export interface Voice {
  /** One for each room of the plan. */
  readonly lanes: readonly Spoken[];
  /** Acknowledged. */
  readonly published: number;
  /** Sent, and neither acknowledged nor refused so far: once or never are both right. */
  readonly unknown: number;
  readonly isClosed: boolean;
  /** How the target ended it; undefined: it did not. */
  readonly ended: string | undefined;
  /** Resolves when it may speak. Throws TargetError, TimeoutError. */
  ready(): Promise<void>;
  /** `dueMs`: when it should be sent, by nowMs(). */
  say(room: number, dueMs: number): void;
  /** How much later than due messages were sent since the last time, at most. */
  takeLateMsMax(): number;
  close(): void;
}

export class Choir {
  readonly #voices: readonly Voice[];

  constructor(voices: readonly Voice[]) {
    this.#voices = voices;
  }

  /** Of all, by number. */
  get lanes(): Spoken[] {
    return this.#voices.flatMap(({ lanes }) => lanes);
  }

  get published(): number {
    return this.#sumOf((voice) => voice.published);
  }

  get unknown(): number {
    return this.#sumOf((voice) => voice.unknown);
  }

  /** Of the first that was ended. */
  get ended(): string | undefined {
    return this.#voices.find(({ ended }) => ended !== undefined)?.ended;
  }

  /** Whether nobody can speak any more. */
  get isClosed(): boolean {
    return this.#voices.every(({ isClosed }) => isClosed);
  }

  async ready(): Promise<void> {
    await Promise.all(this.#voices.map((voice) => voice.ready()));
  }

  /** The `count`-th message: voices and rooms take turns. */
  say(count: number, dueMs: number): void {
    const number = count % this.#voices.length;
    const round = Math.floor(count / this.#voices.length);
    const voice = this.#voices[number]!;
    voice.say((number + round) % voice.lanes.length, dueMs);
  }

  takeLateMsMax(): number {
    return Math.max(...this.#voices.map((voice) => voice.takeLateMsMax()));
  }

  close(): void {
    for (const voice of this.#voices) voice.close();
  }

  #sumOf(countOf: (voice: Voice) => number): number {
    return this.#voices.reduce((sum, voice) => sum + countOf(voice), 0);
  }
}
