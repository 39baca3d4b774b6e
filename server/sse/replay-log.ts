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
  readonly #bytesMax: number;
  readonly #ring: (LogEntry | undefined)[] = [];
  readonly #positions = new Map<string, number>();
  #start = 0;
  #end = 0;
  #bytes = 0;

  /** `bytesMax`: of what goes over the wire. */
  constructor(kept: number = limits.eventsRetained, bytesMax: number = Infinity) {
    this.#kept = kept;
    this.#bytesMax = bytesMax;
  }

  /** Position of the oldest retained event. */
  get start(): number {
    return this.#start;
  }

  /** What is retained, as it goes over the wire. */
  get bytes(): number {
    return this.#bytes;
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
    if (this.#end - this.#start === this.#kept) this.evictOldest();
    const receivers = record.receivers === "everyone" ? undefined : new Set(record.receivers);
    const entry = { record, chunk: eventChunk(record.name, record.data, record.id), receivers };
    this.#ring[this.#end % this.#kept] = entry;
    this.#positions.set(record.id, this.#end);
    this.#end += 1;
    this.#bytes += entry.chunk.length;
    while (this.#bytes > this.#bytesMax) this.evictOldest();
    return entry;
  }

  evictOldest(): void {
    const slot = this.#start % this.#kept;
    const evicted = this.#ring[slot];
    if (!evicted) return;
    this.#ring[slot] = undefined;
    this.#positions.delete(evicted.record.id);
    this.#bytes -= evicted.chunk.length;
    this.#start += 1;
  }

  /** Forgets what was made before this instant, in ms since 1970. */
  evictBefore(atMs: number): void {
    for (let oldest = this.at(this.#start); oldest && oldest.record.createdAtMs < atMs; oldest = this.at(this.#start))
      this.evictOldest();
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

/** One event as it goes over the wire. Ids and names are checked by whoever makes them; data may have several lines. */
export function eventChunk(name: string, data: string, id?: string): Buffer {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return Buffer.from(`${idLine}event: ${name}\ndata: ${data.replaceAll(/\r\n|\r|\n/g, "\ndata: ")}\n\n`);
}
