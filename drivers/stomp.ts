// A STOMP client over any text transport: it says what it is told, keeps every frame with its instant, and judges
// nothing. Terms: barrier – knowing that the server handled a frame: a RECEIPT where the target sends them.

import {
  encodeFrame,
  headerOf,
  StompParser,
  StompSyntaxError,
  type StompFrame,
  type StompVersion,
} from "./codecs/stomp.ts";
import { within } from "./deadline.ts";
import { TargetError, TimeoutError } from "./errors.ts";
import { Inbox, type Timed } from "./inbox.ts";
import { messageBytesMax, sizeText } from "./limits.ts";
import { describeClose, hintForClose, type CloseInfo, type TextTransport } from "./transport.ts";
import type { Transcript } from "./transcript.ts";
import { quoted } from "./quoted.ts";

export interface ConnectOptions {
  /** `CONNECT` unless said otherwise. */
  command?: "CONNECT" | "STOMP";
  headers?: Record<string, string>;
  deadlineMs: number;
}

/** One subscription: the MESSAGE frames that carried its id. */
export interface Subscription {
  id: string;
  destination: string;
  /** The name of its connection in the transcript. */
  connection: string;
  messages(): Timed<StompFrame>[];
  awaitMessage(what: string, matches: (frame: StompFrame) => boolean, deadlineMs: number): Promise<Timed<StompFrame>>;
}

export class StompConnection implements AsyncDisposable {
  readonly inbox = new Inbox<StompFrame>();
  readonly transport: TextTransport;
  readonly closed: Promise<CloseInfo>;
  /** Set once the transport closed. */
  closeInfo: CloseInfo | undefined;
  heartBeatCount = 0;
  /** Called whenever octets came, heart-beats included. */
  onSign: (() => void) | undefined;
  /** Set when the server sent what no STOMP grammar allows. */
  syntaxError: StompSyntaxError | undefined;
  readonly #parser: StompParser;
  readonly #transcript: Transcript;
  readonly #name: string;
  /** Nothing is read any more. */
  #isDeaf = false;
  #count = 0;
  #beat: NodeJS.Timeout | undefined;

