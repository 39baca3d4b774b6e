// What is a STOMP session given to talk through? One interface for a raw WebSocket, SockJS over WebSocket and SockJS over HTTP.
// Terms: an outgoing message is one STOMP frame (or one heart-beat EOL); it is built once and shared by all connections that get it,
// together with its SockJS form.

import { quoteForSockJs } from "./sockjs-frames.ts";

/** One message on its way out, with the SockJS form of it made at most once. */
export class OutgoingMessage {
  readonly bytes: Buffer;
  #quoted: string | undefined;
  #sockJsFrame: Buffer | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** The message as one JSON string. */
  get quoted(): string {
    this.#quoted ??= quoteForSockJs(this.bytes.toString("utf8"));
    return this.#quoted;
  }

  /** The message as a SockJS frame of its own. */
  get sockJsFrame(): Buffer {
    this.#sockJsFrame ??= Buffer.from(`a[${this.quoted}]`);
    return this.#sockJsFrame;
  }
}

export type TransportName = "websocket" | "sockjs-websocket" | "sockjs-http";

export interface Connection {
  readonly transport: TransportName;
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
  onData(chunk: Uint8Array): void;
  onClose(): void;
}

/** Called by a transport for each new connection. */
export type AcceptConnection = (connection: Connection) => ConnectionListener;

/** Why connections end, as codes a client can act on. The same cause always has the same code. Source: RFC 6455 7.4, SockJS. */
export const closeCodes = {
  normal: 1000,
  shutdown: 1001,
  protocolError: 1002,
  badData: 1007,
  loginEnded: 1008,
  serverError: 1011,
  tooMany: 1013,
  /** Private: the reader is too slow, or its heart-beat stopped. */
  tooSlow: 4500,
} as const;
