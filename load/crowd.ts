// Those who listen, thousands in one process: each has a line to one room, and counts what it hears. One timer opens them
// all; nothing is kept for a listener but its numbers. Terms: ear – see checkers/deliveries.ts.

import type { Ears } from "../checkers/deliveries.ts";
import { nowMs } from "./clock.ts";
import { roomOf, type Line, type LineListener, type Lines } from "./lines.ts";
import { findMarker, type Marker } from "./marker.ts";
import type { LoadPlan } from "./plan.ts";
import { StompLines } from "./stomp-lines.ts";
import { StreamLines } from "./stream-lines.ts";
import { Visits, type VisitsShape } from "./visits.ts";

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
  /** Whoever loses its connection comes back. */
  returning: boolean;
  /** One of so many reads slowly, or not at all; nothing is owed to it. */
  slowOneIn?: number;
  /** Each closes its line after a while and opens it again, which is no loss. */
  visits?: VisitsShape;
  localAddress?: string;
  ca?: string;
}

export interface CrowdCounts {
  opened: number;
  subscribed: number;
  /** Never subscribed: no handshake, an ERROR, or cut off before. */
  refused: number;
  /** Subscribed, and cut off before the end, not by us. */
  dropped: number;
  /** Lost or closed their connection, by us or not, and are to come back. */
  left: number;
  /** Subscribed again. */
  returned: number;
  /** Attempts to come back that failed; each was followed by another. */
  failures: number;
  heard: number;
  /** Read slowly, or not at all, and how many of them the target cut off. */
  slow: number;
  slowCut: number;
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
  slow: 0,
  slowCut: 0,
});

const reasonsMax = 20;
/** Who reads slowly takes what has come, at most 64 KiB, so often. */
const slowReadEveryMs = 1_000;

/** Times, each from one instant to another. */
interface Times {
  record(microseconds: number): void;
}

export interface CrowdTimes {
  /** From when it was due to be sent until its octets were read; without what was missed and came afterwards. */
  latencies: Times;
  /** From when it lost its connection until it was there again. */
  returns: Times;
  /** Of what was missed: from when its listener was there again until it came. */
  replays: Times;
}

/** Of a listener. */
const [opening, connecting, listening, gone] = [1, 2, 3, 4];