  /** `version`: whose escapes both sides use. */
  constructor(transport: TextTransport, transcript: Transcript, label: string, version: StompVersion = "1.2") {
    this.#parser = new StompParser(version);
    this.transport = transport;
    this.#transcript = transcript;
    this.#name = transcript.nameConnection(`stomp ${label}`);
    this.inbox.connection = this.#name;
    transcript.note(this.#name, "opened", transport.kind);
    transport.onText((text) => this.#read(text));
    this.closed = transport.closed.then((info) => {
      this.closeInfo = info;
      clearInterval(this.#beat);
      transcript.note(this.#name, "closed", `${info.code} ${info.malformed ?? info.reason}`);
      this.inbox.end(describeClose(info), {
        code: info.malformed === undefined ? "closed" : "malformed",
        hint: hintForClose(info),
      });
      return info;
    });
  }

  #read(text: string): void {
    if (this.#isDeaf) return;
    this.onSign?.();
    try {
      // The first frame is charged with all that came: its strings keep the whole text alive.
      let chars = text.length;
      let isBehindFrame = false;
      for (const item of this.#parser.push(text)) {
        if (item === "heart-beat") {
          // A line end that comes with a frame belongs to it, as RabbitMQ's behind CONNECTED.
          if (!isBehindFrame) this.heartBeatCount++;
          continue;
        }
        isBehindFrame = true;
        this.#transcript.note(this.#name, "received", describeFrame(item));
        if (!this.inbox.push(item, chars + item.headers.length * headerChars)) return this.#hangUp();
        chars = 0;
      }
      if (this.#parser.pendingLength <= messageBytesMax) return;
      this.inbox.end(`the target sent a frame larger than ${sizeText(messageBytesMax)}`, { code: "malformed" });
      this.#hangUp();
    } catch (error) {
      if (!(error instanceof StompSyntaxError)) throw error;
      this.syntaxError = error;
      this.#isDeaf = true;
      this.#transcript.note(this.#name, "received", `malformed: ${quoted(text, 500)}`);
      this.inbox.end(`the server sent a malformed frame (${error.message})`);
    }
  }

  /** The target sent too much. */
  #hangUp(): void {
    this.#isDeaf = true;
    this.transport.terminate();
  }

  /** Frames of one command, oldest first. */
  frames(command: string): Timed<StompFrame>[] {
    return this.inbox.items.filter((frame) => frame.command === command);
  }

  /** Writes text as it is. */
  sendRaw(text: string): void {
    this.#transcript.note(this.#name, "sent", text.replaceAll("\0", "␀"));
    this.transport.send(text);
  }

  sendFrame(
    command: string,
    headers: Readonly<Record<string, string>> = {},
    body = "",
    version: StompVersion = this.#parser.version,
  ): void {
    this.sendRaw(encodeFrame(command, headers, body, version));
  }

  /**
   * Sends CONNECT and waits for CONNECTED. Throws TargetError "refused" on ERROR, "closed" on a close, TimeoutError on
   * silence.
   */
  async connect(options: ConnectOptions): Promise<StompFrame> {
    const headers = { "accept-version": "1.0,1.1,1.2", "heart-beat": "0,0", ...options.headers };
    this.sendFrame(options.command ?? "CONNECT", headers);
    const answer = await this.inbox.awaitItem(
      "CONNECTED",
      (frame) => frame.command === "CONNECTED" || frame.command === "ERROR",
      options.deadlineMs,
    );
    if (answer.command === "ERROR")
      throw new TargetError("refused", `Cannot connect: ERROR ${quoted(headerOf(answer, "message") ?? answer.body)}`);
    return answer;
  }

  /** Sends one EOL every `intervalMs` until the connection ends. */
  startHeartBeats(intervalMs: number): void {
    this.#beat ??= setInterval(() => this.transport.send("\n"), intervalMs).unref();
  }

  /** Sends no more of them. */
  stopHeartBeats(): void {
    clearInterval(this.#beat);
    this.#beat = undefined;
  }

  /** A value not used before on this connection. */
  nextId(prefix: string): string {
    return `${prefix}-${++this.#count}`;
  }

  /** Sends a frame with a receipt and waits for it. Throws TargetError "refused" on ERROR. */
  async sendAndAwaitReceipt(
    command: string,
    headers: Record<string, string>,
    body: string,
    deadlineMs: number,
  ): Promise<StompFrame> {
    const receipt = headers["receipt"] ?? this.nextId("receipt");
    this.sendFrame(command, { ...headers, receipt }, body);
    const answer = await this.inbox.awaitItem(
      `RECEIPT for ${command} ${headers["destination"] ?? ""}`.trimEnd(),
      (frame) =>
        frame.command === "ERROR" || (frame.command === "RECEIPT" && headerOf(frame, "receipt-id") === receipt),
      deadlineMs,
    );
    if (answer.command === "ERROR")
      throw new TargetError(
        "refused",
        `Cannot ${command} ${headers["destination"] ?? ""}: ERROR ${JSON.stringify(headerOf(answer, "message") ?? "")}`,
      );
    return answer;
  }

  /** What a SUBSCRIBE to this destination carries beside it: some systems want the credential again. */
  subscribeHeadersOf: (destination: string) => Record<string, string> = () => ({});

  /** Sends SUBSCRIBE without waiting for anything. */
  sendSubscribe(destination: string, headers: Record<string, string> = {}): Subscription {
    const id = headers["id"] ?? this.nextId("sub");
    this.sendFrame("SUBSCRIBE", { id, destination, ...this.subscribeHeadersOf(destination), ...headers });
    return this.subscription(id, destination);
  }

  /** Subscribes and waits for the RECEIPT. */
  async subscribeWithReceipt(
    destination: string,
    deadlineMs: number,
    id: string = this.nextId("sub"),
  ): Promise<Subscription> {
    const headers = { id, destination, ...this.subscribeHeadersOf(destination) };
    await this.sendAndAwaitReceipt("SUBSCRIBE", headers, "", deadlineMs);
    return this.subscription(id, destination);
  }

  subscription(id: string, destination: string): Subscription {
    const mine = (frame: StompFrame): boolean => frame.command === "MESSAGE" && headerOf(frame, "subscription") === id;
    return {
      id,
      destination,
      connection: this.#name,
      messages: () => this.inbox.items.filter(mine),
      awaitMessage: (what, matches, deadlineMs) =>
        this.inbox.awaitItem(`${what} on ${destination}`, (frame) => mine(frame) && matches(frame), deadlineMs),
    };
  }

  /** Waits until the connection is over. Throws TimeoutError when it is not within `deadlineMs`. */
  async awaitClose(deadlineMs: number): Promise<CloseInfo> {
    return await within(deadlineMs, this.closed, () => {
      throw new TimeoutError(`Cannot await the close: still open after ${deadlineMs} ms`, this.inbox.items.slice(-20), {
        connection: this.#name,
      });
    });
  }

  /** Ends the connection politely, then by force. Never throws. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beat);
    this.transport.close();
    const timer = setTimeout(() => this.transport.terminate(), 1_000);
    await this.closed;
    clearTimeout(timer);
  }
}

/** What a header costs beside its text, roughly. */
const headerChars = 60;

function describeFrame({ command, headers, body }: StompFrame): string {
  // Frames may have headers without end; a transcript shows the first of them.
  const shown = headers.slice(0, 100).map(([name, value]) => `${name}:${value}`);
  return `${command} ${shown.join(" ")}${body === "" ? "" : `\n${body}`}`;
}
