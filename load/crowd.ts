// Those who listen, thousands in one process: each socket connects, subscribes to one room, and counts what it hears.
// One timer opens them all; nothing is kept for a socket but its numbers. Terms: ear – see checkers/deliveries.ts.

import { encodeFrame } from "../drivers/codecs/stomp.ts";
import type { Ears } from "../checkers/deliveries.ts";
import { nowMs } from "./clock.ts";
import { FrameCutter, frames, headerIn, type FrameListener } from "./frames.ts";
import { findMarker, type Marker } from "./marker.ts";
import { socketsPerPerson, type LoadPlan, type Person } from "./plan.ts";
import { LoadSocket, type SocketListener } from "./socket.ts";

/** Where nothing says when a SUBSCRIBE took effect. */
const settleMs = 2_000;
const openEveryMs = 10;
/** Who could not come back waits so long: stompjs waits 5 s, EventSource 3 s, and both may be told otherwise. */
const tryAgainAfterMs = 1_000;
/** So long before we see that a connection was cut it may have been: what was under way then is missed, not lost. */
const cutSeenWithinMs = 1_000;

export interface CrowdShare {
  /** The sockets of this process, by their numbers in the whole run. */
  from: number;
  to: number;
  /** Of the whole run: its sockets open evenly in this time. */
  connections: number;
  rampMs: number;
  /** By nowMs(). */
  startMs: number;
  localAddress?: string;
  ca?: string;
}

export interface CrowdCounts {
  opened: number;
  subscribed: number;
  /** Never subscribed: no handshake, an ERROR, or cut off before. */
  refused: number;
  /** Subscribed, and cut off before the end. */
  dropped: number;
  /** We dropped them ourselves, to see them come back. */
  left: number;
  /** Subscribed again. */
  returned: number;
  /** Attempts to come back that failed; each was followed by another. */
  failures: number;
  heard: number;
}

export const noCounts = (): CrowdCounts => ({
  opened: 0,
  subscribed: 0,
  refused: 0,
  dropped: 0,
  left: 0,
  returned: 0,
  failures: 0,
  heard: 0,
});

const reasonsMax = 20;

/** What a delivery took, from when it was due to be sent until its octets were read. */
interface Latencies {
  record(microseconds: number): void;
}

/** Of a socket. */
const [opening, connecting, listening, gone] = [1, 2, 3, 4];

export class Crowd implements SocketListener, FrameListener {
  readonly counts = noCounts();
  /** Why nobody was let in, or how a connection ended: how often, for the first few of them. */
  readonly reasons = new Map<string, number>();
  readonly #plan: LoadPlan;
  readonly #share: CrowdShare;
  readonly #ears: Ears;
  readonly #latencies: Latencies;
  /** From the drop of all until each was subscribed again. */
  readonly #returns: Latencies;
  /** The newest of each number. */
  readonly #sockets: LoadSocket[] = [];
  /** Who is opened next, and since when the others are. */
  #opened = 0;
  #ramp: { startMs: number; lastsMs: number };
  #stormMs: number | undefined;
  /** Who tries again to come back, and when, soonest first. */
  readonly #waiting: { socket: number; atMs: number }[] = [];
  readonly #states: Uint8Array;
  readonly #earOf: Int32Array;
  readonly #cutter = new FrameCutter(this);
  /** Socket → the ERROR that it got; its close follows. */
  readonly #refusals = new Map<number, string>();
  readonly #marker: Marker = { lane: 0, sequence: 0, dueUs: 0 };
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;
  /** When the octets that are looked at were read. */
  #readAtMs = 0;

  constructor(plan: LoadPlan, share: CrowdShare, ears: Ears, latencies: Latencies, returns: Latencies) {
    this.#plan = plan;
    this.#share = share;
    this.#ears = ears;
    this.#latencies = latencies;
    this.#returns = returns;
    this.#ramp = { startMs: share.startMs, lastsMs: share.rampMs };
    this.#states = new Uint8Array(share.to - share.from);
    this.#earOf = new Int32Array(share.to - share.from).fill(-1);
  }

  /** Begins to open the sockets. */
  start(): void {
    this.#timer = setInterval(() => this.#openDue(), openEveryMs);
  }

