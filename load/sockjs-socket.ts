// One SockJS session of thousands, over XHR: requests on which the server writes frames, one after the other on one
// connection, and texts sent on connections that all sessions share. Not a judge: drivers/sockjs.ts is. Source:
// sockjs-protocol 0.3.3.

import { Agent, buildConnector } from "undici";
import { readSockjsFrame } from "../drivers/codecs/sockjs.ts";
import { messageBytesMax } from "../drivers/limits.ts";
import { sockjsSessionUrl } from "../drivers/sockjs.ts";
import type { ConnectOptions } from "./connect.ts";
import { HttpConnection, type AnswerListener } from "./http-connection.ts";
import type { SocketListener, TextSocket } from "./socket.ts";

const lf = 0x0a;
const heartBeat = "h".charCodeAt(0);
/** They send a few frames each, and then they listen. */
const sendingConnections = 32;

/** Sends what the sessions of this process say. */
export function openSender({ localAddress, ca }: Pick<ConnectOptions, "localAddress" | "ca">): Agent {
  const connect = buildConnector({
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(ca === undefined ? {} : { ca }),
  });
  return new Agent({ connections: sendingConnections, connect });
}

export interface SockjsSocketOptions extends Omit<ConnectOptions, "url"> {
  /** The URL under which the sessions are. */
  endpoint: string;
  /** How the server writes: many frames in one answer, or one in each. */
  transport: "xhr_streaming" | "xhr";
  headers: Readonly<Record<string, string>>;
  sender: Agent;
}

export class SockjsSocket implements TextSocket, AnswerListener {
  readonly number: number;
  readonly #listener: SocketListener;
  readonly #options: SockjsSocketOptions;
  readonly #session: URL;
  #connection: HttpConnection;
  /** A cookie by which a balancer finds the instance again, say. */
  #cookies = "";
  #isOpen = false;
  /** Ended, by us or by the target. */
  #isOver = false;
  /** Why the session ended, when that is not how its connection did. */
  #how: string | undefined;
  /** Whether the answer that comes had a frame. */
  #hadFrame = false;
  /** What came of a frame. */
  #rest: Buffer | undefined;
  /** What waits for the request before it. */
  #unsent: string[] = [];
  #isSending = false;

  constructor(number: number, listener: SocketListener, options: SockjsSocketOptions) {
    this.number = number;
    this.#listener = listener;
    this.#options = options;
    this.#session = new URL(sockjsSessionUrl(options.endpoint));
    this.#connection = this.#connect();
    this.#receive();
  }

  #connect(): HttpConnection {
    const { localAddress, ca } = this.#options;
    return new HttpConnection(this, {
      url: this.#session,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(ca === undefined ? {} : { ca }),
    });
  }

  #receive(): void {
    this.#hadFrame = false;
    this.#connection.ask("POST", `${this.#session.pathname}/${this.#options.transport}`, this.#headers);
  }

  get #headers(): Record<string, string> {
    const { headers } = this.#options;
    if (this.#cookies === "") return { ...headers };
    const name = Object.keys(headers).find((one) => one.toLowerCase() === "cookie") ?? "Cookie";
    return { ...headers, [name]: headers[name] === undefined ? this.#cookies : `${headers[name]}; ${this.#cookies}` };
  }

  /** One request at a time: they would not stay in order. */
  send(text: string): void {
    this.#unsent.push(text);
    if (!this.#isSending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    try {
      while (this.#unsent.length > 0 && !this.#isOver) {
        const { statusCode, body } = await this.#options.sender.request({
          origin: this.#session.origin,
          path: `${this.#session.pathname}/xhr_send`,
          method: "POST",
          headers: { ...this.#headers, "Content-Type": "text/plain;charset=UTF-8" },
          body: JSON.stringify(this.#unsent.splice(0)),
        });
        await body.dump();
        if (statusCode !== 204 && statusCode !== 200) this.#fail(`a message was answered ${statusCode}`);
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.#fail(`a message was not taken: ${code ?? message}`);
    } finally {
      this.#isSending = false;
    }
  }

  /** A page that goes away says nothing either. */
  close(): void {
    this.terminate();
  }

  terminate(): void {
    this.#isOver = true;
    this.#connection.destroy();
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  onHead(connection: HttpConnection, status: number, head: string): void {
    if (status !== 200) return connection.destroy(`answered ${status}`);
    const cookies = [...head.matchAll(/^set-cookie:\s*([^;\r\n]+)/gim)].map(([, cookie]) => cookie!);
    if (cookies.length > 0) this.#cookies = cookies.join("; ");
  }

  onBody(chunk: Buffer, from: number, to: number): void {
    const rest = this.#rest;
    const octets = rest === undefined ? chunk : Buffer.concat([rest, chunk.subarray(from, to)]);
    const end = rest === undefined ? to : octets.length;
    let at = rest === undefined ? from : 0;
    this.#rest = undefined;
    for (let lineEnd = octets.indexOf(lf, at); lineEnd >= 0 && lineEnd < end; lineEnd = octets.indexOf(lf, at)) {
      this.#frame(octets, at, lineEnd);
      at = lineEnd + 1;
    }
    if (end - at > messageBytesMax) return this.#fail("a frame without an end");
    // A copy: what the stream gave is whole memory pages.
    if (at < end) this.#rest = Buffer.from(octets.subarray(at, end));
  }

  #frame(octets: Buffer, from: number, to: number): void {
    if (this.#isOver) return;
    this.#hadFrame = true;
    // What comes before the frames of a stream is many of them.
    if (octets[from] === heartBeat) return;
    try {
      const frame = readSockjsFrame(octets.toString("utf8", from, to));
      if (frame.kind === "open") this.#open();
      else if (frame.kind === "close") this.#fail(`closed with ${frame.code}`);
      else if (frame.kind === "messages") for (const text of frame.texts) this.#hear(Buffer.from(text));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#fail("answered by no SockJS");
    }
  }

  #hear(octets: Buffer): void {
    if (!this.#isOver) this.#listener.onMessage(this, octets, 0, octets.length);
  }

  /** A second time: whoever answers does not know the session and began another one. */
  #open(): void {
    if (this.#isOpen) return this.#fail("the server lost the session");
    this.#isOpen = true;
    this.#listener.onOpen(this);
  }

  /** The next request; where the server ended the connection, on a new one. */
  onEnd(connection: HttpConnection, isKept: boolean): void {
    if (this.#isOver) return;
    if (!this.#hadFrame) return this.#fail("answered without a frame");
    this.#rest = undefined;
    if (!isKept) {
      this.#connection = this.#connect();
      connection.destroy();
    }
    this.#receive();
  }

  #fail(how: string): void {
    this.#how ??= how;
    this.terminate();
  }

  onClose(connection: HttpConnection, how: string): void {
    // Another one has its place.
    if (connection !== this.#connection) return;
    this.#isOver = true;
    this.#listener.onClose(this, this.#how ?? how);
  }
}
