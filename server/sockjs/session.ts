// How does a connection live when each request carries only a part of it? A SockJS session over HTTP: messages wait in
// a bounded queue until a receiving request (poll or stream) comes; without one for 5 s the session ends. Terms:
// receiver = the one response that may carry frames now. An array frame may hold many messages. Source: SockJS
// protocol, "Protocol and framing", "HandlingClose"; sockjs-node's 5 s, 25 s.

import {
  closeCodes,
  type AcceptConnection,
  type Connection,
  type ConnectionListener,
  type OutgoingMessage,
} from "../realtime/connection.ts";
import { closeFrame, heartBeatFrame, openFrame } from "./frames.ts";

const disconnectDelayMs = 5_000;
const heartBeatDelayMs = 25_000;
const queuedBytesMax = 1024 * 1024;
const queuedCountMax = 10_000;
/** One array frame holds about this much at most, so that a stream's byte limit ends it between frames. */
const arrayBytesMax = 64 * 1024;

export interface Receiver {
  /** Writes one frame. False: it takes no more (it ended itself, or waits to drain and will call `resume`). */
  write(frame: string): boolean;
  end(): void;
}

export class SockJsSession implements Connection {
  readonly transport = "sockjs-http";
  /** Of the client that opened it. Later requests may come from another: networks change, and proxies are many. */
  readonly address: string;
  readonly #onClosed: () => void;
  readonly #onGone: () => void;
  readonly #listener: ConnectionListener;
  readonly #queue: OutgoingMessage[] = [];
  #queuedBytes = 0;
  #receiver: Receiver | undefined;
  #ready = false;
  #opened = false;
  #closed: string | undefined;
  #timer: NodeJS.Timeout;
  /** While it is there, requests that send wait for their answer: clients send the next one after it. */
  #paused: PromiseWithResolvers<void> | undefined;

  /** `onClosed` comes when it takes no more, `onGone` when its last words need not be kept any longer. */
  constructor(
    address: string,
    accept: AcceptConnection,
    { onClosed, onGone }: { onClosed: () => void; onGone: () => void },
  ) {
    this.address = address;
    this.#onClosed = onClosed;
    this.#onGone = onGone;
    this.#timer = setTimeout(() => this.#expire(), disconnectDelayMs);
    this.#listener = accept(this);
  }

  // --- the client's requests

  /** Resolves when more may be sent; false: too much was waiting, and the session is closed. */
  async receive(messages: readonly string[]): Promise<boolean> {
    const text = messages.join("");
    if (this.#closed !== undefined || text === "") return true;
    if (!this.#listener.onData(Buffer.from(text))) return false;
    await this.#paused?.promise;
    return true;
  }

  /** Makes this response the receiver. A second one beside a living first is told so and ended. */
  attach(receiver: Receiver): void {
    if (this.#receiver) {
      receiver.write(closeFrame(2010, "Another connection still open"));
      return receiver.end();
    }
    this.#receiver = receiver;
    this.#ready = true;
    if (this.#closed === undefined) this.#restartTimer(heartBeatDelayMs, () => this.#heartBeat());
    if (!this.#opened) {
      this.#opened = true;
      this.#write(openFrame);
    }
    this.flush();
  }

  /** The receiver's response ended as it should. */
  detach(receiver: Receiver): void {
    if (this.#receiver !== receiver) return;
    this.#receiver = undefined;
    this.#ready = false;
    this.#restartTimer(disconnectDelayMs, () => this.#expire());
  }

  /** The receiver's response was cut: what was written may be lost, so the session cannot go on. */
  interrupted(receiver: Receiver): void {
    if (this.#receiver !== receiver) return;
    this.detach(receiver);
    this.#queue.length = 0;
    this.#close(closeFrame(closeCodes.protocolError, "Connection interrupted"));
  }

  // --- the application's side

  send(message: OutgoingMessage): void {
    if (this.#closed !== undefined) return;
    this.#queue.push(message);
    this.#queuedBytes += message.bytes.length;
    if (this.#queuedBytes <= queuedBytesMax && this.#queue.length <= queuedCountMax) return this.flush();
    this.#queue.length = 0;
    this.end(closeCodes.tooSlow, "Too slow");
  }

  queuedBytes(): number {
    return this.#queuedBytes;
  }

  pauseReading(): void {
    this.#paused ??= Promise.withResolvers<void>();
  }

  resumeReading(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  end(code: number, reason: string): void {
    this.#close(closeFrame(code, reason));
  }

  // --- inside

  /**
   * Hands the receiver what waits, until it takes no more; after the last message of a closed session, the close frame.
   */
  flush(): void {
    while (this.#receiver && this.#ready) {
      if (this.#queue.length > 0) this.#write(this.#takeArray());
      else if (this.#closed === undefined) return;
      else return this.#sayLastWords(this.#receiver, this.#closed);
    }
  }

  /** The receiver drained and takes more. */
  resume(receiver: Receiver): void {
    if (this.#receiver !== receiver) return;
    this.#ready = true;
    this.flush();
  }

  #sayLastWords(receiver: Receiver, frame: string): void {
    this.#receiver = undefined;
    receiver.write(frame);
    receiver.end();
  }

  #takeArray(): string {
    let count = 0;
    let bytes = 0;
    while (count < this.#queue.length && bytes < arrayBytesMax) bytes += this.#queue[count++]?.bytes.length ?? 0;
    this.#queuedBytes -= bytes;
    return `a[${this.#queue
      .splice(0, count)
      .map((message) => message.quoted)
      .join(",")}]`;
  }

  #write(frame: string): void {
    this.#timer.refresh();
    this.#ready = this.#receiver?.write(frame) ?? false;
  }

  #heartBeat(): void {
    this.#restartTimer(heartBeatDelayMs, () => this.#heartBeat());
    if (this.#ready) this.#write(heartBeatFrame);
  }

  #expire(): void {
    this.#close(closeFrame(closeCodes.tooSlow, "No receiver"));
    clearTimeout(this.#timer);
    this.#receiver?.end();
    this.#onGone();
  }

  /** From now on each receiver gets what still waits and then this frame, until the session is forgotten. */
  #close(frame: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = frame;
    this.#restartTimer(disconnectDelayMs, () => this.#expire());
    this.resumeReading();
    this.flush();
    this.#onClosed();
    this.#listener.onClose();
  }

  /** Its last words are dropped: others need the place. */
  forget(): void {
    this.#expire();
  }

  #restartTimer(ms: number, onTime: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(onTime, ms);
  }
}
