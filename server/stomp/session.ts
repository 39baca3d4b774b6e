// What may one STOMP client do, and in which order does it happen? The state machine of a session: CONNECT first, then
// SUBSCRIBE, UNSUBSCRIBE, SEND, DISCONNECT, one frame after the other, each finished before the next begins. An ERROR
// is always the last word. What came and waits its turn is kept as bytes, bounded, and read frame by frame; a slow
// store makes the client wait, not the process grow. Terms: refuse = ERROR (with receipt-id) and close. Transactions
// and acknowledgements are refused clearly, not ignored, unless the system has an exchange, which then does all that is
// about messages. Source: STOMP 1.0–1.2; the STOMP table of the Discodeit contract.

import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { errorQueue, heartBeatMs } from "../../systems/discodeit/wire.ts";
import { messageFrame, type Broker, type Subscriber } from "./broker.ts";
import { closeCodes, OutgoingMessage, type Connection, type ConnectionListener } from "../realtime/connection.ts";
import { HeartBeat, negotiateHeartBeat } from "./heart-beat.ts";
import type { ByteBudget, Holding } from "../security/budget.ts";
import { TooManyFailuresError } from "../security/login-limits.ts";
import type { ErrorResponse, Principal, RealtimePorts } from "../realtime/ports.ts";
import { decodeHeaders, encodeFrame, escapeHeader, FrameError, FrameParser, stompVersions } from "./codec.ts";
import type { RawFrame, StompVersion } from "./codec.ts";
import { Desk } from "./desk.ts";
import type { Turns } from "../turns.ts";

export interface SessionHost {
  ports: RealtimePorts;
  broker: Broker;
  /** What sessions keep of what clients sent. */
  inbound: ByteBudget;
  turns: Turns;
  /** Counts the session in; false when the user has too many. Called once, before CONNECTED. */
  admit(session: StompSession, principal: Principal): boolean;
  /** Called once when an admitted session ends. */
  dismiss(session: StompSession, principal: Principal): void;
  /** A reader that was cut off because it does not keep up. */
  onCutOff(): void;
  onFault(error: unknown): void;
}

const subscriptionsMax = 100;
const connectDeadlineMs = 10_000;
/** A frame that began has so long to come whole. */
const frameDeadlineMs = 30_000;
/** More than this unsent: the reader does not keep up and is cut off. */
const queuedBytesMax = 1024 * 1024;
/** Bytes waiting their turn: above the first number the peer is asked to pause, above the second it is refused. */
const waitingBytesPause = 64 * 1024;
const waitingBytesMax = 1024 * 1024;
/** What the sessions of one user may keep together, and those of one address before they are connected. */
const bytesOfUserMax = 16 * 1024 * 1024;
const bytesOfStrangerMax = 8 * 1024 * 1024;
/** All that may come before a session is connected. */
const bytesBeforeConnectMax = 64 * 1024;

const beat = new OutgoingMessage(Buffer.from("\n"));

type Headers = Map<string, string>;

/** Refuses the frame: ERROR with this message, then the close code. */
class Refusal extends Error {
  readonly closeCode: number;
  readonly headers: Record<string, string>;

  constructor(message: string, closeCode: number = closeCodes.protocolError, headers: Record<string, string> = {}) {
    super(message);
    this.closeCode = closeCode;
    this.headers = headers;
  }
}

export class StompSession implements ConnectionListener, Subscriber {
  readonly #host: SessionHost;
  readonly #connection: Connection;
  readonly #parser = new FrameParser();
  readonly #held: Holding;
  /** Wire id → destination. */
  readonly #subscriptions = new Map<string, string>();
  readonly #connectTimer: NodeJS.Timeout;
  #frameTimer: NodeJS.Timeout | undefined;
  /** Bytes of a transport's message that has not come whole. */
  #partialBytes = 0;
  #bytesBeforeConnect = 0;
  /** How often its rights were checked since it connected. */
  #checkCount = 0;
  #working: Promise<void> | undefined;
  #state: "new" | "connected" | "ended" = "new";
  #connectionClosed = false;
  #paused = false;
  #draining = false;
  #version: StompVersion = "1.2";
  #principal: Principal | undefined;
  #heartBeat: HeartBeat | undefined;
  #desk: Desk | undefined;

