// Whoever speaks: one socket that sends when it is due, whatever was answered so far, and notes what the target took.
// Each room is a lane. Terms: lane – see checkers/deliveries.ts.

import type { Lane } from "../checkers/deliveries.ts";
import { encodeFrame } from "../drivers/codecs/stomp.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import { nowMs } from "./clock.ts";
import { FrameCutter, frames, headerIn, type FrameListener } from "./frames.ts";
import { findMarker, markerOf, type Marker } from "./marker.ts";
import { placeholder, type LoadPlan } from "./plan.ts";
import { LoadSocket, type SocketListener } from "./socket.ts";

const connectWithinMs = 30_000;

interface Spoken extends Lane {
  sentAtMs: number[];
  acknowledgedAtMs: number[];
}

export class Voice implements SocketListener, FrameListener {
  /** One for each room of the plan. */
  readonly lanes: readonly Spoken[];
  readonly #plan: LoadPlan;
  readonly #cutter = new FrameCutter(this);
  readonly #socket: LoadSocket;
  readonly #connected = Promise.withResolvers<void>();
  readonly #marker: Marker = { lane: 0, sequence: 0, dueUs: 0 };
  #isClosed = false;
  #ended: string | undefined;
  #unknown = 0;
  #lateMsMax = 0;

  constructor(plan: LoadPlan, { ca, localAddress }: { ca?: string; localAddress?: string } = {}) {
    this.#plan = plan;
    this.lanes = plan.rooms.map((_, room) => ({ room, sentAtMs: [], acknowledgedAtMs: [] }));
    this.#connected.promise.catch(() => undefined); // reported by `ready`
    this.#socket = new LoadSocket(0, this, {
      url: new URL(plan.webSocketUrls[0]!),
      headers: plan.publisher.handshake,
      subprotocol: "v12.stomp",
      ...(ca === undefined ? {} : { ca }),
      ...(localAddress === undefined ? {} : { localAddress }),
    });
  }

  /** Resolves when it may speak. Throws TargetError, TimeoutError. */
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

  /** How the target ended it; undefined: it did not. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** Sent, and neither acknowledged nor refused so far: once or never are both right. */
  get unknown(): number {
    return this.#unknown;
  }

  get published(): number {
    let sent = 0;
    for (const { sentAtMs } of this.lanes) sent += sentAtMs.length;
    return sent - this.#unknown;
  }

  /** How much later than due messages were sent since the last time, at most. */
  takeLateMsMax(): number {
    const lateMs = this.#lateMsMax;
    this.#lateMsMax = 0;
    return lateMs;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** `dueMs`: when it should be sent, by nowMs(). */
  say(room: number, dueMs: number): void {
    if (this.#isClosed) return;
    const lane = this.lanes[room]!;
    const sequence = lane.sentAtMs.length;
    const { destination, headers, body } = this.#plan.rooms[room]!.send;
    const text = markerOf({ lane: room, sequence, dueUs: Math.round(dueMs * 1_000) });
    const sentAtMs = nowMs();
    this.#lateMsMax = Math.max(this.#lateMsMax, sentAtMs - dueMs);
    lane.sentAtMs.push(sentAtMs);
    lane.acknowledgedAtMs.push(Number.NaN);
    this.#unknown += 1;
    this.#socket.send(
      encodeFrame(
        "SEND",
        { destination, ...headers, ...(this.#plan.receipts ? { receipt: `${room}-${sequence}` } : {}) },
        body.replace(placeholder, () => text),
      ),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.close();
  }

  onOpen(socket: LoadSocket): void {
    const { connect } = this.#plan.publisher;
    socket.send(encodeFrame("CONNECT", { "accept-version": "1.2", "heart-beat": "0,0", ...connect }));
  }

  onMessage(socket: LoadSocket, octets: Buffer, from: number, to: number): void {
    if (!this.#cutter.take(0, octets, from, to)) socket.terminate();
  }

  onFrame(_socket: number, octets: Buffer, from: number, to: number): void {
    const first = octets[from];
    if (first === frames.connected) this.#connect();
    else if (first === frames.receipt) {
      const [room, sequence] = (headerIn(octets, from, to, "receipt-id") ?? "").split("-").map(Number);
      this.#acknowledge(room!, sequence!);
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

  onClose(_socket: LoadSocket, how: string): void {
    if (!this.#isClosed) this.#ended = how;
    this.#isClosed = true;
    this.#connected.reject(new TargetError("closed", `Cannot connect the publisher: ${how}`));
  }

  /** Without RECEIPT frames a message was taken when its sender hears it. */
  #connect(): void {
    if (!this.#plan.receipts)
      for (const { room, headers } of this.#plan.publisher.rooms)
        this.#socket.send(
          encodeFrame("SUBSCRIBE", { id: `sub-${room}`, destination: this.#plan.rooms[room]!.destination, ...headers }),
        );
    this.#connected.resolve();
  }

  #acknowledge(room: number, sequence: number): void {
    const acknowledgedAtMs = this.lanes[room]?.acknowledgedAtMs;
    if (acknowledgedAtMs === undefined || !Number.isNaN(acknowledgedAtMs[sequence] ?? 0)) return;
    acknowledgedAtMs[sequence] = nowMs();
    this.#unknown -= 1;
  }
}
