// A client of a WebSocket without a protocol of its own: each message is one text. It says what it is told, keeps every
// text with its instant, and judges nothing.

import { Inbox, type Timed } from "./inbox.ts";
import type { Network } from "./network.ts";
import { describeClose, hintForClose, type CloseInfo, type TextTransport } from "./transport.ts";
import type { Transcript } from "./transcript.ts";
import { openWebSocketTransport } from "./websocket.ts";

export interface RawText {
  text: string;
}

export interface RawWebSocketOptions {
  network: Network;
  transcript: Transcript;
  label: string;
  headers?: Record<string, string>;
  openTimeoutMs?: number;
}

export class RawWebSocket implements AsyncDisposable {
  readonly inbox = new Inbox<RawText>();
  readonly transport: TextTransport;
  readonly closed: Promise<CloseInfo>;
  /** Its name in the transcript. */
  readonly name: string;
  readonly #transcript: Transcript;

  /** Throws TargetError "refused" with the HTTP status, or "unreachable", and TimeoutError. */
  static async open(url: string, { transcript, label, ...options }: RawWebSocketOptions): Promise<RawWebSocket> {
    return new RawWebSocket(await openWebSocketTransport(url, { ...options, protocols: [] }), transcript, label);
  }

  constructor(transport: TextTransport, transcript: Transcript, label: string) {
    this.transport = transport;
    this.#transcript = transcript;
    this.name = transcript.nameConnection(`websocket ${label}`);
    this.inbox.connection = this.name;
    transcript.note(this.name, "opened", transport.kind);
    transport.onText((text) => {
      transcript.note(this.name, "received", text);
      if (!this.inbox.push({ text }, text.length)) transport.terminate();
    });
    this.closed = transport.closed.then((info) => {
      transcript.note(this.name, "closed", `${info.code} ${info.malformed ?? info.reason}`);
      this.inbox.end(describeClose(info), {
        code: info.malformed === undefined ? "closed" : "malformed",
        hint: hintForClose(info),
      });
      return info;
    });
  }

  send(text: string): void {
    this.#transcript.note(this.name, "sent", text);
    this.transport.send(text);
  }

  /** The first text, old or new, that `matches`. Throws TimeoutError, or TargetError "closed". */
  awaitText(what: string, matches: (text: string) => boolean, deadlineMs: number): Promise<Timed<RawText>> {
    return this.inbox.awaitItem(what, ({ text }) => matches(text), deadlineMs);
  }

  /** Ends the connection politely, then by force. Never throws. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.transport.close();
    const timer = setTimeout(() => this.transport.terminate(), 1_000);
    await this.closed;
    clearTimeout(timer);
  }
}
