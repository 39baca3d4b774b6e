// One event stream of thousands: a GET, and then events, as octets where they lie. No closure, no timer and no event
// object for each. Not a judge: drivers/sse.ts is. Source: WHATWG HTML 9.2.6.

import { messageBytesMax } from "../drivers/limits.ts";
import type { ConnectOptions } from "./connect.ts";
import { HttpConnection, type AnswerListener } from "./http-connection.ts";

const [lf, cr, space] = [0x0a, 0x0d, 0x20];
const [dataField, idField] = [Buffer.from("data:"), Buffer.from("id:")];

/** What happens to any of the streams. Octets are valid during the call alone. */
export interface StreamListener {
  onOpen(stream: EventStream): void;
  /** One line of an event's data, from `from` to `to` (not included). */
  onData(stream: EventStream, octets: Buffer, from: number, to: number): void;
  /** Once, whoever ended it; `how`: as "ended", "answered 503" or "ECONNREFUSED". */
  onClose(stream: EventStream, how: string): void;
}

export class EventStream implements AnswerListener {
  /** Whose it is, by the owner's own number. */
  readonly number: number;
  /** Of the newest event that had one. */
  lastId: string | undefined;
  readonly #listener: StreamListener;
  readonly #connection: HttpConnection;
  /** What came of an event that is not whole, and where its last line begins. */
  #rest: Buffer | undefined;
  #lineInRest = 0;
  /** An LF that comes next is the second half of a line end. */
  #endedWithCr = false;

  constructor(
    number: number,
    listener: StreamListener,
    { headers, ...options }: ConnectOptions & { headers: Readonly<Record<string, string>> },
    lastId?: string,
  ) {
    this.number = number;
    this.lastId = lastId;
    this.#listener = listener;
    this.#connection = new HttpConnection(this, options);
    const { pathname, search } = options.url;
    const accepts = { Accept: "text/event-stream", "Cache-Control": "no-cache" };
    this.#connection.ask("GET", pathname + search, { ...accepts, ...headers });
  }

  /** A stream has no word of farewell. */
  close(): void {
    this.#connection.destroy();
  }

  terminate(): void {
    this.#connection.destroy();
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  onHead(connection: HttpConnection, status: number, head: string): void {
    if (status !== 200) connection.destroy(`answered ${status}`);
    else if (!/^content-type:\s*text\/event-stream\b/im.test(head)) connection.destroy("answered by no event stream");
    else this.#listener.onOpen(this);
  }

  onBody(octets: Buffer, from: number, to: number): void {
    this.#cut(octets, from, to);
  }

  onEnd(connection: HttpConnection): void {
    connection.destroy();
  }

  onClose(_connection: HttpConnection, how: string): void {
    this.#rest = undefined;
    this.#listener.onClose(this, how);
  }

  /** Events end at an empty line; a line ends with LF, CR, or both. */
  #cut(chunk: Buffer, from: number, to: number): void {
    const rest = this.#rest;
    const octets = rest === undefined ? chunk : Buffer.concat([rest, chunk.subarray(from, to)]);
    const end = rest === undefined ? to : octets.length;
    let begin = rest === undefined ? from : 0;
    let line = begin + this.#lineInRest;
    // The second half of a line end.
    if (this.#endedWithCr && octets[line] === lf) line += 1;
    if (this.#endedWithCr && this.#lineInRest === 0) begin = line;
    this.#endedWithCr = false;
    for (;;) {
      const lineEnd = lineEndIn(octets, line, end);
      if (lineEnd === end) break;
      if (lineEnd === line && line > begin) this.#event(octets, begin, line);
      const isEmpty = lineEnd === line;
      line = nextLineIn(octets, lineEnd, end);
      if (isEmpty) begin = line;
      this.#endedWithCr = line === end && octets[end - 1] === cr;
    }
    this.#rest = undefined;
    this.#lineInRest = line - begin;
    if (begin === end) return;
    if (end - begin > messageBytesMax) return this.#connection.destroy("an event without an end");
    // A copy: what the stream gave is whole memory pages.
    this.#rest = Buffer.from(octets.subarray(begin, end));
  }

  #event(octets: Buffer, from: number, to: number): void {
    for (let at = from, end = from; at < to; at = nextLineIn(octets, end, to)) {
      end = lineEndIn(octets, at, to);
      if (isAt(octets, at, dataField)) this.#listener.onData(this, octets, at + 5, end);
      if (!isAt(octets, at, idField)) continue;
      const value = octets[at + 3] === space ? at + 4 : at + 3;
      if (octets.subarray(value, end).indexOf(0) < 0) this.lastId = octets.toString("utf8", value, end);
    }
  }
}

function isAt(octets: Buffer, at: number, word: Buffer): boolean {
  for (let index = 0; index < word.length; index++) if (octets[at + index] !== word[index]) return false;
  return true;
}

/** Where this line ends; `to`: further on. */
function lineEndIn(octets: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && octets[at] !== lf && octets[at] !== cr) at++;
  return at;
}

/** Where the line behind this end begins. */
const nextLineIn = (octets: Buffer, end: number, to: number): number =>
  Math.min(to, octets[end] === cr && end + 1 < to && octets[end + 1] === lf ? end + 2 : end + 1);
