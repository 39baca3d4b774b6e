// One event stream of thousands: a GET, and then events, as octets where they lie. No closure, no timer and no event
// object for each. Not a judge: drivers/sse.ts is. Compression is not offered. Sources: RFC 9112 7.1 (chunks), WHATWG
// HTML 9.2.6 (events).

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { messageBytesMax } from "../drivers/limits.ts";
import type { SocketOptions } from "./socket.ts";

const headBytesMax = 16 * 1_024;
const [lf, cr, space] = [0x0a, 0x0d, 0x20];
const [dataField, idField] = [Buffer.from("data:"), Buffer.from("id:")];
/** Of a stream without chunks. */
const endless = Number.POSITIVE_INFINITY;

/** What happens to any of the streams. Octets are valid during the call alone. */
export interface StreamListener {
  onOpen(stream: EventStream): void;
  /** One line of an event's data, from `from` to `to` (not included). */
  onData(stream: EventStream, octets: Buffer, from: number, to: number): void;
  /** Once, whoever ended it; `how`: as "ended", "answered 503" or "ECONNREFUSED". */
  onClose(stream: EventStream, how: string): void;
}

export class EventStream {
  /** Whose it is, by the owner's own number. */
  readonly number: number;
  /** Of the newest event that had one. */
  lastId: string | undefined;
  isOpen = false;
  readonly #listener: StreamListener;
  readonly #socket: Socket;
  #error: string | undefined;
  /** Why it was given up. */
  #refusal: string | undefined;
  /** What came and is not a whole head. */
  #head: Buffer | undefined;
  /** Octets of the chunk that are to come; `endless` without chunks. */
  #left = 0;
  /** What came of a chunk's head. */
  #size = "";
  /** What came of an event that is not whole, and where its last line begins. */
  #rest: Buffer | undefined;
  #lineInRest = 0;
  /** An LF that comes next is the second half of a line end. */
  #endedWithCr = false;

  constructor(
    number: number,
    listener: StreamListener,
    { url, headers, ...more }: Omit<SocketOptions, "subprotocol">,
    lastId?: string,
  ) {
    this.number = number;
    this.lastId = lastId;
    this.#listener = listener;
    const isSecure = url.protocol === "https:";
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const { localAddress, ca } = more;
    const at = {
      host,
      port: Number(url.port || (isSecure ? 443 : 80)),
      ...(localAddress === undefined ? {} : { localAddress }),
    };
    this.#socket = isSecure
      ? connectTls({ ...at, servername: host, ...(ca === undefined ? {} : { ca }) })
      : connectTcp(at);
    this.#socket.setNoDelay(true);
    const lines = [
      `GET ${url.pathname}${url.search} HTTP/1.1`,
      `Host: ${url.host}`,
      "Accept: text/event-stream",
      "Cache-Control: no-cache",
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    owners.set(this.#socket, this);
    this.#socket.on("data", onData).on("close", onClosed).on("error", onError);
  }

  /** A stream has no word of farewell. */
  close(): void {
    this.#socket.destroy();
  }

  terminate(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  take(chunk: Buffer): void {
    if (this.isOpen) return this.#unchunk(chunk, 0);
    const octets = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk]);
    const end = octets.indexOf("\r\n\r\n");
    if (end < 0 && octets.length <= headBytesMax) return void (this.#head = octets);
    this.#head = undefined;
    const head = end < 0 ? "" : octets.toString("latin1", 0, end);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
    if (Number.isNaN(status)) return this.#fail("answered by no HTTP");
    if (status !== 200) return this.#fail(`answered ${status}`);
    if (!/^content-type:\s*text\/event-stream\b/im.test(head)) return this.#fail("answered by no event stream");
    this.isOpen = true;
    this.#left = /^transfer-encoding:.*\bchunked\s*$/im.test(head) ? 0 : endless;
    this.#listener.onOpen(this);
    this.#unchunk(octets, end + 4);
  }

  #unchunk(octets: Buffer, from: number): void {
    for (let at = from; at < octets.length;) {
      if (this.#left > 0) {
        const to = Math.min(octets.length, at + this.#left);
        this.#left -= to - at;
        this.#cut(octets, at, to);
        at = to;
        continue;
      }
      // The line end behind the last chunk, the size, what extends it, and a line end.
      const octet = octets[at++]!;
      if (octet !== lf) this.#size += String.fromCharCode(octet);
      else if (this.#size.trim() !== "" && !this.#beginChunk()) return;
      if (this.#size.length > headBytesMax) return this.#fail("a chunk without an end");
    }
  }

  /** False: it was the last one, or none. */
  #beginChunk(): boolean {
    const size = Number.parseInt(this.#size, 16);
    this.#size = "";
    if (size > 0) this.#left = size;
    else if (size === 0) this.#socket.end();
    else this.#fail("a chunk without a size");
    return size > 0;
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
    if (end - begin > messageBytesMax) return this.#fail("an event without an end");
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

  #fail(why: string): void {
    this.#refusal ??= why;
    this.#socket.destroy();
  }

  noteError(error: string): void {
    this.#error = error;
  }

  end(): void {
    const how = this.#refusal ?? (this.isOpen ? "ended" : (this.#error ?? "closed without an answer"));
    this.isOpen = false;
    this.#rest = undefined;
    this.#listener.onClose(this, how);
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

// One function each for all streams: a closure each costs memory and, at tens of thousands, time.
const owners = new WeakMap<Socket, EventStream>();

function onData(this: Socket, chunk: Buffer): void {
  owners.get(this)!.take(chunk);
}

function onClosed(this: Socket): void {
  owners.get(this)!.end();
}

/** A close follows. */
function onError(this: Socket, { code, message }: NodeJS.ErrnoException): void {
  owners.get(this)!.noteError(code ?? message);
}
