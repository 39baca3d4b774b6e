// What is a STOMP session given to talk through? One interface for a raw WebSocket, SockJS over WebSocket and SockJS
// over HTTP. Terms: an outgoing message is one STOMP frame (or one heart-beat EOL); it is built once and shared by all
// connections that get it, down to the bytes that go over the socket: that is what fan-out to thousands costs.

import type { Principal } from "./ports.ts";
import { quoteForSockJs } from "../sockjs/frames.ts";

/** One message on its way out, with each wire form of it made at most once. */
export class OutgoingMessage {
  readonly bytes: Buffer;
  #webSocketFrame: Buffer | undefined;
  #quoted: string | undefined;
  #sockJsFrame: Buffer | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** The message as one WebSocket text frame. */
  get webSocketFrame(): Buffer {
    this.#webSocketFrame ??= textFrame(this.bytes);
    return this.#webSocketFrame;
  }

  /** The message as one JSON string. */
  get quoted(): string {
    this.#quoted ??= quoteForSockJs(this.bytes.toString("utf8"));
    return this.#quoted;
  }

  /** The message as a SockJS array frame in one WebSocket text frame. */
  get sockJsFrame(): Buffer {
    this.#sockJsFrame ??= textFrame(Buffer.from(`a[${this.quoted}]`));
    return this.#sockJsFrame;
  }
}

/** A whole, unmasked WebSocket text frame. Source: RFC 6455 5.2. */
export function textFrame(payload: Uint8Array): Buffer {
  const bytes = payload.length;
  const headBytes = bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headBytes + bytes);
  frame[0] = 0x81;
  if (headBytes === 2) frame[1] = bytes;
  else if (headBytes === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(bytes, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(bytes), 2);
  }
  frame.set(payload, headBytes);
  return frame;
}

type TransportName = "websocket" | "sockjs-websocket" | "sockjs-http" | "tcp";

export interface Connection {
  readonly transport: TransportName;
  /** The client's, as far as it is known: behind a proxy that is not trusted it is the proxy's. */
  readonly address: string;
  /** Who opened it, where the handshake said so. */
  readonly principal?: Principal | undefined;
  send(message: OutgoingMessage): void;
  /** Bytes that were sent and have not left the process. */
  queuedBytes(): number;
  /** Asks the peer to slow down, or to go on. */
  pauseReading(): void;
  resumeReading(): void;
  /** Says goodbye with a close code; what was sent before still goes out. Never throws, may be called again. */
  end(code: number, reason: string): void;
}

/** What a connection tells about. `onClose` comes exactly once. */
export interface ConnectionListener {
  /** False: it was too much to keep, and the connection is being ended. */
  onData(chunk: Uint8Array): boolean;
  /** So many bytes are kept of a message that has not come whole. */
  onPartial(byteCount: number): void;
  onClose(): void;
}

/** Called by a transport for each new connection. */
export type AcceptConnection = (connection: Connection) => ConnectionListener;

/**
 * Why connections end, as codes a client can act on. The same cause always has the same code. Source: RFC 6455 7.4,
 * SockJS.
 */
export const closeCodes = {
  normal: 1000,
  shutdown: 1001,
  protocolError: 1002,
  badData: 1007,
  loginEnded: 1008,
  serverError: 1011,
  tooBig: 1009,
  tooMany: 1013,
  /** Private: the reader is too slow, or its heart-beat stopped. */
  tooSlow: 4500,
} as const;