  /** All lose their connections at once, without a word, and come back evenly in this time. */
  storm(rampMs: number): void {
    const stormMs = nowMs();
    for (const [number, socket] of this.#sockets.entries()) {
      if (this.#states[number] === listening) {
        this.counts.left += 1;
        this.#ears.die(this.#earOf[number]!, stormMs - cutSeenWithinMs);
      }
      this.#states[number] = gone!;
      socket.terminate();
    }
    this.#stormMs = stormMs;
    this.#opened = 0;
    this.#ramp = { startMs: stormMs, lastsMs: rampMs };
    clearInterval(this.#timer);
    this.start();
  }

  /** Nobody listens any more, and that is no failure. */
  close(): void {
    clearInterval(this.#timer);
    this.#isClosing = true;
    for (const socket of this.#sockets) socket.close();
  }

  #openDue(): void {
    const { connections, from, to } = this.#share;
    const { startMs, lastsMs } = this.#ramp;
    const dueCount = lastsMs === 0 ? connections : Math.floor(((nowMs() - startMs) / lastsMs) * connections);
    const until = Math.min(to, from + Math.ceil(((to - from) * Math.min(dueCount, connections)) / connections));
    for (; from + this.#opened < until; this.#opened++) this.#open(this.#opened);
    if (this.#stormMs === undefined && this.#opened === to - from) clearInterval(this.#timer);
    while (this.#waiting.length > 0 && this.#waiting[0]!.atMs <= nowMs()) this.#open(this.#waiting.shift()!.socket);
  }

  #open(socket: number): void {
    const { webSocketUrls } = this.#plan;
    const { localAddress, ca, from } = this.#share;
    const number = from + socket;
    // What came of a frame on its last connection is no part of the next.
    this.#cutter.forget(socket);
    this.#states[socket] = opening!;
    this.#sockets[socket] = new LoadSocket(socket, this, {
      url: new URL(webSocketUrls[number % webSocketUrls.length]!),
      headers: this.#personOf(number).handshake,
      subprotocol: "v12.stomp",
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(ca === undefined ? {} : { ca }),
    });
  }

  /** As many neighbours have one account as may. */
  #personOf(number: number): Person {
    const { listeners } = this.#plan;
    return listeners[Math.floor(number / socketsPerPerson) % listeners.length]!;
  }

  #roomOf(number: number): Person["rooms"][number] {
    const { rooms } = this.#personOf(number);
    return rooms[number % rooms.length]!;
  }

  onOpen(socket: LoadSocket): void {
    this.counts.opened += 1;
    this.#states[socket.number] = connecting!;
    const { connect } = this.#personOf(this.#share.from + socket.number);
    socket.send(encodeFrame("CONNECT", { "accept-version": "1.2", "heart-beat": "0,0", ...connect }));
  }

  onMessage(socket: LoadSocket, octets: Buffer, from: number, to: number): void {
    this.#readAtMs = nowMs();
    if (!this.#cutter.take(socket.number, octets, from, to)) socket.terminate();
  }

  onFrame(socket: number, octets: Buffer, from: number, to: number): void {
    const first = octets[from];
    if (first === frames.message) this.#hear(socket, octets, from, to);
    else if (first === frames.connected) this.#subscribe(socket);
    else if (first === frames.receipt) this.#confirm(socket, 0);
    // A close follows.
    else if (first === frames.error)
      this.#refusals.set(socket, `ERROR ${(headerIn(octets, from, to, "message") ?? "").slice(0, 80)}`);
  }

  #subscribe(socket: number): void {
    const number = this.#share.from + socket;
    const { room, headers } = this.#roomOf(number);
    const { receipts, rooms } = this.#plan;
    this.#earOf[socket] = this.#ears.open(number, room);
    this.#sockets[socket]!.send(
      encodeFrame("SUBSCRIBE", {
        id: `sub-${room}`,
        destination: rooms[room]!.destination,
        ...headers,
        ...(receipts ? { receipt: "ready" } : {}),
      }),
    );
    if (!receipts) this.#confirm(socket, settleMs);
  }

  #confirm(socket: number, laterMs: number): void {
    if (this.#states[socket] !== connecting) return;
    this.#states[socket] = listening!;
    if (this.#stormMs === undefined) this.counts.subscribed += 1;
    else {
      this.counts.returned += 1;
      this.#returns.record((this.#readAtMs - this.#stormMs) * 1_000);
    }
    this.#ears.confirm(this.#earOf[socket]!, this.#readAtMs + laterMs);
  }

  #hear(socket: number, octets: Buffer, from: number, to: number): void {
    const ear = this.#earOf[socket]!;
    // What was said before the run, in the rehearsal, was due at 0.
    if (ear < 0 || !findMarker(octets, from, to, this.#marker) || this.#marker.dueUs === 0) return;
    const { lane, sequence, dueUs } = this.#marker;
    this.counts.heard += 1;
    if (this.#ears.hear(ear, lane, sequence) === "new") this.#latencies.record(this.#readAtMs * 1_000 - dueUs);
  }

  onClose(socket: LoadSocket, how: string): void {
    const { number } = socket;
    // Another one has its place.
    if (this.#sockets[number] !== socket) return;
    const state = this.#states[number];
    this.#states[number] = gone!;
    this.#cutter.forget(number);
    if (this.#isClosing || state === gone) return;
    const why = this.#refusals.get(number) ?? how;
    this.#refusals.delete(number);
    if (this.reasons.size < reasonsMax || this.reasons.has(why))
      this.reasons.set(why, (this.reasons.get(why) ?? 0) + 1);
    if (state === listening) {
      this.counts.dropped += 1;
      this.#ears.die(this.#earOf[number]!, nowMs() - cutSeenWithinMs);
    } else if (this.#stormMs === undefined) this.counts.refused += 1;
    else {
      this.counts.failures += 1;
      this.#waiting.push({ socket: number, atMs: nowMs() + tryAgainAfterMs });
    }
  }
}
