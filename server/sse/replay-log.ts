// Which events came after this one? The last 10,000 events in bus order, the same on every instance, each with its
// bytes as they go out, made once and shared by all streams. Terms: position = how many events were ever appended
// before it; an id is only a name, its position is looked up, never compared. Source: "SSE" and "Fan-out across
// instances" of the Discodeit contract.

import { limits } from "../../systems/discodeit/wire.ts";
import type { EventRecord } from "../bus/records.ts";

export interface LogEntry {
  readonly record: EventRecord;
  readonly chunk: Buffer;
  /** undefined: everyone. */
  readonly receivers: ReadonlySet<string> | undefined;
}

export class ReplayLog {
  readonly #kept: number;
  readonly #ring: LogEntry[] = [];
  readonly #positions = new Map<string, number>();
  #end = 0;

  constructor(kept: number = limits.eventsRetained) {
    this.#kept = kept;
  }

  /** Position of the oldest retained event. */
  get start(): number {
    return Math.max(0, this.#end - this.#kept);
  }

  /** Position that the next event will have. */
  get end(): number {
    return this.#end;
  }

  /**
   * Adds an event and returns its entry, or undefined when its id is retained already (a bus delivers at least once).
   */
  append(record: EventRecord): LogEntry | undefined {
    if (this.#positions.has(record.id)) return undefined;
    const slot = this.#end % this.#kept;
    const evicted = this.#ring[slot];
    if (evicted) this.#positions.delete(evicted.record.id);
    const receivers = record.receivers === "everyone" ? undefined : new Set(record.receivers);
    const entry = { record, chunk: eventChunk(record.name, record.data, record.id), receivers };
    this.#ring[slot] = entry;
    this.#positions.set(record.id, this.#end);
    this.#end += 1;
    return entry;
  }

  at(position: number): LogEntry | undefined {
    return position >= this.start && position < this.#end ? this.#ring[position % this.#kept] : undefined;
  }

  /** undefined: unknown, evicted or malformed. */
  positionOf(id: string): number | undefined {
    return this.#positions.get(id);
  }
}

export const isReceiver = (entry: LogEntry, userId: string): boolean => entry.receivers?.has(userId) ?? true;

/** One event as it goes over the wire. Line breaks cannot get in: ids and names are ours, data is one line of JSON. */
export function eventChunk(name: string, data: string, id?: string): Buffer {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return Buffer.from(`${idLine}event: ${name}\ndata: ${data.replaceAll(/[\r\n]/g, " ")}\n\n`);
}