  readonly #onEnded: () => void;

  /** `onEnded` comes exactly once, admitted or not. */
  constructor(host: SessionHost, connection: Connection, onEnded: () => void) {
    this.#host = host;
    this.#onEnded = onEnded;
    this.#connection = connection;
    this.#held = host.inbound.open({ key: connection.address, bytesMax: bytesOfStrangerMax });
    this.#connectTimer = setTimeout(() => this.#fail("No CONNECT in time", closeCodes.tooSlow), connectDeadlineMs);
  }

  get transport(): Connection["transport"] {
    return this.#connection.transport;
  }

  get address(): string {
    return this.#connection.address;
  }

  // --- what the transport tells

  onData(chunk: Uint8Array): boolean {
    if (this.#state === "ended" || this.#draining) return true;
    this.#heartBeat?.noteRead();
    this.#partialBytes = 0;
    if (this.#state === "new") this.#bytesBeforeConnect += chunk.length;
    this.#parser.push(chunk);
    if (!this.#mayKeep()) return false;
    const frame = this.#working ? undefined : this.#nextFrame();
    if (frame) this.#working = this.#work(frame);
    this.#pauseWhenMuch();
    return true;
  }

  onPartial(byteCount: number): void {
    if (this.#state === "ended" || this.#draining) return;
    this.#partialBytes = byteCount;
    this.#mayKeep();
  }

  onClose(): void {
    this.#connectionClosed = true;
    this.#desk?.leave();
    // Frames that came whole before the close are still done: a client may send and hang up at once.
    if (!this.#working) this.#finish();
  }

  // --- what the server asks

  deliver(message: OutgoingMessage): void {
    if (this.#state !== "connected" || this.#connectionClosed) return;
    this.#send(message);
  }

  /** It keeps more waiting for it than anybody may. */
  cutOff(): void {
    this.#host.onCutOff();
    this.#fail("Too slow", closeCodes.tooSlow);
  }

  /** Others need its place: it has not connected. */
  evict(): void {
    this.#fail("Too many connections wait for CONNECT", closeCodes.tooMany);
  }

  /** The login behind this session ended. */
  endLogin(): void {
    this.#fail("Login ended", closeCodes.loginEnded);
  }

  /** What its user may hear has changed: subscriptions that would be refused now end. Never throws. */
  async checkSubscriptions(): Promise<void> {
    const principal = this.#principal;
    this.#checkCount += 1;
    if (!principal) return;
    try {
      for (const [wireId, destination] of this.#subscriptions) {
        if (destination === errorQueue || (await this.#host.ports.maySubscribe(principal, destination))) continue;
        if (!this.#subscriptions.delete(wireId)) continue;
        this.#host.broker.unsubscribe(destination, wireId, this);
        this.#noteStopped(destination);
      }
    } catch (error) {
      // Nobody can tell what it may hear: it hears nothing, and comes again.
      this.#refuse(error, undefined);
    }
  }

  #noteStopped(destination: string): void {
    if (this.#principal) this.#host.ports.stoppedListening?.(this, this.#principal, destination);
  }

  /** Takes no more bytes, finishes the frames that came, then closes: the server is going away. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#working;
    this.#end(closeCodes.shutdown, "Going away");
  }

  // --- one frame after the other

  async #work(first: RawFrame | FrameError): Promise<void> {
    for (let frame: RawFrame | FrameError | undefined = first; frame !== undefined; frame = this.#nextFrame()) {
      await this.#perform(frame);
      await this.#host.turns.next();
    }
    this.#working = undefined;
    if (this.#connectionClosed) this.#finish();
  }

  /**
   * The next frame whose turn has come, or the fault in its place: frames that were complete before it come first,
   * nothing after it is read.
   */
  #nextFrame(): RawFrame | FrameError | undefined {
    const frame = this.#isEnded() ? undefined : this.#parse();
    if (this.#isEnded() || frame instanceof FrameError) this.#parser.clear();
    this.#timeRestOfFrame(frame === undefined && this.#parser.keptBytes > 0);
    this.#held.trySet(this.#parser.keptBytes + this.#partialBytes);
    if (this.#paused && this.#parser.keptBytes < waitingBytesPause / 2) {
      this.#paused = false;
      this.#heartBeat?.resumeHearing();
      this.#connection.resumeReading();
    }
    return frame;
  }

  #parse(): RawFrame | FrameError | undefined {
    try {
      return this.#parser.next();
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#draining = true;
      return error;
    }
  }

  /** The time runs from the first byte of a frame that is not whole, however many come after it. */
  #timeRestOfFrame(begun: boolean): void {
    if (begun) {
      this.#frameTimer ??= setTimeout(
        () => this.#fail("Frame not complete in time", closeCodes.tooSlow, this.#receiptOfBegun()),
        frameDeadlineMs,
      );
      return;
    }
    clearTimeout(this.#frameTimer);
    this.#frameTimer = undefined;
  }

  /** Of the frame that has not come whole, as far as its headers were read. */
  #receiptOfBegun(): string | undefined {
    return receiptOf(this.#parser.begunHeaderLines, this.#version);
  }

  /** Counts what is kept. False: it is too much, and the session has ended. */
  #mayKeep(): boolean {
    const keptBytes = this.#parser.keptBytes + this.#partialBytes;
    if (this.#state === "new" && this.#bytesBeforeConnect + this.#partialBytes > bytesBeforeConnectMax) {
      this.#fail("Too much before CONNECT", closeCodes.protocolError, this.#receiptOfBegun());
    } else if (keptBytes > waitingBytesMax || !this.#held.trySet(keptBytes)) {
      this.#fail("Too much is waiting", closeCodes.tooMany);
    }
    return !this.#isEnded();
  }

  #pauseWhenMuch(): void {
    if (this.#paused || this.#parser.keptBytes <= waitingBytesPause) return;
    this.#paused = true;
    this.#heartBeat?.pauseHearing();
    this.#connection.pauseReading();
  }

  /** A method, because the state changes while a frame is awaited and the compiler would not know. */
  #isEnded(): boolean {
    return this.#state === "ended";
  }

  async #perform(frame: RawFrame | FrameError): Promise<void> {
    if (frame instanceof FrameError) return this.#refuse(frame, receiptOf(frame.headerLines, this.#version));
    let headers: Headers | undefined;
    try {
      if (this.#state === "new" && frame.command !== "CONNECT" && frame.command !== "STOMP")
        throw new Refusal("Not connected");
      headers = decodeHeaders(frame, this.#version);
      if (frame.body.length > 0 && frame.command !== "SEND") throw new Refusal("Only SEND may have a body");
      await this.#dispatch(frame, headers);
    } catch (error) {
      this.#refuse(error, headers?.get("receipt") ?? receiptOf(frame.headerLines, this.#version));
    }
  }

  #refuse(error: unknown, receipt: string | undefined): void {
    if (error instanceof Refusal) return this.#fail(error.message, error.closeCode, receipt, error.headers);
    if (error instanceof FrameError) return this.#fail(error.message, closeCodes.protocolError, receipt);
    if (error instanceof TooManyFailuresError) return this.#fail(error.message, closeCodes.tooMany, receipt);
    this.#host.onFault(error);
    this.#fail("Service unavailable", closeCodes.serverError, receipt);
  }

  async #dispatch(frame: RawFrame, headers: Headers): Promise<void> {
    if (this.#desk?.takes(frame.command) === true) {
      this.#desk.perform(frame.command, headers, frame.body);
      return this.#receipt(headers);
    }
    switch (frame.command) {
      case "CONNECT":
      case "STOMP":
        return this.#connect(headers);
      case "SUBSCRIBE":
        return this.#subscribe(headers);
      case "UNSUBSCRIBE":
        return this.#unsubscribe(headers);
      case "SEND":
        return this.#sendMessage(headers, frame.body);
      case "DISCONNECT":
        this.#receipt(headers);
        return this.#end(closeCodes.normal, "");
      case "ACK":
      case "NACK":
        throw new Refusal("Acknowledgements are not supported");
      case "BEGIN":
      case "COMMIT":
      case "ABORT":
        throw new Refusal("Transactions are not supported");
      default:
        throw new Refusal("Unknown command");
    }
  }

  async #connect(headers: Headers): Promise<void> {
    if (this.#state === "connected") throw new Refusal("Already connected");
    const version = pickVersion(headers.get("accept-version"));
    if (!version)
      throw new Refusal("No common version", closeCodes.protocolError, { version: stompVersions.join(",") });
    const terms = negotiateHeartBeat(headers.get("heart-beat"));
    if (!terms) throw new Refusal("Malformed heart-beat");
    const principal = this.#connection.principal ?? (await this.#authenticate(headers));
    if (this.#isEnded() || this.#connectionClosed) return;
    if (!this.#held.tryMoveTo({ key: principal.userId, bytesMax: bytesOfUserMax }))
      throw new Refusal("Too much is waiting", closeCodes.tooMany);
    if (!this.#host.admit(this, principal)) throw new Refusal("Too many connections", closeCodes.tooMany);
    clearTimeout(this.#connectTimer);
    this.#principal = principal;
    this.#version = version;
    this.#state = "connected";
    const { exchange } = this.#host.ports.profile;
    if (exchange) this.#desk = new Desk(exchange, this, principal.userId, version);
    this.#reply("CONNECTED", {
      version,
      "heart-beat": `${heartBeatMs},${heartBeatMs}`,
      server: "rollcall",
      session: randomUUID(),
    });
    this.#heartBeat = new HeartBeat(
      terms,
      () => this.#connection.send(beat),
      () => this.#fail("Heart-beat missing", closeCodes.tooSlow),
    );
  }

  async #authenticate(headers: Headers): Promise<Principal> {
    const { logIn } = this.#host.ports.profile;
    if (logIn) return this.#admit(await logIn(headers.get("login"), headers.get("passcode"), this.address));
    const token = /^Bearer +(\S+)$/.exec(headers.get("Authorization") ?? "")?.[1];
    const principal = token === undefined ? undefined : await this.#host.ports.authenticate(token);
    return this.#admit(principal, token);
  }

  #admit(principal: Principal | undefined, token?: string): Principal {
    if (principal) return principal;
    this.#host.ports.noteRefusedConnect(token, this.#connection.address);
    throw new Refusal("Authentication required");
  }

  async #subscribe(headers: Headers): Promise<void> {
    const destination = headers.get("destination");
    const id = headers.get("id");
    if (!destination) throw new Refusal("SUBSCRIBE needs a destination");
    if (!id && (this.#version !== "1.0" || id !== undefined)) throw new Refusal("SUBSCRIBE needs an id");
    if ((headers.get("ack") ?? "auto") !== "auto") throw new Refusal("Only ack:auto is supported");
    const wireId = id === undefined ? "" : escapeHeader(id, this.#version);
    if (this.#subscriptions.has(wireId)) throw new Refusal("Subscription id is in use");
    if (this.#subscriptions.size >= subscriptionsMax) throw new Refusal("Too many subscriptions");
    if (destination !== errorQueue) {
      const principal = this.#principal;
      let checkCount: number;
      do {
        checkCount = this.#checkCount;
        if (!principal || !(await this.#host.ports.maySubscribe(principal, destination)))
          throw new Refusal("Access denied");
        // Rights that were lost meanwhile were checked without this subscription: they are asked again.
      } while (checkCount !== this.#checkCount);
      if (this.#isEnded() || this.#connectionClosed) return;
      this.#host.broker.subscribe(destination, wireId, this);
    }
    this.#subscriptions.set(wireId, destination);
    if (this.#principal) await this.#host.ports.listening?.(this, this.#principal, destination);
    this.#receipt(headers);
  }

  #unsubscribe(headers: Headers): void {
    const id = headers.get("id");
    const destination = headers.get("destination");
    if (id === undefined && (this.#version !== "1.0" || destination === undefined))
      throw new Refusal("UNSUBSCRIBE needs an id");
    const wireId = id === undefined ? "" : escapeHeader(id, this.#version);
    const subscribed = this.#subscriptions.get(wireId);
    if (subscribed !== undefined && (id !== undefined || subscribed === destination)) {
      this.#subscriptions.delete(wireId);
      this.#host.broker.unsubscribe(subscribed, wireId, this);
      this.#noteStopped(subscribed);
    }
    this.#receipt(headers);
  }

  async #sendMessage(headers: Headers, body: Buffer): Promise<void> {
    const destination = headers.get("destination");
    if (!destination) throw new Refusal("SEND needs a destination");
    if (headers.has("transaction")) throw new Refusal("Transactions are not supported");
    const { applicationPrefix } = this.#host.ports.profile;
    if (!destination.startsWith(`${applicationPrefix}/`)) throw new Refusal("Access denied");
    const principal = this.#principal;
    if (!principal) throw new Refusal("Not connected");
    // Decoded leniently, bytes that are not UTF-8 would be stored as something the sender never said.
    const refusal = isUtf8(body)
      ? await this.#host.ports.send(principal, destination, body.toString("utf8"))
      : notUtf8();
    if (refusal) this.#tellError(refusal);
    else this.#receipt(headers);
  }

  #tellError(refusal: ErrorResponse): void {
    const body = Buffer.from(JSON.stringify(refusal));
    const id = randomUUID();
    for (const [wireId, destination] of this.#subscriptions) {
      if (destination === errorQueue) this.deliver(new OutgoingMessage(messageFrame(errorQueue, id, wireId, body)));
    }
  }

  // --- what goes out

  /** Whatever it is that a client does not read (messages, receipts), it is cut off when too much of it waits. */
  #send(message: OutgoingMessage): void {
    this.#heartBeat?.noteWrite();
    this.#connection.send(message);
    if (this.#connection.queuedBytes() <= queuedBytesMax) return;
    this.#host.onCutOff();
    this.#end(closeCodes.tooSlow, "Too slow");
  }

  #reply(command: string, headers: Record<string, string>, body?: Buffer): void {
    if (this.#state === "ended" || this.#connectionClosed) return;
    this.#send(new OutgoingMessage(encodeFrame(command, headers, body)));
  }

  #receipt(headers: Headers): void {
    const receipt = headers.get("receipt");
    if (receipt !== undefined) this.#reply("RECEIPT", { "receipt-id": escapeHeader(receipt, this.#version) });
  }

  #fail(message: string, closeCode: number, receipt?: string, extra: Record<string, string> = {}): void {
    const body = Buffer.from(message);
    const headers: Record<string, string> = { message: escapeHeader(message, this.#version), ...extra };
    if (receipt !== undefined) headers["receipt-id"] = escapeHeader(receipt, this.#version);
    headers["content-type"] = "text/plain;charset=UTF-8";
    headers["content-length"] = String(body.length);
    this.#reply("ERROR", headers, body);
    this.#end(closeCode, message);
  }

  #end(code: number, reason: string): void {
    if (this.#state === "ended") return;
    this.#finish();
    this.#connection.end(code, reason);
  }

  /** Leaves nothing behind. May be called again. */
  #finish(): void {
    if (this.#state === "ended") return;
    const admitted = this.#state === "connected";
    this.#state = "ended";
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#frameTimer);
    this.#heartBeat?.stop();
    this.#desk?.close();
    this.#parser.clear();
    this.#held.close();
    for (const [wireId, destination] of this.#subscriptions) this.#host.broker.unsubscribe(destination, wireId, this);
    for (const destination of this.#subscriptions.values()) this.#noteStopped(destination);
    this.#subscriptions.clear();
    if (admitted && this.#principal) this.#host.dismiss(this, this.#principal);
    this.#onEnded();
  }
}

/** The highest version both sides know. No header means a 1.0 client. */
function pickVersion(acceptVersion: string | undefined): StompVersion | undefined {
  const accepted = (acceptVersion ?? "1.0").split(",").map((version) => version.trim());
  return stompVersions.findLast((version) => accepted.includes(version));
}

/**
 * The receipt that a frame asked for, as far as its headers can be read: a client waits for an answer to exactly this
 * frame.
 */
function receiptOf(headerLines: readonly string[], version: StompVersion): string | undefined {
  const line = headerLines.find((header) => header.startsWith("receipt:"));
  if (line === undefined) return undefined;
  try {
    return decodeHeaders({ command: "", headerLines: [line], body: Buffer.alloc(0) }, version).get("receipt");
  } catch (error) {
    if (error instanceof FrameError) return undefined;
    throw error;
  }
}

function notUtf8(): ErrorResponse {
  const message = "The body is not UTF-8 text";
  const timestamp = new Date().toISOString();
  return { timestamp, code: "INVALID_REQUEST", message, details: null, exceptionType: "InvalidRequest", status: 400 };
}
