// One HTTP/1.1 connection of thousands: a request, and the octets of its answer's body where they lie; then perhaps the
// next. No closure, no timer and no event object for each. Compression is not offered. Source: RFC 9112 6.3 and 7.1.

import type { Socket } from "node:net";
import { connectTo, type ConnectOptions } from "./connect.ts";

const headBytesMax = 16 * 1_024;
const lf = 0x0a;
/** Of a body that ends with the connection. */
const endless = Number.POSITIVE_INFINITY;
const [idle, inHead, inBody, inChunk, atSize, inTrailer] = [0, 1, 2, 3, 4, 5];

/** What comes on any of the connections. Octets are valid during the call alone. */
export interface AnswerListener {
  /** `head`: with the status line, without the empty line. */
  onHead(connection: HttpConnection, status: number, head: string): void;
  /** A part of the body, from `from` to `to` (not included). */
  onBody(octets: Buffer, from: number, to: number): void;
  /** The answer is whole; `isKept`: the connection takes another request. */
  onEnd(connection: HttpConnection, isKept: boolean): void;
  /** Once, whoever ended it; `how`: as "ended", "answered 503" or "ECONNREFUSED". */
  onClose(connection: HttpConnection, how: string): void;
}

export class HttpConnection {
  readonly #listener: AnswerListener;
  readonly #socket: Socket;
  readonly #host: string;
  #state = idle;
  #hasHead = false;
  #isKept = false;
  #error: string | undefined;
  /** Why it was given up. */
  #refusal: string | undefined;
  /** What came and is not a whole head. */
  #head: Buffer | undefined;
  /** Octets of the body, or of its chunk, that are to come. */
  #left = 0;
  /** What came of a line between chunks. */
  #line = "";

  constructor(listener: AnswerListener, options: ConnectOptions) {
    this.#listener = listener;
    this.#host = options.url.host;
    this.#socket = connectTo(options);
    owners.set(this.#socket, this);
    this.#socket.on("data", onData).on("close", onClosed).on("error", onError);
  }

  /** A request without a body, when the answer to the one before it is whole. */
  ask(method: "GET" | "POST", path: string, headers: Readonly<Record<string, string>>): void {
    const lines = [
      `${method} ${path} HTTP/1.1`,
      `Host: ${this.#host}`,
      ...(method === "POST" ? ["Content-Length: 0"] : []),
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    this.#state = inHead;
    this.#hasHead = false;
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  }

  /** Without a word. `why`: what the target did wrong. */
  destroy(why?: string): void {
    this.#refusal ??= why;
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  take(chunk: Buffer): void {
    const octets = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk]);
    this.#head = undefined;
    for (let at = 0; at < octets.length && !this.#socket.destroyed;) {
      if (this.#state === inBody || this.#state === inChunk) at = this.#readBody(octets, at);
      else if (this.#state === inHead) at = this.#readHead(octets, at);
      else if (this.#state === idle) this.destroy("said something that nobody asked for");
      else this.#readLine(octets[at++]!);
    }
  }

  #readHead(octets: Buffer, from: number): number {
    const end = octets.indexOf("\r\n\r\n", from);
    const isWhole = end >= 0;
    if (!isWhole && octets.length - from <= headBytesMax) {
      // A copy: what the stream gave is whole memory pages.
      this.#head = Buffer.from(octets.subarray(from));
      return octets.length;
    }
    const head = isWhole ? octets.toString("latin1", from, end) : "";
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
    if (Number.isNaN(status)) {
      this.destroy("answered by no HTTP");
      return octets.length;
    }
    // Another one follows.
    if (status >= 100 && status < 200) return end + 4;
    this.#hasHead = true;
    this.#isKept = head.startsWith("HTTP/1.1") && !/^connection:.*\bclose\b/im.test(head);
    const length = /^content-length:\s*(\d+)\s*$/im.exec(head)?.[1];
    if (/^transfer-encoding:.*\bchunked\s*$/im.test(head)) this.#state = atSize;
    else {
      this.#state = inBody;
      this.#left = status === 204 || status === 304 ? 0 : length === undefined ? endless : Number(length);
    }
    this.#listener.onHead(this, status, head);
    if (this.#state === inBody && this.#left === 0 && !this.#socket.destroyed) this.#endAnswer();
    return end + 4;
  }

  #readBody(octets: Buffer, from: number): number {
    const to = Math.min(octets.length, from + this.#left);
    this.#left -= to - from;
    this.#listener.onBody(octets, from, to);
    if (this.#left > 0) return to;
    if (this.#state === inChunk) this.#state = atSize;
    else this.#endAnswer();
    return to;
  }

  /** The line end behind a chunk, its size, what extends it, and behind the last one what else is said. */
  #readLine(octet: number): void {
    if (octet !== lf) {
      this.#line += String.fromCharCode(octet);
      if (this.#line.length > headBytesMax) this.destroy("a chunk without an end");
      return;
    }
    const line = this.#line.trim();
    this.#line = "";
    if (this.#state === inTrailer) {
      if (line === "") this.#endAnswer();
      return;
    }
    if (line === "") return;
    const size = Number.parseInt(line, 16);
    if (size > 0) {
      this.#left = size;
      this.#state = inChunk;
    } else if (size === 0) this.#state = inTrailer;
    else this.destroy("a chunk without a size");
  }

  #endAnswer(): void {
    this.#state = idle;
    this.#listener.onEnd(this, this.#isKept);
  }

  noteError(error: string): void {
    this.#error = error;
  }

  end(): void {
    this.#head = undefined;
    const isCut = this.#refusal !== undefined || this.#error !== undefined;
    if (this.#state === inBody && this.#left === endless && !isCut) {
      this.#isKept = false;
      this.#endAnswer();
    }
    this.#listener.onClose(
      this,
      this.#refusal ?? (this.#hasHead ? "ended" : (this.#error ?? "closed without an answer")),
    );
  }
}

// One function each for all connections: a closure each costs memory and, at tens of thousands, time.
const owners = new WeakMap<Socket, HttpConnection>();

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
