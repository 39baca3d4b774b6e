// What became of every delivery that a load run owed? For runs that are too large for a history: eight bytes for each
// listener and publisher who share a room, and some more where something is missing; 100,000 listeners × 100 publishers
// are 80 MB. Terms: lane – what one publisher says in one room, numbered from 0 in the order of sending; ear – one
// subscription to one room, for as long as its connection lives: who comes back has a new one; gap – numbers of a lane
// that an ear skipped. All instants are monotonic milliseconds of one machine.

/** What one publisher said in one room. Instants by number; sending never goes back in time. */
export interface Lane {
  room: number;
  sentAtMs: readonly number[];
  /** NaN: never, or it is not known. */
  acknowledgedAtMs: readonly number[];
}

/** What became of what was owed, and what came beside it. Deliveries, each of one message to one ear. */
export interface Account {
  /** Acknowledged messages × the ears that were there from before they were sent until they were acknowledged. */
  expected: number;
  delivered: number;
  lost: number;
  duplicate: number;
  /** Came after a later one of its lane. */
  reordered: number;
  /** Of a lane of another room. */
  foreign: number;
  /** Heard, and not owed: sent before the ear was there, or of unknown fate. */
  unowed: number;
  /**
   * Acknowledged, not heard, and owed to nobody: before a listener's ear died they were not acknowledged yet, and its
   * next one came later or never.
   */
  missed: number;
  /** The first of each kind, and how many there are without a line. */
  findings: Finding[];
  omitted: number;
}

export interface Finding {
  anomaly: "lost" | "duplicate" | "reordered" | "foreign";
  lane: number;
  sequence: number;
  ear: number;
}

export type Heard = "new" | "duplicate" | "reordered" | "foreign";

const nothing = 0xffff_ffff;
const findingsMax = 200;
/** Numbers of all gaps together, at 16 bytes: who loses more has lost, whatever came late. */
const gapsMax = 4_000_000;

/** What the ears of one process heard. */
export class Ears {
  /** Room → its lanes. */
  readonly #lanesOf: readonly (readonly number[])[];
  /** Lane → its place among those of its room. */
  readonly #placeOf: Uint32Array;
  readonly #roomOf: Uint32Array;
  readonly #rooms: number[] = [];
  readonly #listeners: number[] = [];
  readonly #offsets: number[] = [];
  readonly #confirmedAtMs: number[] = [];
  readonly #diedAtMs: number[] = [];
  /** Per cell: the lowest number heard, and the highest and one. */
  #first = new Uint32Array(1_024).fill(nothing);
  #next = new Uint32Array(1_024);
  #cellCount = 0;
  /** Cell → from, to, from, to … in ascending order, `to` not included. */
  readonly #gaps = new Map<number, number[]>();
  #gapCount = 0;
  readonly counts = { duplicate: 0, reordered: 0, foreign: 0 };
  readonly findings: Finding[] = [];
  omitted = 0;

  /** @param roomOfLane The room of each lane, by its number. */
  constructor(roomOfLane: readonly number[]) {
    this.#roomOf = Uint32Array.from(roomOfLane);
    this.#placeOf = new Uint32Array(roomOfLane.length);
    const lanesOf: number[][] = [];
    for (const [lane, room] of roomOfLane.entries()) this.#placeOf[lane] = (lanesOf[room] ??= []).push(lane) - 1;
    this.#lanesOf = lanesOf;
  }

  get count(): number {
    return this.#rooms.length;
  }

