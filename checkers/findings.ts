// What was found, and how is it told? All are counted; the first of each kind are kept as sentences.

import { tellInstant } from "./faults.ts";
import type { Ledger } from "./ledger.ts";

export type PairAnomaly = "lost" | "duplicate" | "reordered" | "foreign" | "ghost" | "mutated";
export type Anomaly = PairAnomaly | "erased";

export interface Finding {
  anomaly: Anomaly;
  /** Its marker, or "event <id>". */
  message: string;
  subscription?: string;
  reader?: string;
  atMs: number;
  /** A sentence: *stomp-3 never heard m17 (sent 1.2 s after server-2 was killed)*. */
  text: string;
}

/** Per anomaly: who reads more than this looks into the history. */
const findingsMax = 200;

export class Findings {
  omitted = 0;
  readonly #ledger: Ledger;
  readonly #kept: Finding[] = [];
  readonly #counts = new Map<Anomaly, number>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The sentence is made only for those that are kept. */
  add(
    anomaly: Anomaly,
    message: number | string,
    atMs: number,
    where: { subscription?: string; reader?: string },
    text: (name: string) => string,
  ): void {
    const count = (this.#counts.get(anomaly) ?? 0) + 1;
    this.#counts.set(anomaly, count);
    if (count > findingsMax) {
      this.omitted++;
      return;
    }
    const name = typeof message === "string" ? message : this.#ledger.messages.names.list[message]!;
    this.#kept.push({ anomaly, message: name, ...where, atMs, text: text(name) });
  }

  /** "sent 1.2 s after server-2 was killed" */
  sent(message: number): string {
    return `sent ${tellInstant(this.#ledger.messages.sentAtMs[message]!, this.#ledger.faults)}`;
  }

  roomOf(message: number): string {
    return this.#ledger.rooms.list[this.#ledger.messages.room[message]!]!;
  }

  get list(): Finding[] {
    return this.#kept.toSorted((a, b) => a.atMs - b.atMs);
  }
}
