// Who speaks by a call of the definition's, such as a POST: one for each message, whatever was answered so far. What
// resolves was taken.

import { nowMs } from "./clock.ts";
import { markerOf } from "./marker.ts";
import { laneOf, type LoadPlan } from "./plan.ts";
import type { Spoken, Voice } from "./voice.ts";

/** Says a text. Throws when the target did not take it. */
export type Call = (text: string) => Promise<void>;

export class CalledVoice implements Voice {
  readonly lanes: readonly Spoken[];
  readonly #plan: LoadPlan;
  readonly #publisher: number;
  readonly #call: Call;
  isClosed = false;
  ended: string | undefined;
  unknown = 0;
  published = 0;
  #lateMsMax = 0;

  constructor(plan: LoadPlan, publisher: number, call: Call) {
    this.#plan = plan;
    this.#publisher = publisher;
    this.#call = call;
    this.lanes = plan.rooms.map((_, room) => ({ room, sentAtMs: [], acknowledgedAtMs: [] }));
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  say(room: number, dueMs: number): void {
    if (this.isClosed) return;
    void this.#say(room, dueMs);
  }

  async #say(room: number, dueMs: number): Promise<void> {
    const { sentAtMs, acknowledgedAtMs } = this.lanes[room]!;
    const sequence = sentAtMs.length;
    sentAtMs.push(nowMs());
    acknowledgedAtMs.push(Number.NaN);
    this.#lateMsMax = Math.max(this.#lateMsMax, sentAtMs[sequence]! - dueMs);
    this.unknown += 1;
    try {
      const lane = laneOf(this.#plan, this.#publisher, room);
      const marker = markerOf({ lane, sequence, dueUs: Math.round(dueMs * 1_000) });
      await this.#call(marker + (this.#plan.padding ?? ""));
    } catch (error) {
      // Whether the target took it nobody knows.
      this.ended ??= (error as Error).message;
      return;
    }
    acknowledgedAtMs[sequence] = nowMs();
    this.unknown -= 1;
    this.published += 1;
  }

  takeLateMsMax(): number {
    const lateMs = this.#lateMsMax;
    this.#lateMsMax = 0;
    return lateMs;
  }

  close(): void {
    this.isClosed = true;
  }
}
