// Server-sent events from text in pieces, as a browser reads them, but nothing is thrown away: comments, ids and odd
// lines are kept for verdicts. Source: html.spec.whatwg.org, server-sent events, "Interpreting an event stream". Pure.

export interface SseEvent {
  kind: "event";
  /** The `event` field, or "message". */
  name: string;
  /** The `id` field of this very block; undefined when the block had none. */
  id: string | undefined;
  /** Data lines joined by LF; undefined when the block had none (then browsers dispatch nothing). */
  data: string | undefined;
  dataLineCount: number;
  retryMs: number | undefined;
}

interface SseComment {
  kind: "comment";
  text: string;
}

/** A line that is no field of the standard. Browsers ignore it; a verdict may not. */
interface SseOddLine {
  kind: "odd-line";
  line: string;
}

/** A block with neither name nor data, as `retry: 3000` at the beginning. Browsers dispatch nothing for it. */
interface SseSettings {
  kind: "settings";
  id: string | undefined;
  retryMs: number | undefined;
}

export type SseItem = SseEvent | SseComment | SseSettings | SseOddLine;

/** Reads an event stream. `push` returns what became complete, in order. Lines end in LF, CR LF or CR. */
export class SseParser {
  /** The beginning of a line whose end has not come, as it came: searched once, joined once. */
  #line: string[] = [];
  /** A CR at the very end of a piece may be half of CR LF: its line ends when the next piece comes. */
  #heldCr = false;
  #lineLength = 0;
  #dataLength = 0;
  #first = true;
  #block: { name: string; id: string | undefined; data: string[]; retryMs: number | undefined; empty: boolean } =
    emptyBlock();

  /** True between events: what came so far ended with an empty line (or only comments since). */
  get atBoundary(): boolean {
    return this.#line.length === 0 && !this.#heldCr && this.#block.empty;
  }

  /** Characters of the line whose end has not come. */
  get lineLength(): number {
    return this.#lineLength;
  }

  /** Characters of the data of the event whose end has not come. */
  get dataLength(): number {
    return this.#dataLength;
  }

  push(text: string): SseItem[] {
    if (text === "") return [];
    const items: SseItem[] = [];
    const endLine = (end: string): void => {
      const item = this.#readLine(this.#line.length === 0 ? end : [...this.#line, end].join(""));
      this.#line = [];
      this.#lineLength = 0;
      if (item !== undefined) items.push(item);
    };
    let from = this.#first && text.startsWith("\uFEFF") ? 1 : 0;
    this.#first = false;
    if (this.#heldCr) {
      endLine("");
      if (text.startsWith("\n")) from = 1;
    }
    this.#heldCr = false;
    const lineEnd = /\r\n|\n|\r/g;
    lineEnd.lastIndex = from;
    for (let match = lineEnd.exec(text); match; match = lineEnd.exec(text)) {
      const line = text.slice(from, match.index);
      from = lineEnd.lastIndex;
      if (match[0] === "\r" && from === text.length) {
        this.#heldCr = true;
        this.#hold(line);
      } else {
        endLine(line);
      }
    }
    if (from < text.length) this.#hold(text.slice(from));
    return items;
  }

  #hold(piece: string): void {
    this.#line.push(piece);
    this.#lineLength += piece.length;
  }

  #readLine(line: string): SseItem | undefined {
    if (line === "") return this.#endBlock();
    if (line.startsWith(":")) return { kind: "comment", text: line.slice(1).replace(/^ /, "") };
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    const block = this.#block;
    if (field === "event") block.name = value;
    else if (field === "data") {
      block.data.push(value);
      this.#dataLength += value.length + 1;
    } else if (field === "id") block.id = value.includes("\0") ? block.id : value;
    else if (field === "retry" && /^\d+$/.test(value)) block.retryMs = Number(value);
    else return { kind: "odd-line", line };
    block.empty = false;
    return undefined;
  }

  #endBlock(): SseEvent | SseSettings | undefined {
    const block = this.#block;
    this.#block = emptyBlock();
    this.#dataLength = 0;
    if (block.empty) return undefined;
    if (block.name === "" && block.data.length === 0) return { kind: "settings", id: block.id, retryMs: block.retryMs };
    return {
      kind: "event",
      name: block.name === "" ? "message" : block.name,
      id: block.id,
      data: block.data.length === 0 ? undefined : block.data.join("\n"),
      dataLineCount: block.data.length,
      retryMs: block.retryMs,
    };
  }
}

const emptyBlock = (): {
  name: string;
  id: string | undefined;
  data: string[];
  retryMs: number | undefined;
  empty: boolean;
} => ({
  name: "",
  id: undefined,
  data: [],
  retryMs: undefined,
  empty: true,
});