export class Crowd implements LineListener {
  readonly counts = noCounts();
  /** Why nobody was let in, or how a connection ended: how often, for the first few of them. */
  readonly reasons = new Map<string, number>();
  readonly #plan: LoadPlan;
  readonly #share: CrowdShare;
  readonly #ears: Ears;
  readonly #times: CrowdTimes;
  readonly #lines: Lines;
  /** The newest of each number. */
  readonly #current: Line[] = [];
  /** Who is opened next, and since when the others are. */
  #opened = 0;
  #ramp: { startMs: number; lastsMs: number };
  /** Who tries again to come back, and when, soonest first. */
  readonly #waiting: { listener: number; atMs: number }[] = [];
  readonly #states: Uint8Array;
  readonly #earOf: Int32Array;
  /** When it lost its connection, and was there again; 0: never. */
  readonly #leftAtMs: Float64Array;
  readonly #backAtMs: Float64Array;
  readonly #visits: Visits | undefined;
  readonly #marker: Marker = { lane: 0, sequence: 0, dueUs: 0 };
  #timer: NodeJS.Timeout | undefined;
  #slowTimer: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(plan: LoadPlan, share: CrowdShare, ears: Ears, times: CrowdTimes) {
    const { from, to, startMs, rampMs, visits, localAddress, ca } = share;
    this.#plan = plan;
    this.#share = share;
    this.#ears = ears;
    this.#times = times;
    this.#ramp = { startMs, lastsMs: rampMs };
    this.#states = new Uint8Array(to - from);
    this.#earOf = new Int32Array(to - from).fill(-1);
    this.#leftAtMs = new Float64Array(to - from);
    this.#backAtMs = new Float64Array(to - from);
    this.#visits = visits === undefined ? undefined : new Visits(visits, to - from);
    const options = { ...(localAddress === undefined ? {} : { localAddress }), ...(ca === undefined ? {} : { ca }) };
    this.#lines =
      plan.streams === undefined
        ? new StompLines(plan, this, options)
        : new StreamLines(plan, plan.streams, this, options);
  }

  /** Begins to open the lines. */
  start(): void {
    this.#timer = setInterval(() => this.#openDue(), openEveryMs);
  }

  /** All lose their connections at once, without a word, and come back evenly in this time. */
  storm(rampMs: number): void {
    const stormMs = nowMs();
    for (const [number, line] of this.#current.entries()) {
      if (this.#states[number] === listening) this.#leave(number, stormMs);
      this.#states[number] = gone!;
      line.terminate();
    }
    this.#waiting.length = 0;
    this.#opened = 0;
    this.#ramp = { startMs: stormMs, lastsMs: rampMs };
  }

  #leave(number: number, atMs: number): void {
    const { returning } = this.#share;
    if (returning) this.counts.left += 1;
    this.#leftAtMs[number] = atMs;
    // What is replayed is owed to it all the time.
    if (!returning || !this.#lines.replays) this.#ears.die(this.#earOf[number]!, atMs - cutSeenWithinMs);
  }

  /** All read again: only who reads sees that it was cut off. */
  wake(): void {
    clearInterval(this.#slowTimer);
    this.#slowTimer = undefined;
    for (const [number, line] of this.#current.entries()) if (this.#isSlow(number)) line.resume();
  }

  /** One is slow, the next one reads nothing. */
  #isSlow(number: number): boolean {
    const { slowOneIn, from } = this.#share;
    return slowOneIn !== undefined && (from + number) % slowOneIn === slowOneIn - 1;
  }

  #beSlow(line: Line): void {
    this.counts.slow += 1;
    line.pause();
    this.#slowTimer ??= setInterval(() => {
      for (const [number, each] of this.#current.entries())
        if (this.#isSlow(number) && (this.#share.from + number) % (2 * this.#share.slowOneIn!) < this.#share.slowOneIn!)
          each.resume();
    }, slowReadEveryMs);
  }

  /** Nobody listens any more, and that is no failure. */
  close(): void {
    clearInterval(this.#slowTimer);
    clearInterval(this.#timer);
    this.#isClosing = true;
    for (const line of this.#current) line.close();
  }

  #openDue(): void {
    const { connections, from, to } = this.#share;
    const { startMs, lastsMs } = this.#ramp;
    const dueCount = lastsMs === 0 ? connections : Math.floor(((nowMs() - startMs) / lastsMs) * connections);
    const until = Math.min(to, from + Math.ceil(((to - from) * Math.min(dueCount, connections)) / connections));
    for (; from + this.#opened < until; this.#opened++) this.#open(this.#opened);
    if (!this.#share.returning && this.#opened === to - from) clearInterval(this.#timer);
    while (this.#waiting.length > 0 && this.#waiting[0]!.atMs <= nowMs()) this.#open(this.#waiting.shift()!.listener);
    if (this.#visits !== undefined) this.#comeAndGo(this.#visits, nowMs());
  }

  #comeAndGo(visits: Visits, atMs: number): void {
    for (const number of visits.due(atMs)) {
      if (this.#states[number] !== listening) {
        this.#open(number);
        continue;
      }
      this.#leave(number, atMs);
      this.#states[number] = gone!;
      this.#current[number]!.close();
      visits.leave(number, atMs);
    }
  }

  #open(listener: number): void {
    this.#states[listener] = opening!;
    this.#current[listener] = this.#lines.open(listener, this.#share.from + listener);
  }

  onOpen({ number }: Line): void {
    this.counts.opened += 1;
    this.#states[number] = connecting!;
    if (this.#lines.replays && this.#leftAtMs[number]! > 0) return;
    const listener = this.#share.from + number;
    this.#earOf[number] = this.#ears.open(listener, roomOf(this.#plan, listener).room);
  }

  onReady(line: Line, laterMs: number): void {
    const { number } = line;
    if (this.#states[number] !== connecting) return;
    const atMs = nowMs();
    this.#states[number] = listening!;
    this.#visits?.stay(number, atMs);
    if (this.#isSlow(number)) {
      this.counts.subscribed += 1;
      return this.#beSlow(line);
    }
    const leftAtMs = this.#leftAtMs[number]!;
    if (leftAtMs === 0) this.counts.subscribed += 1;
    else {
      this.counts.returned += 1;
      // Who closed a tab missed nothing.
      if (this.#visits === undefined) this.#backAtMs[number] = atMs;
      this.#times.returns.record((atMs - leftAtMs) * 1_000);
      if (this.#lines.replays) return;
    }
    this.#ears.confirm(this.#earOf[number]!, atMs + laterMs);
  }

  onText(line: Line, octets: Buffer, from: number, to: number): void {
    const { number } = line;
    if (this.#isSlow(number)) {
      if (this.#slowTimer !== undefined && this.#states[number] === listening) line.pause();
      return;
    }
    const ear = this.#earOf[number]!;
    // What was said before the run, in the rehearsal, was due at 0.
    if (ear < 0 || !findMarker(octets, from, to, this.#marker) || this.#marker.dueUs === 0) return;
    const { lane, sequence, dueUs } = this.#marker;
    const nowUs = nowMs() * 1_000;
    this.counts.heard += 1;
    if (this.#ears.hear(ear, lane, sequence) !== "new") return;
    const backAtUs = this.#backAtMs[number]! * 1_000;
    if (dueUs < backAtUs) this.#times.replays.record(nowUs - backAtUs);
    else this.#times.latencies.record(nowUs - dueUs);
  }

  onClose({ number }: Line, how: string): void {
    const state = this.#states[number];
    this.#states[number] = gone!;
    if (this.#isClosing || state === gone) return;
    if (state === listening && this.#isSlow(number)) return void (this.counts.slowCut += 1);
    if (this.reasons.size < reasonsMax || this.reasons.has(how))
      this.reasons.set(how, (this.reasons.get(how) ?? 0) + 1);
    this.#visits?.forget(number);
    if (state === listening) {
      this.counts.dropped += 1;
      this.#leave(number, nowMs());
    } else if (this.#leftAtMs[number] === 0) this.counts.refused += 1;
    else this.counts.failures += 1;
    if (this.#share.returning && this.#leftAtMs[number]! > 0)
      this.#waiting.push({ listener: number, atMs: nowMs() + tryAgainAfterMs });
  }
}
