// How do STOMP frames become bytes, and bytes frames? The server's own codec; the verifier has another one, each is the other's oracle.
// Terms: a raw frame has undecoded header lines, because escaping depends on the version, which CONNECT settles while later bytes may
// already be here. Limits: 64 KiB a frame, 64 headers, 4 KiB a header line.
// Source: STOMP 1.2, "STOMP Frames", "Value Encoding", "Augmented BNF"; 1.1 lacks \r, 1.0 has no escapes.

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

/** A frame that breaks the grammar or a limit: answered with ERROR, then the connection is closed. The message is safe to show. */
export class FrameError extends Error {
  override name = "FrameError";
}

const LF = 10;
const CR = 13;
const noBytes = Buffer.alloc(0);

/** Takes bytes in any pieces and gives whole frames in order. After the first FrameError it takes nothing more. */
export class FrameParser {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;
  /** Where the search goes on: nothing before it needs to be looked at again. */
  #scan = 0;
  #lineStart = 0;
  #command: string | undefined;
  #headerLines: string[] = [];
  #bodyStart = -1;
  #bodyBytes: number | undefined;

  /** @throws FrameError when the grammar or a limit is broken; frames that were complete before were handed to `onFrame`. */
  push(chunk: Uint8Array, onFrame: (frame: RawFrame) => void): void {
    this.#append(chunk);
    let frame = this.#next();
    while (frame) {
      onFrame(frame);
      frame = this.#next();
    }
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = needed;
  }

  #next(): RawFrame | undefined {
    if (this.#bodyStart < 0 && !this.#readHead()) return undefined;
    const bodyEnd = this.#findBodyEnd();
    if (bodyEnd === undefined) return undefined;
    const body = bodyEnd > this.#bodyStart ? Buffer.from(this.#bytes.subarray(this.#bodyStart, bodyEnd)) : noBytes;
    const frame = { command: this.#command ?? "", headerLines: this.#headerLines, body };
    this.#discard(bodyEnd + 1);
    return frame;
  }

  /** Reads lines up to the empty one. Before the command, empty lines are heart-beats and are dropped. */
  #readHead(): boolean {
    while (this.#scan < this.#length) {
      if (this.#bytes[this.#scan] !== LF) {
        if (this.#scan - this.#lineStart > headerBytesMax) throw new FrameError("Header line too long");
        this.#scan += 1;
        continue;
      }
      const line = this.#readLine(this.#lineStart, this.#scan);
      this.#scan += 1;
      this.#lineStart = this.#scan;
      if (line === "") {
        if (this.#command !== undefined) return this.#beginBody();
        this.#discard(this.#scan);
      } else if (this.#command === undefined) {
        this.#command = line;
      } else {
        this.#headerLines.push(line);
        if (this.#headerLines.length > headerCountMax) throw new FrameError("Too many headers");
      }
    }
    if (this.#length > frameBytesMax) throw new FrameError("Frame too large");
    return false;
  }

  #readLine(start: number, end: number): string {
    const lineEnd = end > start && this.#bytes[end - 1] === CR ? end - 1 : end;
    const line = this.#bytes.subarray(start, lineEnd);
    if (line.includes(CR)) throw new FrameError("Carriage return inside a line");
    if (line.includes(0)) throw new FrameError("NUL inside a line");
    if (!isUtf8(line)) throw new FrameError("Header is not UTF-8");
    return line.toString("utf8");
  }

  #beginBody(): true {
    this.#bodyStart = this.#scan;
    this.#bodyBytes = contentLength(this.#headerLines);
    if (this.#bodyStart + (this.#bodyBytes ?? 0) > frameBytesMax) throw new FrameError("Frame too large");
    return true;
  }

  #findBodyEnd(): number | undefined {
    if (this.#bodyBytes !== undefined) {
      const end = this.#bodyStart + this.#bodyBytes;
      if (end >= this.#length) return undefined;
      if (this.#bytes[end] !== 0) throw new FrameError("No NUL after the body that content-length announces");
      return end;
    }
    const end = this.#bytes.subarray(0, this.#length).indexOf(0, this.#scan);
    if ((end < 0 ? this.#length : end) > frameBytesMax) throw new FrameError("Frame too large");
    if (end < 0) this.#scan = this.#length;
    return end < 0 ? undefined : end;
  }

  #discard(until: number): void {
    this.#bytes.copyWithin(0, until, this.#length);
    this.#length -= until;
    this.#scan = 0;
    this.#lineStart = 0;
    this.#command = undefined;
    this.#headerLines = [];
    this.#bodyStart = -1;
    this.#bodyBytes = undefined;
  }
}

/** The first content-length counts. Only plain digits are accepted: a lenient reading would let two readers see two frames. */
function contentLength(headerLines: readonly string[]): number | undefined {
  const line = headerLines.find((header) => header.startsWith("content-length:"));
  if (line === undefined) return undefined;
  const value = line.slice("content-length:".length);
  if (!/^\d{1,9}$/.test(value)) throw new FrameError("Malformed content-length");
  return Number(value);
}

/** Header names and values as the version says; of repeated headers the first counts. CONNECT and STOMP are never escaped. */
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

/** A header name or value as it stands on the wire. A line break cannot be said in 1.0 (nor CR in 1.1): it becomes a space. */
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
