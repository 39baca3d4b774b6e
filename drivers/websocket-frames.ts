// WebSocket as octets: a client that sends any frame it is told to, right or wrong, and keeps each frame that comes. It
// knows no messages beyond putting their texts together, and judges nothing. Bounded: a head, a frame and all that came
// have limits. Terms: ended – a close frame came, or the connection is gone. Source: RFC 6455 4.1, 5.2.

import { randomBytes } from "node:crypto";
import { connect, isIP, type Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as wait } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { within } from "./deadline.ts";
import { TargetError, TimeoutError } from "./errors.ts";
import { Inbox } from "./inbox.ts";
import { messageBytesMax, sizeText } from "./limits.ts";
import type { Network } from "./network.ts";
import type { CloseInfo, TextTransport } from "./transport.ts";
import type { Transcript } from "./transcript.ts";
import { quoted } from "./quoted.ts";

/** The head of an answer, as Node's own limit. */
const headBytesMax = 16 * 1_024;
const closedWithoutFrame = 1_006;
/** Told to come again later, without a word about when. */
const unknownWaitMs = 2_000;

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
type OpcodeName = keyof typeof opcodes;

export interface Frame {
  opcode: number;
  isFinal: boolean;
  payload: Buffer;
}

/** What a frame is like; a whole masked one, unless said otherwise. */
export interface FrameShape {
  /** By its name, or by a number that has none. */
  opcode: OpcodeName | number;
  payload?: string | Uint8Array;
  isFinal?: boolean;
  /** The three reserved bits, as a number. */
  reserved?: number;
  isMasked?: boolean;
}

const codeOf = (opcode: OpcodeName | number): number => (typeof opcode === "number" ? opcode : opcodes[opcode]);

/** The octets of one frame. */
export function encodeFrame({
  opcode,
  payload = "",
  isFinal = true,
  reserved = 0,
  isMasked = true,
}: FrameShape): Buffer {
  const bytes = Buffer.from(payload as Uint8Array);
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | codeOf(opcode);
  const mask = isMasked ? 0x80 : 0;
  const key = isMasked ? randomBytes(4) : Buffer.alloc(0);
  const body = isMasked ? bytes.map((octet, at) => octet ^ key[at % 4]!) : bytes;
  return Buffer.concat([Buffer.from([first, ...lengthOf(bytes.length, mask)]), key, body]);
}

/** A length as it is written, its first octet with the mask bit. */
function lengthOf(length: number, mask: number): number[] {
  if (length < 126) return [mask | length];
  if (length < 65_536) return [mask | 126, length >> 8, length & 0xff];
  return [mask | 127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
}

/** What a close frame holds. */
export function closePayload(code: number, reason = ""): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason)]);
}

/** The code in a close frame; undefined: it has none. */
export const codeIn = ({ payload }: Frame): number | undefined =>
  payload.length < 2 ? undefined : payload.readUInt16BE();

/** Cuts what a server sends into frames. Throws RangeError for a frame that is too large. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Uint8Array): Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    const rest = this.#rest;
    if (rest.length < 2) return undefined;
    const short = rest[1]! & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    // A server's frames are not masked; one that is has four octets more.
    const maskBytes = rest[1]! & 0x80 ? 4 : 0;
    const headBytes = 2 + lengthBytes + maskBytes;
    if (rest.length < headBytes) return undefined;
    const length =
      lengthBytes === 0 ? short : lengthBytes === 2 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (length > messageBytesMax) throw new RangeError(`a frame larger than ${sizeText(messageBytesMax)}`);
    if (rest.length < headBytes + length) return undefined;
    this.#rest = rest.subarray(headBytes + length);
    const payload = Buffer.from(rest.subarray(headBytes, headBytes + length));
    return { opcode: rest[0]! & 0x0f, isFinal: (rest[0]! & 0x80) !== 0, payload };
  }
}

export interface HandshakeOptions {
  network: Network;
  openTimeoutMs: number;
  method?: string;
  /** Beside those of a handshake, or instead of them; undefined: without it. */
  headers?: Readonly<Record<string, string | undefined>>;
}

/** The answer to a handshake. */
export interface Handshake {
  /** Undefined: the server hung up without an answer. */
  status: number | undefined;
  /** By names in small letters. */
  headers: ReadonlyMap<string, string>;
}

