// Who speaks over STOMP: one socket that sends when it is due, whatever was answered so far, and notes what the target
// took.

import { encodeFrame } from "../drivers/codecs/stomp.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import { nowMs } from "./clock.ts";
import { FrameCutter, frames, headerIn, type FrameListener } from "./frames.ts";
import { findMarker, markerOf, type Marker } from "./marker.ts";
import { laneOf, placeholder, type LoadPlan, type Publisher } from "./plan.ts";
import { LoadSocket, type SocketListener, type TextSocket } from "./socket.ts";
import type { Spoken, Voice } from "./voice.ts";

const connectWithinMs = 30_000;

export interface StompVoiceOptions {
  /** Which of the plan's publishers it is. */
  publisher: number;
  ca?: string | undefined;
  localAddress?: string | undefined;
}

export class StompVoice implements Voice, SocketListener, FrameListener {
  readonly lanes: readonly Spoken[];
  readonly #plan: LoadPlan;
  readonly #publisher: number;
  readonly #person: Publisher;
  readonly #cutter = new FrameCutter(this);
  readonly #socket: LoadSocket;
  readonly #connected = Promise.withResolvers<void>();
  readonly #marker: Marker = { lane: 0, sequence: 0, dueUs: 0 };
  #isClosed = false;
  #ended: string | undefined;
  #unknown = 0;
  #lateMsMax = 0;

  constructor(plan: LoadPlan, { publisher, ca, localAddress }: StompVoiceOptions) {
    this.#plan = plan;
    this.#publisher = publisher;
    this.#person = plan.publishers[publisher]!;
    this.lanes = plan.rooms.map((_, room) => ({ room, sentAtMs: [], acknowledgedAtMs: [] }));
    this.#connected.promise.catch(() => undefined); // reported by `ready`
    const { webSocketUrls } = plan;
    this.#socket = new LoadSocket(0, this, {
      url: new URL(webSocketUrls[publisher % webSocketUrls.length]!),
      headers: this.#person.handshake,
      subprotocol: "v12.stomp",
      ...(ca === undefined ? {} : { ca }),
      ...(localAddress === undefined ? {} : { localAddress }),
    });
  }

  async ready(): Promise<void> {
    const late = setTimeout(
      () =>
        this.#connected.reject(new TimeoutError(`Cannot connect the publisher: nothing within ${connectWithinMs} ms`)),
      connectWithinMs,
    );
    try {
      await this.#connected.promise;
    } finally {
      clearTimeout(late);
    }
  }

  get ended(): string | undefined {
    return this.#ended;
  }

  get unknown(): number {
    return this.#unknown;
  }

  get published(): number {
    let sent = 0;
    for (const { sentAtMs } of this.lanes) sent += sentAtMs.length;
    return sent - this.#unknown;
  }

  takeLateMsMax(): number {
    const lateMs = this.#lateMsMax;
    this.#lateMsMax = 0;
    return lateMs;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  say(room: number, dueMs: number): void {
    if (this.#isClosed) return;
    const spoken = this.lanes[room]!;
    const sequence = spoken.sentAtMs.length;
    const lane = laneOf(this.#plan, this.#publisher, room);
    const { destination, headers, body } = this.#person.sends[room]!;
    const text = markerOf({ lane, sequence, dueUs: Math.round(dueMs * 1_000) }) + (this.#plan.padding ?? "");
    const sentAtMs = nowMs();
    this.#lateMsMax = Math.max(this.#lateMsMax, sentAtMs - dueMs);
    spoken.sentAtMs.push(sentAtMs);
    spoken.acknowledgedAtMs.push(Number.NaN);
    this.#unknown += 1;
    this.#socket.send(
      encodeFrame(
        "SEND",
        { destination, ...headers, ...(this.#plan.receipts ? { receipt: `${lane}-${sequence}` } : {}) },
        body.replace(placeholder, () => text),
      ),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.close();
  }

  onOpen(socket: TextSocket): void {
    const { connect } = this.#person;
    socket.send(encodeFrame("CONNECT", { "accept-version": "1.2", "heart-beat": "0,0", ...connect }));
  }

  onMessage(socket: TextSocket, octets: Buffer, from: number, to: number): void {
    if (!this.#cutter.take(0, octets, from, to)) socket.terminate();
  }

  onFrame(_socket: number, octets: Buffer, from: number, to: number): void {
    const first = octets[from];
    if (first === frames.connected) this.#connect();
    else if (first === frames.receipt) {
      const [lane, sequence] = (headerIn(octets, from, to, "receipt-id") ?? "").split("-").map(Number);
      this.#acknowledge(lane!, sequence!);
    } else if (first === frames.message && !this.#plan.receipts && findMarker(octets, from, to, this.#marker)) {
      if (this.#marker.dueUs !== 0) this.#acknowledge(this.#marker.lane, this.#marker.sequence);
    } else if (first === frames.error)
      this.#connected.reject(
        new TargetError(
          "refused",
          `Cannot connect the publisher: ERROR ${headerIn(octets, from, to, "message") ?? ""}`,
        ),
      );
  }

  onClose(_socket: TextSocket, how: string): void {
    if (!this.#isClosed) this.#ended = how;
    this.#isClosed = true;
    this.#connected.reject(new TargetError("closed", `Cannot connect the publisher: ${how}`));
  }

  /** Without RECEIPT frames a message was taken when its sender hears it. */
  #connect(): void {
    if (!this.#plan.receipts)
      for (const { room, headers } of this.#person.rooms)
        this.#socket.send(
          encodeFrame("SUBSCRIBE", { id: `sub-${room}`, destination: this.#plan.rooms[room]!.destination, ...headers }),
        );
    this.#connected.resolve();
  }

  /** Of this one's own lanes: it hears the others', too. */
  #acknowledge(lane: number, sequence: number): void {
    const acknowledgedAtMs = this.lanes[lane - laneOf(this.#plan, this.#publisher, 0)]?.acknowledgedAtMs;
    if (acknowledgedAtMs === undefined || !Number.isNaN(acknowledgedAtMs[sequence] ?? 0)) return;
    acknowledgedAtMs[sequence] = nowMs();
    this.#unknown -= 1;
  }
}
