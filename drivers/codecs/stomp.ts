// STOMP 1.0–1.2 frames as text, for the verifier and the k6 scripts. Strict: what the grammar forbids is a
// StompSyntaxError. Terms: frame – command, headers, body, NUL; EOL between frames – heart-beat. content-length counts
// octets, not characters. Pure: no Node, no npm, runs in k6. Source: stomp.github.io/stomp-specification-1.2.html,
// "STOMP Frames" and "Value Encoding".

export interface StompFrame {
  command: string;
  /** In wire order; the first of a repeated name counts. Names and values unescaped. */
  headers: readonly (readonly [string, string])[];
  body: string;
}

export type StompVersion = "1.0" | "1.1" | "1.2";

export class StompSyntaxError extends Error {
  override readonly name = "StompSyntaxError";
}

/** For a reason: what was sent, and a sign where there is more of it. */
const beginningOf = (text: string, charsMax: number): string =>
  JSON.stringify(text.length > charsMax ? `${text.slice(0, charsMax)}…` : text);

/** The first value of a header, or undefined. */
export function headerOf(frame: StompFrame, name: string): string | undefined {
  for (const [key, value] of frame.headers) if (key === name) return value;
  return undefined;
}

/** Frames in which header text is taken literally. */
const literal = (command: string): boolean => command === "CONNECT" || command === "CONNECTED" || command === "STOMP";

/** Writes one frame, NUL included. A body gets content-length unless the headers have one. */
export function encodeFrame(
  command: string,
  headers: Readonly<Record<string, string>> = {},
  body = "",
  version: StompVersion = "1.2",
): string {
  let text = `${command}\n`;
  const plain = literal(command) || version === "1.0";
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? "";
    text += plain ? `${name}:${value}\n` : `${escapeText(name, version)}:${escapeText(value, version)}\n`;
  }
  if (body !== "" && headers["content-length"] === undefined) text += `content-length:${octetCount(body)}\n`;
  return `${text}\n${body}\0`;
}

function escapeText(text: string, version: StompVersion): string {
  const escaped = text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/:/g, "\\c");
  return version === "1.2" ? escaped.replace(/\r/g, "\\r") : escaped;
}

function unescapeText(text: string, version: StompVersion): string {
  if (!text.includes("\\")) return text;
  let out = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character !== "\\") {
      out += character;
      continue;
    }
    const next = text[++at];
    if (next === "n") out += "\n";
    else if (next === "c") out += ":";
    else if (next === "\\") out += "\\";
    else if (next === "r" && version === "1.2") out += "\r";
    else
      throw new StompSyntaxError(
        `Cannot read a header: undefined escape ${JSON.stringify(`\\${next ?? ""}`)} in ${JSON.stringify(text)}`,
      );
  }
  return out;
}

/** UTF-8 octets of a text. A lone surrogate counts 3, as its replacement character does. */
export function octetCount(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    if (unit < 0x800) count += 1;
    else if (
      unit >= 0xd800 &&
      unit <= 0xdbff &&
      at + 1 < text.length &&
      (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
    ) {
      count += 2;
      at++;
    } else count += 2;
  }
  return count;
}

/**
 * Goes over at most `octets` UTF-8 octets from `start`, and stops before `end`. Returns where it stopped and how many
 * octets are left: 0 at the end of the body, more at the end of the text, fewer when the count cuts a character.
 */
function goOver(text: string, start: number, end: number, octets: number): { at: number; left: number } {
  let left = octets;
  let at = start;
  while (left > 0 && at < end) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) left -= 1;
    else if (unit < 0x800) left -= 2;
    else if (isHighSurrogate(unit) && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      left -= 4;
      at++;
    } else left -= 3;
    at++;
  }
  return { at, left };
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** What `push` yields: a frame, or a heart-beat (one EOL between frames). */
export type StompItem = StompFrame | "heart-beat";

/** A frame whose head has come, or a part of it. */
interface Begun {
  command: string;
  headers: (readonly [string, string])[];
  /** Octets of the body that have not come; undefined: it ends at the first NUL. Set with the empty line. */
  octetsLeft: number | undefined;
  hasHead: boolean;
}

/**
 * Reads frames from text that arrives in pieces of any size. `push` returns what became complete, in order; the rest is
 * kept in pieces, each searched once and joined once. Throws StompSyntaxError at the first line that no frame can have
 * there; the parser is useless afterwards.
 */
export class StompParser {
  version: StompVersion;
  #frame: Begun | undefined;
  /** What came of the line or the body that is under way. */
  #pieces: string[] = [];
  /** The first half of a character whose second half has not come. */
  #half = "";
  #pendingLength = 0;

  constructor(version: StompVersion = "1.2") {
    this.version = version;
  }

  /** Characters of an incomplete frame; 0 between frames. */
  get pendingLength(): number {
    return this.#pendingLength;
  }