/** Asks for an upgrade and hangs up. Throws TargetError "unreachable" or "malformed", TimeoutError. */
export async function askToUpgrade(url: string, options: HandshakeOptions): Promise<Handshake> {
  const { socket, status, headers } = await shakeHands(url, options);
  socket.destroy();
  return { status, headers };
}

type Shaken = Handshake & { socket: Socket; rest: Buffer };

/** Told to come again later, it does so as it is told, once. The socket is paused; `rest` came behind the head. */
async function shakeHands(url: string, options: HandshakeOptions): Promise<Shaken> {
  const answer = await shakeHandsOnce(url, options);
  if (!asksToWait(answer.status)) return answer;
  answer.socket.destroy();
  const told = { status: answer.status, retryAfter: answer.headers.get("retry-after") ?? null };
  const waitedMs = await options.network.rateLimit?.waits(`GET ${new URL(url).pathname}`, told, 0);
  if (waitedMs === undefined) await wait(unknownWaitMs);
  return await shakeHandsOnce(url, options);
}

/** The target limits us, or is not ready: such an answer says nothing about the handshake. */
export const asksToWait = (status: number | undefined): status is number => status === 429 || status === 503;

async function shakeHandsOnce(
  url: string,
  { network, openTimeoutMs, method = "GET", headers = {} }: HandshakeOptions,
): Promise<Shaken> {
  const { protocol, hostname, port, host, pathname, search } = new URL(url);
  const isTls = protocol === "wss:";
  const at = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port === "" ? (isTls ? 443 : 80) : port) };
  // An address is no name of a server.
  const named = isIP(at.host) === 0 ? { servername: at.host } : {};
  const socket = isTls
    ? connectTls({ ...at, ...(network.ca === undefined ? {} : { ca: network.ca }), ...named })
    : connect(at);
  socket.setNoDelay(true);
  const own = { Host: host, Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Version": "13" };
  const key = { "Sec-WebSocket-Key": randomBytes(16).toString("base64") };
  const lines = Object.entries({ ...own, ...key, ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  );
  socket.write(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`);
  const { head, rest } = await within(openTimeoutMs, headFrom(socket, url), () => {
    socket.destroy();
    throw new TimeoutError(`Cannot open ${url}: no whole answer within ${openTimeoutMs} ms`);
  });
  try {
    return { socket, rest, ...readHead(head, url) };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Resolves with the octets up to the empty line; with none where the server hung up before. */
async function headFrom(socket: Socket, url: string): Promise<{ head: string; rest: Buffer }> {
  let seen: Buffer = Buffer.alloc(0);
  return await new Promise((resolve, reject) => {
    let isOpen = false;
    socket.once(url.startsWith("wss:") ? "secureConnect" : "connect", () => (isOpen = true));
    socket.on("error", (error) => {
      // Reset once it had our request: it hung up.
      if (isOpen) resolve({ head: "", rest: seen });
      else reject(new TargetError("unreachable", `Cannot open ${url}: ${error.message}`, { cause: error }));
    });
    socket.once("end", () => resolve({ head: "", rest: seen }));
    const read = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf("\r\n\r\n");
      if (end < 0 && seen.length <= headBytesMax) return;
      socket.off("data", read);
      socket.pause();
      if (end >= 0) return resolve({ head: seen.toString("latin1", 0, end), rest: seen.subarray(end + 4) });
      socket.destroy();
      reject(new TargetError("malformed", `Cannot open ${url}: a head larger than ${sizeText(headBytesMax)}`));
    };
    socket.on("data", read);
  });
}

function readHead(head: string, url: string): Handshake {
  const [first = "", ...lines] = head.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(first)?.[1];
  if (status === undefined && head !== "")
    throw new TargetError("malformed", `Cannot open ${url}: answered ${quoted(first, 80)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  return { status: status === undefined ? undefined : Number(status), headers };
}

export interface FrameSocketOptions extends HandshakeOptions {
  transcript: Transcript;
  label: string;
}

/** An open WebSocket. It answers pings; a close frame it leaves to its user. */
export class FrameSocket implements AsyncDisposable {
  readonly inbox = new Inbox<Frame>();
  /** When a close frame came, or the connection is gone. */
  readonly ended: Promise<CloseInfo>;
  /** When the connection is gone. */
  readonly gone: Promise<void>;
  /** Its name in the transcript. */
  readonly name: string;
  readonly #socket: Socket;
  readonly #transcript: Transcript;
  readonly #reader = new FrameReader();
  /** A binary message may end inside a character: the next one goes on with it. */
  readonly #decoder = new StringDecoder("utf8");
  #onText: ((text: string) => void) | undefined;
  #pieces: Buffer[] = [];
  #isBinary = false;

  /** Throws TargetError "refused" with the status, "unreachable" or "malformed", TimeoutError. */
  static async open(url: string, options: FrameSocketOptions): Promise<FrameSocket> {
    const { socket, status, rest } = await shakeHands(url, options);
    if (status === 101) return new FrameSocket(socket, rest, options.transcript, options.label);
    socket.destroy();
    const answer = status === undefined ? "the server hung up" : `answered ${status} instead of 101`;
    throw new TargetError("refused", `Cannot open ${url}: ${answer}`, status === undefined ? {} : { status });
  }

  constructor(socket: Socket, rest: Buffer, transcript: Transcript, label: string) {
    this.#socket = socket;
    this.#transcript = transcript;
    this.name = transcript.nameConnection(`websocket ${label}`);
    this.inbox.connection = this.name;
    transcript.note(this.name, "opened", "websocket");
    socket.on("error", () => {}); // "close" follows
    const { promise, resolve } = Promise.withResolvers<CloseInfo>();
    this.ended = promise;
    this.gone = new Promise((done) => socket.once("close", () => done()));
    void this.gone.then(() => {
      transcript.note(this.name, "closed", "");
      this.inbox.end("the connection was closed");
      resolve({ code: closedWithoutFrame, reason: "" });
    });
    const read = (chunk: Buffer): void => {
      for (const frame of this.#cut(chunk)) {
        transcript.note(this.name, "received", describe(frame.opcode, frame.payload));
        if (!this.inbox.push(frame, frame.payload.length)) return void socket.destroy();
        if (frame.opcode === opcodes.close)
          resolve({ code: codeIn(frame) ?? 1_005, reason: frame.payload.toString("utf8", 2) });
        if (frame.opcode === opcodes.ping) this.send({ opcode: "pong", payload: frame.payload });
        if (frame.opcode <= opcodes.binary) this.#readData(frame);
      }
    };
    read(rest);
    socket.on("data", read);
    socket.resume();
  }

  #cut(chunk: Buffer): Frame[] {
    try {
      return this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.inbox.end(`the target sent ${error.message}`, { code: "malformed" });
      this.#socket.destroy();
      return [];
    }
  }

  #readData({ opcode, payload, isFinal }: Frame): void {
    if (opcode !== opcodes.continuation) this.#isBinary = opcode === opcodes.binary;
    this.#pieces.push(payload);
    if (!isFinal) return;
    const message = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#onText?.(this.#isBinary ? this.#decoder.write(message) : message.toString("utf8"));
  }

  /** Sends one frame, or several in one piece. */
  send(...shapes: readonly FrameShape[]): void {
    const frames = shapes.map(encodeFrame);
    for (const [at, { opcode, payload = "" }] of shapes.entries())
      this.#transcript.note(
        this.name,
        "sent",
        describe(codeOf(opcode), Buffer.from(payload as Uint8Array), frames[at]),
      );
    if (this.#socket.writable) this.#socket.write(Buffer.concat(frames));
  }

  /** As what STOMP is spoken over: each message is one frame. It hands over what comes from now on. */
  asTransport(): TextTransport {
    return {
      kind: "websocket",
      send: (text) => this.send({ opcode: "text", payload: text }),
      onText: (listener) => (this.#onText = listener),
      closed: this.ended,
      close: () => void this.#socket.destroy(),
      terminate: () => void this.#socket.destroy(),
      pause: () => void this.#socket.pause(),
      resume: () => void this.#socket.resume(),
    };
  }

  /** Never throws. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.gone;
  }
}

/** `text "…"`, or the octets where they are no text of anybody. */
function describe(opcode: number, payload: Buffer, octets?: Buffer): string {
  const name = Object.entries(opcodes).find(([, code]) => code === opcode)?.[0] ?? `opcode ${opcode}`;
  const head = octets === undefined ? "" : ` (${octets.toString("hex", 0, 2)})`;
  if (opcode <= opcodes.binary) return `${name}${head} ${payload.toString("utf8", 0, 500).replaceAll("\0", "␀")}`;
  return `${name}${head} ${payload.toString("hex", 0, 130)}`;
}
