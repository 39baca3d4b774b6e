// A two-way channel for text: a plain WebSocket, or a SockJS session over one of its transports. STOMP runs over any of
// them.

/** How a connection ended. `code` is 1006 when the peer vanished without a close frame. */
export interface CloseInfo {
  code: number;
  reason: string;
  /** Set: we hung up, because the target sent what nobody can take. */
  malformed?: string;
}

/** Codes whose number says little to those who meet it first in a report. Source: RFC 6455 7.4.1. */
const closeWords: Readonly<Record<number, string>> = {
  1007: "a text that is no UTF-8",
  1009: "message too big",
};

/** `closed with 1009 (message too big) "reason"`, or what we hung up for. */
export function describeClose({ code, reason, malformed }: CloseInfo): string {
  if (malformed !== undefined) return malformed;
  const words = closeWords[code];
  return `closed with ${code}${words === undefined ? "" : ` (${words})`}${reason === "" ? "" : ` ${JSON.stringify(reason)}`}`;
}

const closeHints: Readonly<Record<number, string>> = {
  1007: "A text frame, ours or one that a proxy changed, was no UTF-8: binary messages may be cut anywhere, texts may not",
  1009: "Raise the server's limit for one message: in Spring setMessageSizeLimit, and the container's text buffer size",
};

/** One next step for those who were closed so. */
export const hintForClose = ({ code, malformed }: CloseInfo): string | undefined =>
  malformed === undefined ? closeHints[code] : undefined;

export interface TextTransport {
  readonly kind: "websocket" | "sockjs-websocket" | "xhr-streaming" | "xhr-polling" | "tcp";
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
