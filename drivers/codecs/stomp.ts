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
 * The index after `octets` UTF-8 octets from `start`, or -1 when the text is too short or the count cuts a character.
 */
function indexAfter(text: string, start: number, octets: number): number {
  let left = octets;
  let at = start;
  while (left > 0) {
    if (at >= text.length) return -1;
    const unit = text.charCodeAt(at);
    if (unit < 0x80) left -= 1;
    else if (unit < 0x800) left -= 2;
    else if (unit >= 0xd800 && unit <= 0xdbff && at + 1 < text.length) {
      left -= 4;
      at++;
    } else left -= 3;
    at++;
  }
  return left === 0 ? at : -2;
}

/** What `push` yields: a frame, or a heart-beat (one EOL between frames). */
export type StompItem = StompFrame | "heart-beat";

/**
 * Reads frames from text that arrives in pieces of any size. `push` returns what became complete, in order; the rest is
 * kept. Throws StompSyntaxError on the first octet that no frame can have there; the parser is useless afterwards.
 */
export class StompParser {
  #rest = "";
  version: StompVersion;

  constructor(version: StompVersion = "1.2") {
    this.version = version;
  }

  /** Characters of an incomplete frame; 0 between frames. */
  get pendingLength(): number {
    return this.#rest.length;
  }

  push(text: string): StompItem[] {
    let rest = this.#rest + text;
    const items: StompItem[] = [];
    for (;;) {
      if (rest === "") break;
      if (rest[0] === "\n") {
        items.push("heart-beat");
        rest = rest.slice(1);
        continue;
      }
      if (rest[0] === "\r") {
        if (rest.length === 1) break;
        if (rest[1] !== "\n") throw new StompSyntaxError("Cannot read a frame: CR without LF between frames");
        items.push("heart-beat");
        rest = rest.slice(2);
        continue;
      }
      const taken = this.#readFrame(rest);
      if (taken === undefined) break;
      items.push(taken.frame);
      if (taken.frame.command === "CONNECTED") this.version = versionOf(headerOf(taken.frame, "version"));
      rest = rest.slice(taken.length);
    }
    this.#rest = rest;
    return items;
  }

  #readFrame(text: string): { frame: StompFrame; length: number } | undefined {
    const head = /\r?\n\r?\n/.exec(text);
    if (head === null) {
      const nul = text.indexOf("\0");
      if (nul >= 0)
        throw new StompSyntaxError(
          `Cannot read a frame: NUL before the empty line in ${JSON.stringify(text.slice(0, 80))}`,
        );
      return undefined;
    }
    const lines = text.slice(0, head.index).split(/\r?\n/);
    const command = lines[0]!;
    if (!/^[A-Z]+$/.test(command))
      throw new StompSyntaxError(`Cannot read a frame: command ${JSON.stringify(command.slice(0, 40))}`);
    const headers = lines.slice(1).map((line) => this.#readHeader(command, line));
    const start = head.index + head[0].length;
    const end = this.#bodyEnd(text, start, headers);
    if (end === undefined) return undefined;
    const frame = { command, headers, body: text.slice(start, end) };
    if (frame.body !== "" && command !== "SEND" && command !== "MESSAGE" && command !== "ERROR") {
      throw new StompSyntaxError(`Cannot read a frame: ${command} with a body`);
    }
    return { frame, length: end + 1 };
  }

  #readHeader(command: string, line: string): readonly [string, string] {
    const colon = line.indexOf(":");
    if (colon <= 0 || line.includes("\r"))
      throw new StompSyntaxError(`Cannot read a header: ${JSON.stringify(line.slice(0, 80))}`);
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1);
    if (literal(command) || this.version === "1.0") return [name, value];
    return [unescapeText(name, this.version), unescapeText(value, this.version)];
  }

  /** The index of the closing NUL, or undefined while it has not come. */
  #bodyEnd(text: string, start: number, headers: readonly (readonly [string, string])[]): number | undefined {
    const length = headers.find(([name]) => name === "content-length")?.[1];
    if (length === undefined) {
      const nul = text.indexOf("\0", start);
      return nul < 0 ? undefined : nul;
    }
    if (!/^\d{1,9}$/.test(length))
      throw new StompSyntaxError(`Cannot read a frame: content-length ${JSON.stringify(length)}`);
    const end = indexAfter(text, start, Number(length));
    if (end === -1 || end === text.length) return undefined;
    if (end === -2 || text[end] !== "\0")
      throw new StompSyntaxError(`Cannot read a frame: no NUL after ${length} octets of body`);
    return end;
  }
}

const versionOf = (text: string | undefined): StompVersion => (text === "1.1" || text === "1.2" ? text : "1.0");
