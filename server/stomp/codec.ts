// How do STOMP frames become bytes, and bytes frames? The server's own codec; the verifier has another one, each is the
// other's oracle. Terms: a raw frame has undecoded header lines, because escaping depends on the version, which CONNECT
// settles while later bytes may already be here. Limits: 64 KiB a frame, 64 headers, 4 KiB a header line. Source: STOMP
// 1.2, "STOMP Frames", "Value Encoding", "Augmented BNF"; 1.1 lacks \r, 1.0 has no escapes.

import { isUtf8 } from "node:buffer";

export type StompVersion = "1.0" | "1.1" | "1.2";
export const stompVersions: readonly StompVersion[] = ["1.0", "1.1", "1.2"];

const frameBytesMax = 64 * 1024;
const headerCountMax = 64;
const headerBytesMax = 4 * 1024;

export interface RawFrame {
  command: string;
  headerLines: readonly string[];
  body: Buffer;
}

/**
 * A frame that breaks the grammar or a limit: answered with ERROR, then the connection is closed. The message is safe
 * to show.
 * `headerLines` are the headers that were read before the fault, so that the answer can name the frame's receipt.
 */
export class FrameError extends Error {
  override name = "FrameError";
  readonly headerLines: readonly string[];

  constructor(message: string, headerLines: readonly string[] = []) {
    super(message);
    this.headerLines = headerLines;
  }
}

const LF = 10;
const CR = 13;
const noBytes = Buffer.alloc(0);

/**
 * Takes bytes in any pieces; whole frames are taken out one by one, in order, when their turn has come. Every byte is
 * looked at a bounded number of times and moved a bounded number of times, however the pieces fall. After the first
 * FrameError it gives nothing more.
 */
export class FrameParser {
  /** What came and was not taken out stands between `#start` and `#end`. */
  #bytes: Buffer = noBytes;
  #start = 0;
  #end = 0;
  /** Where the search goes on: nothing before it needs to be looked at again. */
  #scan = 0;
  #lineStart = 0;
  #command: string | undefined;
  #headerLines: string[] = [];
  #bodyStart = -1;
  #bodyBytes: number | undefined;

  /** Bytes that are kept: frames whose turn has not come, and the beginning of one. */
  get keptBytes(): number {
    return this.#end - this.#start;
  }

  /** Headers that were read of a frame that has not come whole. */
  get begunHeaderLines(): readonly string[] {
    return this.#headerLines;
  }

