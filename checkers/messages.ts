// What became of each message? One row per marker, in the order of sending.
// Fate – acknowledged, refused, or unknown: without an answer once and never are both right; unsent: nobody sent it.

import type { AcknowledgedEvent, SendEvent } from "./history.ts";
import { grown, Names, variantMax } from "./rows.ts";

export const unknown = 0;
export const acknowledged = 1;
export const refused = 2;
export const unsent = 3;

export class Messages {
  readonly names = new Names();
  /** Of the unsent: when they were first heard or read. */
  sentAtMs = new Float64Array(16);
  acknowledgedAtMs = new Float64Array(16);
  fate = new Uint8Array(16);
  room = new Uint32Array(16);
  sender = new Uint32Array(16);
  lane = new Uint32Array(16);
  /** REST requests have no connection that keeps the order of those without an answer. */
  overRest = new Uint8Array(16);
  /** The variant of the id that the acknowledgement told. */
  acknowledgedVariant = new Uint8Array(16);
  readonly hash: (string | undefined)[] = [];
  /** The first id that was told. Ids that differ from it are the exception, and kept apart. */
  readonly #id: (string | undefined)[] = [];
  readonly #otherIds = new Map<number, string[]>();
  readonly lanes = new Names();

  get count(): number {
    return this.names.list.length;
  }

  send(event: SendEvent, sender: number, room: number): void {
    const at = this.#add(event.message, event.atMs, unknown, event.hash);
    this.room[at] = room;
    this.sender[at] = sender;
    this.lane[at] = this.lanes.of(`${sender} ${room} ${event.connection}`);
    this.overRest[at] = event.transport === "rest" ? 1 : 0;
  }

  unsent(name: string, atMs: number): number {
    return this.#add(name, atMs, unsent, undefined);
  }

  /** An answer wins over none, and the acknowledgement over all. */
  decide(message: number, fate: "refused" | "unknown"): void {
    if (fate === "refused" && this.fate[message] === unknown) this.fate[message] = refused;
  }

  acknowledge(message: number, event: AcknowledgedEvent): void {
    if (this.fate[message] === acknowledged) return;
    this.fate[message] = acknowledged;
    this.acknowledgedAtMs[message] = event.atMs;
    this.acknowledgedVariant[message] = this.variantOf(message, event.id);
  }

  variantOf(message: number, id: string | undefined): number {
    if (id === undefined) return 0;
    const first = this.#id[message];
    if (first === id) return 1;
    if (first === undefined) {
      this.#id[message] = id;
      return 1;
    }
    const others = this.#otherIds.get(message) ?? [];
    if (others.length === 0) this.#otherIds.set(message, others);
    const known = others.indexOf(id);
    if (known >= 0) return known + 2;
    // The last variant stands for all that follow: different from the first, which is all that counts.
    if (others.length + 2 > variantMax) return variantMax;
    return others.push(id) + 1;
  }

  idOf(message: number, variant: number): string | undefined {
    return variant < 2 ? this.#id[message] : this.#otherIds.get(message)?.[variant - 2];
  }

  #add(name: string, atMs: number, fate: number, hash: string | undefined): number {
    const at = this.names.of(name);
    if (at === this.sentAtMs.length) this.#grow();
    this.sentAtMs[at] = atMs;
    this.acknowledgedAtMs[at] = Number.NaN;
    this.fate[at] = fate;
    this.hash.push(hash);
    this.#id.push(undefined);
    return at;
  }

  #grow(): void {
    const capacity = this.sentAtMs.length * 2;
    this.sentAtMs = grown(this.sentAtMs, capacity);
    this.acknowledgedAtMs = grown(this.acknowledgedAtMs, capacity);
    this.fate = grown(this.fate, capacity);
    this.room = grown(this.room, capacity);
    this.sender = grown(this.sender, capacity);
    this.lane = grown(this.lane, capacity);
    this.overRest = grown(this.overRest, capacity);
    this.acknowledgedVariant = grown(this.acknowledgedVariant, capacity);
  }
}
