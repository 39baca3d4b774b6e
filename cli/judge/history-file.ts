// Reads a history, however long, event by event: JSON lines. The last line of a run that was killed may be cut off; any
// other malformed line is an error.

import { closeSync, openSync, readSync } from "node:fs";
import { checkEvent } from "../../checkers/event-shape.ts";
import { HistoryError } from "../../checkers/ledger.ts";
import type { HistoryEvent } from "../../checkers/history.ts";

// Large enough that reading costs nothing beside parsing, small enough for memory; a line is never longer.
const chunkBytes = 4 * 1_024 * 1_024;
const lineEnd = 0x0a;

/** The file cannot be read, or a line is no event. */
export class HistoryFileError extends Error {
  override readonly name = "HistoryFileError";
  readonly next: string;
  constructor(message: string, next = "give the history.jsonl that a run wrote") {
    super(message);
    this.next = next;
  }
}

/** Which line was read last, and whether the file ends within one. */
export class HistoryFile implements Iterable<HistoryEvent> {
  readonly path: string;
  line = 0;
  cutOff = false;

  constructor(path: string) {
    this.path = path;
  }

  *[Symbol.iterator](): Generator<HistoryEvent> {
    this.line = 0;
    for (const { text, last } of this.#texts()) {
      for (let from = 0; from < text.length;) {
        const found = text.indexOf("\n", from);
        const to = found === -1 ? text.length : found;
        this.line++;
        const event = this.#parse(text.slice(from, to), last && found === -1);
        if (event !== undefined) yield event;
        from = to + 1;
      }
    }
  }

  /** The error with its place, for what comes out while an event is worked on. */
  at(error: HistoryError): HistoryFileError {
    return new HistoryFileError(`${this.path}, line ${this.line}: ${error.message}`);
  }

  #parse(text: string, mayBeCutOff: boolean): HistoryEvent | undefined {
    if (text.trim() === "") return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      if (!mayBeCutOff) throw new HistoryFileError(`${this.path}, line ${this.line}: no JSON: ${text.slice(0, 80)}`);
      this.cutOff = true;
      return undefined;
    }
    try {
      return checkEvent(value);
    } catch (error) {
      throw error instanceof HistoryError ? this.at(error) : error;
    }
  }

  /** Whole lines, as many as fit; `last`: nothing follows, the text may end within a line. */
  *#texts(): Generator<{ text: string; last: boolean }> {
    const file = this.#open();
    try {
      const buffer = Buffer.allocUnsafe(chunkBytes);
      let kept = 0;
      for (;;) {
        const read = this.#read(file, buffer, kept);
        const length = kept + read;
        if (read === 0) {
          yield { text: buffer.toString("utf8", 0, length), last: true };
          return;
        }
        const end = buffer.lastIndexOf(lineEnd, length - 1) + 1;
        if (end === 0 && length === chunkBytes)
          throw new HistoryFileError(`${this.path}, line ${this.line + 1}: longer than ${chunkBytes} bytes`);
        if (end > 0) yield { text: buffer.toString("utf8", 0, end), last: false };
        buffer.copyWithin(0, end, length);
        kept = length - end;
      }
    } finally {
      closeSync(file);
    }
  }

  #read(file: number, buffer: Buffer, from: number): number {
    try {
      return readSync(file, buffer, from, chunkBytes - from, null);
    } catch (error) {
      throw new HistoryFileError(`cannot read ${this.path}: ${(error as Error).message}`);
    }
  }

  #open(): number {
    try {
      return openSync(this.path, "r");
    } catch (error) {
      throw new HistoryFileError(`cannot read ${this.path}: ${(error as Error).message}`);
    }
  }
}