  /** A subscription of `listener` to `room`; what it hears is counted from now on. */
  open(listener: number, room: number): number {
    const ear = this.#rooms.push(room) - 1;
    this.#listeners.push(listener);
    this.#offsets.push(this.#cellCount);
    this.#confirmedAtMs.push(Number.NaN);
    this.#diedAtMs.push(Number.NaN);
    this.#cellCount += this.#lanesOf[room]?.length ?? 0;
    if (this.#cellCount > this.#next.length) this.#grow();
    return ear;
  }

  #grow(): void {
    const size = Math.max(this.#cellCount, 2 * this.#next.length);
    const [first, next] = [new Uint32Array(size).fill(nothing), new Uint32Array(size)];
    first.set(this.#first);
    next.set(this.#next);
    [this.#first, this.#next] = [first, next];
  }

  /** From now on everything sent is owed to it. */
  confirm(ear: number, atMs: number): void {
    this.#confirmedAtMs[ear] = atMs;
  }

  /** Its connection ended: nothing more is owed to it. */
  die(ear: number, atMs: number): void {
    this.#diedAtMs[ear] = atMs;
  }

  hear(ear: number, lane: number, sequence: number): Heard {
    if (this.#roomOf[lane] !== this.#rooms[ear]) return this.#note("foreign", ear, lane, sequence);
    const cell = this.#offsets[ear]! + this.#placeOf[lane]!;
    const next = this.#next[cell]!;
    if (sequence === next && this.#first[cell] !== nothing) {
      this.#next[cell] = next + 1;
      return "new";
    }
    if (this.#first[cell] === nothing) {
      this.#first[cell] = sequence;
      this.#next[cell] = sequence + 1;
      return "new";
    }
    if (sequence > next) {
      this.#skip(cell, next, sequence);
      this.#next[cell] = sequence + 1;
      return "new";
    }
    const first = this.#first[cell]!;
    if (sequence < first) {
      this.#skip(cell, sequence + 1, first);
      this.#first[cell] = sequence;
      return this.#note("reordered", ear, lane, sequence);
    }
    return this.#note(this.#fill(cell, sequence) ? "reordered" : "duplicate", ear, lane, sequence);
  }

  #note<Anomaly extends Exclude<Finding["anomaly"], "lost">>(
    anomaly: Anomaly,
    ear: number,
    lane: number,
    sequence: number,
  ): Anomaly {
    this.counts[anomaly] += 1;
    if (this.counts[anomaly] <= findingsMax) this.findings.push({ anomaly, lane, sequence, ear });
    else this.omitted += 1;
    return anomaly;
  }

  /** Throws RangeError when there are more gaps than are kept. */
  #skip(cell: number, from: number, to: number): void {
    if (from === to) return;
    if (++this.#gapCount > gapsMax) throw new RangeError(`more than ${gapsMax} gaps`);
    const gaps = this.#gaps.get(cell);
    if (gaps === undefined) this.#gaps.set(cell, [from, to]);
    else if (from >= gaps.at(-1)!) gaps.push(from, to);
    else gaps.unshift(from, to);
  }

  /** Whether the number was missing. */
  #fill(cell: number, sequence: number): boolean {
    const gaps = this.#gaps.get(cell);
    if (gaps === undefined) return false;
    for (let at = 0; at < gaps.length; at += 2) {
      const [from, to] = [gaps[at]!, gaps[at + 1]!];
      if (sequence < from) return false;
      if (sequence >= to) continue;
      const rest = [...(from < sequence ? [from, sequence] : []), ...(sequence + 1 < to ? [sequence + 1, to] : [])];
      gaps.splice(at, 2, ...rest);
      this.#gapCount += rest.length / 2 - 1;
      if (gaps.length === 0) this.#gaps.delete(cell);
      return true;
    }
    return false;
  }

  /** What was owed to these ears, once nothing more is under way. */
  settle(lanes: readonly Lane[]): Account {
    const numbered = lanes.map((lane) => new NumberedLane(lane));
    const account: Account = {
      expected: 0,
      delivered: 0,
      lost: 0,
      ...this.counts,
      unowed: 0,
      missed: 0,
      findings: this.findings.slice(),
      omitted: this.omitted,
    };
    const goneUntilMs = this.#goneUntil();
    for (const [ear, room] of this.#rooms.entries())
      for (const [place, lane] of (this.#lanesOf[room] ?? []).entries())
        this.#settleOne(account, numbered[lane]!, { ear, lane, cell: this.#offsets[ear]! + place, goneUntilMs });
    return account;
  }

  #settleOne(
    account: Account,
    lane: NumberedLane,
    { ear, lane: laneNumber, cell, goneUntilMs }: { ear: number; lane: number; cell: number; goneUntilMs: number[] },
  ): void {
    const [confirmedAtMs, diedAtMs] = [this.#confirmedAtMs[ear]!, this.#diedAtMs[ear]!];
    const from = Number.isNaN(confirmedAtMs) ? lane.count : lane.sentFrom(confirmedAtMs);
    const to = Number.isNaN(diedAtMs) ? lane.count : lane.acknowledgedUntil(diedAtMs, from);
    let lost = 0;
    const lose = (begin: number, end: number): void => {
      for (let sequence = Math.max(begin, from); sequence < Math.min(end, to); sequence++) {
        if (!lane.isOwed(sequence, diedAtMs)) continue;
        lost += 1;
        if (account.lost + lost <= findingsMax)
          account.findings.push({ anomaly: "lost", lane: laneNumber, sequence, ear });
        else account.omitted += 1;
      }
    };
    const expected = lane.owedIn(from, to, diedAtMs);
    const [first, next] = [this.#first[cell]!, this.#next[cell]!];
    const gaps = this.#gaps.get(cell) ?? [];
    if (first === nothing) lose(from, to);
    else {
      lose(from, first);
      for (let at = 0; at < gaps.length; at += 2) lose(gaps[at]!, gaps[at + 1]!);
      lose(next, to);
    }
    let heard = first === nothing ? 0 : next - first;
    for (let at = 0; at < gaps.length; at += 2) heard -= gaps[at + 1]! - gaps[at]!;
    account.expected += expected;
    account.lost += lost;
    account.delivered += expected - lost;
    account.unowed += heard - (expected - lost);
    if (Number.isNaN(diedAtMs)) return;
    for (let sequence = from, until = lane.sentFrom(goneUntilMs[ear]!); sequence < until; sequence++)
      if (lane.isAcknowledged(sequence) && !lane.isOwed(sequence, diedAtMs) && !this.#hasHeard(cell, sequence))
        account.missed += 1;
  }

  #hasHeard(cell: number, sequence: number): boolean {
    const first = this.#first[cell]!;
    if (first === nothing || sequence < first || sequence >= this.#next[cell]!) return false;
    const gaps = this.#gaps.get(cell) ?? [];
    for (let at = 0; at < gaps.length; at += 2) if (sequence >= gaps[at]! && sequence < gaps[at + 1]!) return false;
    return true;
  }

  /** Ear → when its listener was there again in the same room; Infinity: never. */
  #goneUntil(): number[] {
    const nextAtMs = new Map<string, number>();
    const until: number[] = [];
    for (let ear = this.count - 1; ear >= 0; ear--) {
      const key = `${this.#listeners[ear]} ${this.#rooms[ear]}`;
      until[ear] = nextAtMs.get(key) ?? Infinity;
      const confirmedAtMs = this.#confirmedAtMs[ear]!;
      if (!Number.isNaN(confirmedAtMs)) nextAtMs.set(key, confirmedAtMs);
    }
    return until;
  }
}

/** A lane that can be asked how many of its messages were acknowledged, without counting them each time. */
class NumberedLane {
  readonly #lane: Lane;
  /** How many before each number were acknowledged. */
  readonly #before: Uint32Array;

  constructor(lane: Lane) {
    this.#lane = lane;
    this.#before = new Uint32Array(lane.sentAtMs.length + 1);
    for (const [at, acknowledgedAtMs] of lane.acknowledgedAtMs.entries())
      this.#before[at + 1] = this.#before[at]! + (Number.isNaN(acknowledgedAtMs) ? 0 : 1);
  }

  get count(): number {
    return this.#lane.sentAtMs.length;
  }

  /** The first that was sent then or later. */
  sentFrom(atMs: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#lane.sentAtMs[middle]! < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** One behind the last that was sent before. */
  acknowledgedUntil(atMs: number, from: number): number {
    return Math.max(from, this.sentFrom(atMs));
  }

  isAcknowledged(sequence: number): boolean {
    return !Number.isNaN(this.#lane.acknowledgedAtMs[sequence]!);
  }

  isOwed(sequence: number, diedAtMs: number): boolean {
    return this.isAcknowledged(sequence) && !(this.#lane.acknowledgedAtMs[sequence]! > diedAtMs);
  }

  owedIn(from: number, to: number, diedAtMs: number): number {
    if (Number.isNaN(diedAtMs)) return this.#before[to]! - this.#before[from]!;
    let owed = 0;
    for (let sequence = from; sequence < to; sequence++) if (this.isOwed(sequence, diedAtMs)) owed += 1;
    return owed;
  }
}
