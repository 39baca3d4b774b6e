// A two-way channel for text: a plain WebSocket, or a SockJS session over one of its transports. STOMP runs over any of
// them.

/** How a connection ended. `code` is 1006 when the peer vanished without a close frame. */
export interface CloseInfo {
  code: number;
  reason: string;
}

export interface TextTransport {
  readonly kind: "websocket" | "sockjs-websocket" | "xhr-streaming" | "xhr-polling";
  send(text: string): void;
  /** Set once, right after opening; texts that came before are handed over then. */
  onText(listener: (text: string) => void): void;
  readonly closed: Promise<CloseInfo>;
  /** Closes politely. Never throws. */
  close(): void;
  /** Ends the TCP connection without a word. */
  terminate(): void;
  /** Stops reading, so that the sender's buffers fill. */
  pause(): void;
  resume(): void;
}