  push(text: string): StompItem[] {
    const items: StompItem[] = [];
    let piece = text;
    if (this.#half !== "" && text !== "") {
      piece = this.#half + text;
      this.#pendingLength -= 1;
      this.#half = "";
    }
    for (let at = 0; at < piece.length;) {
      const from = at;
      if (this.#frame?.hasHead === true) at = this.#readBody(piece, from, this.#frame, items);
      else at = this.#readLine(piece, from, items);
      this.#pendingLength =
        this.#frame === undefined && this.#pieces.length === 0 ? 0 : this.#pendingLength + at - from;
    }
    return items;
  }

  /** A heart-beat, the command, a header or the empty line. Returns where it stopped. */
  #readLine(text: string, from: number, items: StompItem[]): number {
    const end = text.indexOf("\n", from);
    const piece = text.slice(from, end < 0 ? undefined : end);
    const nul = piece.indexOf("\0");
    if (nul >= 0) {
      const before = beginningOf([...this.#pieces, piece.slice(0, nul + 1)].join(""), 80);
      throw new StompSyntaxError(`Cannot read a frame: NUL before the empty line in ${before}`);
    }
    this.#checkStart(piece);
    if (end < 0) {
      this.#pieces.push(piece);
      return text.length;
    }
    const whole = this.#pieces.length === 0 ? piece : [...this.#pieces, piece].join("");
    this.#pieces = [];
    const line = whole.endsWith("\r") ? whole.slice(0, -1) : whole;
    if (this.#frame !== undefined) this.#readHeader(this.#frame, line);
    else if (line === "") items.push("heart-beat");
    else if (/^[A-Z]+$/.test(line)) this.#frame = { command: line, headers: [], octetsLeft: undefined, hasHead: false };
    else throw new StompSyntaxError(`Cannot read a frame: command ${beginningOf(line, 40)}`);
    return end + 1;
  }

  /** Between frames there are line ends only. */
  #checkStart(piece: string): void {
    if (this.#frame !== undefined) return;
    const [first] = this.#pieces;
    const hasStrayCr = first === undefined ? piece.length > 1 && piece[0] === "\r" : first === "\r" && piece !== "";
    if (hasStrayCr) throw new StompSyntaxError("Cannot read a frame: CR without LF between frames");
  }

  #readHeader(frame: Begun, line: string): void {
    if (line === "") {
      const length = frame.headers.find(([name]) => name === "content-length")?.[1];
      if (length !== undefined && !/^\d{1,9}$/.test(length))
        throw new StompSyntaxError(`Cannot read a frame: content-length ${JSON.stringify(length)}`);
      frame.octetsLeft = length === undefined ? undefined : Number(length);
      frame.hasHead = true;
      return;
    }
    const colon = line.indexOf(":");
    if (colon <= 0 || line.includes("\r")) throw new StompSyntaxError(`Cannot read a header: ${beginningOf(line, 80)}`);
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1);
    frame.headers.push(
      literal(frame.command) || this.version === "1.0"
        ? [name, value]
        : [unescapeText(name, this.version), unescapeText(value, this.version)],
    );
  }

  /** Returns where it stopped: after the NUL that ends the frame, or at the end of the text. */
  #readBody(text: string, from: number, frame: Begun, items: StompItem[]): number {
    const end = frame.octetsLeft === undefined ? text.indexOf("\0", from) : this.#countBody(text, from, frame);
    if (end < 0) {
      if (frame.octetsLeft === undefined) this.#pieces.push(text.slice(from));
      return text.length;
    }
    const piece = text.slice(from, end);
    const body = this.#pieces.length === 0 ? piece : [...this.#pieces, piece].join("");
    if (body !== "" && frame.command !== "SEND" && frame.command !== "MESSAGE" && frame.command !== "ERROR")
      throw new StompSyntaxError(`Cannot read a frame: ${frame.command} with a body`);
    const { command, headers } = frame;
    items.push({ command, headers, body });
    if (command === "CONNECTED") this.version = versionOf(headers.find(([name]) => name === "version")?.[1]);
    this.#pieces = [];
    this.#frame = undefined;
    return end + 1;
  }

  /** The index of the closing NUL, or -1 while it has not come. */
  #countBody(text: string, from: number, frame: Begun): number {
    const hasHalf = isHighSurrogate(text.charCodeAt(text.length - 1));
    const { at, left } = goOver(text, from, hasHalf ? text.length - 1 : text.length, frame.octetsLeft ?? 0);
    if (left < 0 || (left === 0 && at < text.length && text[at] !== "\0")) {
      const length = frame.headers.find(([name]) => name === "content-length")?.[1];
      throw new StompSyntaxError(`Cannot read a frame: no NUL after ${length ?? 0} octets of body`);
    }
    if (left === 0 && at < text.length) return at;
    frame.octetsLeft = left;
    this.#pieces.push(text.slice(from, at));
    if (left > 0 && hasHalf) this.#half = text.slice(at);
    return -1;
  }
}

const versionOf = (text: string | undefined): StompVersion => (text === "1.1" || text === "1.2" ? text : "1.0");
