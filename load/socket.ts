// One WebSocket of thousands: a handshake, and then texts, as octets where they lie. No closure, no timer and no event
// object for each; one listener hears for all that one owner has. Not a judge: drivers/websocket.ts is. Compression is not
// offered. Source: RFC 6455 4.1, 5.2.

import { createHash, randomFillSync } from "node:crypto";
import type { Socket } from "node:net";
import { messageBytesMax } from "../drivers/limits.ts";
import { connectTo, type ConnectOptions } from "./connect.ts";

const headBytesMax = 16 * 1_024;
const keyGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const [continuation, text, binary, close, ping] = [0, 1, 2, 8, 9];
const opcodePong = 10;
/** How a connection ended whose server sent no close frame. */
const closedWithoutFrame = 1_006;

/** What carries texts both ways: a WebSocket, or what stands in for one. */
export interface TextSocket {
  /** Whose it is, by the owner's own number. */
  readonly number: number;
  send(text: string): void;
  close(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** What happens to any of the sockets. Octets are valid during the call alone. */
export interface SocketListener {
  onOpen(socket: TextSocket): void;
  /** One message, from `from` to `to` (not included). */
  onMessage(socket: TextSocket, octets: Buffer, from: number, to: number): void;
  /** Once, whoever ended it; `how`: as "closed with 1006", "answered 503" or "ECONNREFUSED". */
  onClose(socket: TextSocket, how: string): void;
}

export interface SocketOptions extends ConnectOptions {
  headers: Readonly<Record<string, string>>;
  subprotocol: string;
}

export class LoadSocket implements TextSocket {
  readonly number: number;
  isOpen = false;
  readonly #listener: SocketListener;
  readonly #socket: Socket;
  readonly #key: string;
  #code = closedWithoutFrame;
  /** Of an answer to the handshake that was none; 0: it was no HTTP. */
  #status: number | undefined;
  /** Of the system, as ECONNREFUSED. */
  error: string | undefined;
  /** What came and is not a whole head or frame. */
  #rest: Buffer | undefined;
  /** A message in fragments, so far. */
  #fragments: Buffer[] | undefined;

  constructor(number: number, listener: SocketListener, { url, headers, subprotocol, ...more }: SocketOptions) {
    this.number = number;
    this.#listener = listener;
    this.#key = randomFillSync(Buffer.alloc(16)).toString("base64");
    this.#socket = connectTo({ url, ...more });
    const lines = [
      `GET ${url.pathname}${url.search} HTTP/1.1`,
      `Host: ${url.host}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${this.#key}`,
      `Sec-WebSocket-Protocol: ${subprotocol}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    owners.set(this.#socket, this);
    this.#socket.on("data", onData).on("close", onClosed).on("error", onError);
  }

  /** A text, masked as a client has to. */
  send(message: string): void {
    this.#write(text, Buffer.from(message));
  }

  /** By a close frame; the connection ends when the server answers it. */
  close(): void {
    if (this.isOpen) this.#write(close, Buffer.from([0x03, 0xe8]));
    else this.#socket.destroy();
  }

  /** Without a word. */
  terminate(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #write(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    const frame = Buffer.allocUnsafe(headBytes + 4 + length);
    frame[0] = 0x80 | opcode;
    frame[1] = 0x80 | (headBytes === 2 ? length : headBytes === 4 ? 126 : 127);
    if (headBytes === 4) frame.writeUInt16BE(length, 2);
    if (headBytes === 10) frame.writeBigUInt64BE(BigInt(length), 2);
    randomFillSync(frame, headBytes, 4);
    for (let at = 0; at < length; at++) frame[headBytes + 4 + at] = payload[at]! ^ frame[headBytes + (at & 3)]!;
    this.#socket.write(frame);
  }

  take(chunk: Buffer): void {
    const octets = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    const from = this.isOpen ? 0 : this.#shake(octets);
    if (from !== undefined) this.#read(octets, from);
  }

  /** Where the frames begin; undefined: the head is not whole, or it is no upgrade. */
  #shake(octets: Buffer): number | undefined {
    const end = octets.indexOf("\r\n\r\n");
    if (end < 0) {
      if (octets.length > headBytesMax) this.#socket.destroy();
      else this.#rest = octets;
      return undefined;
    }
    const head = octets.toString("latin1", 0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    const accept = /^sec-websocket-accept:\s*(\S+)/im.exec(head)?.[1];
    const expected = createHash("sha1").update(`${this.#key}${keyGuid}`).digest("base64");
    if (status !== 101 || accept !== expected) {
      this.#status = Number.isNaN(status) ? 0 : status;
      this.#socket.destroy();
      return undefined;
    }
    this.isOpen = true;
    this.#listener.onOpen(this);
    return end + 4;
  }

  #read(octets: Buffer, from: number): void {
    let at = from;
    while (octets.length - at >= 2) {
      const short = octets[at + 1]! & 0x7f;
      const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (octets.length - at < headBytes) break;
      const length =
        short < 126 ? short : short === 126 ? octets.readUInt16BE(at + 2) : Number(octets.readBigUInt64BE(at + 2));
      if (length > messageBytesMax || (octets[at + 1]! & 0x80) !== 0) return this.#fail();
      const body = at + headBytes;
      if (octets.length - body < length) break;
      this.#frame(octets[at]!, octets, body, body + length);
      at = body + length;
    }
    // A copy: what the stream gave is whole memory pages, and one octet would keep them.
    if (at < octets.length) this.#rest = Buffer.from(octets.subarray(at));
  }

  #frame(first: number, octets: Buffer, from: number, to: number): void {
    const opcode = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    if (opcode === ping) this.#write(opcodePong, octets.subarray(from, to));
    else if (opcode === close) this.#end(octets, from, to);
    else if (opcode === continuation || !isFinal) this.#fragment(opcode, isFinal, octets.subarray(from, to));
    else if (opcode === text || opcode === binary) this.#listener.onMessage(this, octets, from, to);
  }

  #end(octets: Buffer, from: number, to: number): void {
    this.#code = to - from < 2 ? 1_005 : octets.readUInt16BE(from);
    this.#socket.end();
  }

  #fragment(opcode: number, isFinal: boolean, piece: Buffer): void {
    if ((opcode === continuation) === (this.#fragments === undefined)) return this.#fail();
    const fragments = (this.#fragments ??= []);
    fragments.push(Buffer.from(piece));
    if (fragments.reduce((sum, { length }) => sum + length, 0) > messageBytesMax) return this.#fail();
    if (!isFinal) return;
    this.#fragments = undefined;
    const whole = Buffer.concat(fragments);
    this.#listener.onMessage(this, whole, 0, whole.length);
  }

  /** What came is no WebSocket. */
  #fail(): void {
    this.#code = 1_002;
    this.#socket.destroy();
  }

  /** Of one that was open, the system only says how we noticed: ECONNRESET, or EPIPE if we wrote. */
  #how(): string {
    if (this.#status !== undefined) return this.#status === 0 ? "answered by no HTTP" : `answered ${this.#status}`;
    return !this.isOpen && this.error !== undefined ? this.error : `closed with ${this.#code}`;
  }

  end(): void {
    const how = this.#how();
    this.isOpen = false;
    this.#rest = undefined;
    this.#listener.onClose(this, how);
  }
}

// One function each for all sockets: a closure each costs memory and, at tens of thousands, time.
const owners = new WeakMap<Socket, LoadSocket>();

function onData(this: Socket, chunk: Buffer): void {
  owners.get(this)!.take(chunk);
}

function onClosed(this: Socket): void {
  owners.get(this)!.end();
}

/** A close follows. */
function onError(this: Socket, { code, message }: NodeJS.ErrnoException): void {
  owners.get(this)!.error = code ?? message;
}