  /** The chunk is read, not copied, until `next` returns undefined; it must not change before. */
  push(chunk: Uint8Array): void {
    if (this.#start === this.#end) return this.#begin(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    const keptBytes = this.keptBytes;
    if (this.#end + chunk.length > this.#bytes.length)
      this.#moveTo(Buffer.allocUnsafe(Math.max(keptBytes + chunk.length, keptBytes * 2)));
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The next whole frame, or undefined until more bytes come.
   * @throws FrameError when the grammar or a limit is broken.
   */
  next(): RawFrame | undefined {
    const bodyEnd = this.#bodyStart >= 0 || this.#readHead() ? this.#findBodyEnd() : undefined;
    if (bodyEnd === undefined) {
      this.#keepOwnCopy();
      return undefined;
    }
    const body = bodyEnd > this.#bodyStart ? Buffer.from(this.#bytes.subarray(this.#bodyStart, bodyEnd)) : noBytes;
    const frame = { command: this.#command ?? "", headerLines: this.#headerLines, body };
    this.#startAt(bodyEnd + 1);
    return frame;
  }

  /** Forgets what is kept. */
  clear(): void {
    this.#begin(noBytes);
  }

  #begin(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#startAt(0);
  }

  /** The next frame begins here. */
  #startAt(position: number): void {
    this.#start = position;
    this.#scan = position;
    this.#lineStart = position;
    this.#command = undefined;
    this.#headerLines = [];
    this.#bodyStart = -1;
    this.#bodyBytes = undefined;
  }

  /**
   * Chunks belong to their sender and may be a small part of a large block of memory: what is kept for longer is a
   * copy.
   */
  #keepOwnCopy(): void {
    if (this.#start === this.#end) this.clear();
    else if (this.#start > 0 || this.#end === this.#bytes.length)
      this.#moveTo(Buffer.allocUnsafeSlow(this.keptBytes * 2));
  }

  #moveTo(larger: Buffer): void {
    this.#bytes.copy(larger, 0, this.#start, this.#end);
    this.#bytes = larger;
    this.#end -= this.#start;
    this.#scan -= this.#start;
    this.#lineStart -= this.#start;
    if (this.#bodyStart >= 0) this.#bodyStart -= this.#start;
    this.#start = 0;
  }

  #error(message: string): FrameError {
    return new FrameError(message, this.#headerLines);
  }

  /** Reads lines up to the empty one. Before the command, empty lines are heart-beats and are dropped. */
  #readHead(): boolean {
    while (this.#scan < this.#end) {
      if (this.#bytes[this.#scan] !== LF) {
        if (this.#scan - this.#lineStart > headerBytesMax) throw this.#error("Header line too long");
        this.#scan += 1;
        continue;
      }
      const line = this.#readLine(this.#lineStart, this.#scan);
      this.#scan += 1;
      this.#lineStart = this.#scan;
      if (line === "") {
        if (this.#command !== undefined) return this.#beginBody();
        this.#startAt(this.#scan);
      } else if (this.#command === undefined) {
        this.#command = line;
      } else {
        this.#headerLines.push(line);
        if (this.#headerLines.length > headerCountMax) throw this.#error("Too many headers");
      }
    }
    if (this.keptBytes > frameBytesMax) throw this.#error("Frame too large");
    return false;
  }

  #readLine(start: number, end: number): string {
    if (start === end) return "";
    const line = this.#bytes.subarray(start, this.#bytes[end - 1] === CR ? end - 1 : end);
    if (line.includes(CR)) throw this.#error("Carriage return inside a line");
    if (line.includes(0)) throw this.#error("NUL inside a line");
    if (!isUtf8(line)) throw this.#error("Header is not UTF-8");
    return line.toString("utf8");
  }

  #beginBody(): true {
    this.#bodyStart = this.#scan;
    this.#bodyBytes = contentLength(this.#headerLines);
    if (this.#bodyStart - this.#start + (this.#bodyBytes ?? 0) > frameBytesMax) throw this.#error("Frame too large");
    return true;
  }

  #findBodyEnd(): number | undefined {
    if (this.#bodyBytes !== undefined) {
      const end = this.#bodyStart + this.#bodyBytes;
      if (end >= this.#end) return undefined;
      if (this.#bytes[end] !== 0) throw this.#error("No NUL after the body that content-length announces");
      return end;
    }
    const limit = this.#start + frameBytesMax + 1;
    const found = this.#bytes.subarray(0, Math.min(this.#end, limit)).indexOf(0, this.#scan);
    if (found >= 0) return found;
    if (this.#end >= limit) throw this.#error("Frame too large");
    this.#scan = this.#end;
    return undefined;
  }
}

/**
 * The first content-length counts. Only plain digits are accepted: a lenient reading would let two readers see two
 * frames.
 */
function contentLength(headerLines: readonly string[]): number | undefined {
  const line = headerLines.find((header) => header.startsWith("content-length:"));
  if (line === undefined) return undefined;
  const value = line.slice("content-length:".length);
  if (!/^\d{1,9}$/.test(value)) throw new FrameError("Malformed content-length", headerLines);
  return Number(value);
}

/**
 * Header names and values as the version says; of repeated headers the first counts. CONNECT and STOMP are never
 * escaped.
 */
export function decodeHeaders(frame: RawFrame, version: StompVersion): Map<string, string> {
  const headers = new Map<string, string>();
  const plain = version === "1.0" || frame.command === "CONNECT" || frame.command === "STOMP";
  for (const line of frame.headerLines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new FrameError("Malformed header line");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1);
    const decodedName = plain ? name : unescape(name, version);
    if (!headers.has(decodedName)) headers.set(decodedName, plain ? value : unescape(value, version));
    else if (!plain) unescape(value, version);
  }
  return headers;
}

function unescape(text: string, version: StompVersion): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\([\s\S]?)/g, (_, escaped: string) => {
    if (escaped === "n") return "\n";
    if (escaped === "c") return ":";
    if (escaped === "\\") return "\\";
    if (escaped === "r" && version === "1.2") return "\r";
    throw new FrameError("Undefined escape in a header");
  });
}

const escapes: Record<string, string> = { "\\": "\\\\", "\n": "\\n", ":": "\\c", "\r": "\\r" };

/**
 * A header name or value as it stands on the wire. A line break cannot be said in 1.0 (nor CR in 1.1): it becomes a
 * space.
 */
export function escapeHeader(text: string, version: StompVersion): string {
  if (version === "1.0") return text.replaceAll(/[\r\n]/g, " ");
  const sayable = version === "1.1" ? text.replaceAll("\r", " ") : text;
  return sayable.replaceAll(/[\\\n:\r]/g, (character) => escapes[character] ?? character);
}

/** Builds a frame from header values that are already in wire form. */
export function encodeFrame(command: string, wireHeaders: Record<string, string>, body: Uint8Array = noBytes): Buffer {
  let head = command + "\n";
  for (const name in wireHeaders) head += `${name}:${wireHeaders[name]}\n`;
  head += "\n";
  const headBytes = Buffer.byteLength(head);
  const frame = Buffer.allocUnsafe(headBytes + body.length + 1);
  frame.write(head, 0);
  frame.set(body, headBytes);
  frame[headBytes + body.length] = 0;
  return frame;
}
