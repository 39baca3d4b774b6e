// When do people open and close their tabs? Each stays for a while, goes, and comes again, for as long as the run lasts.
// Nothing is kept for one but an instant. Units: ms.

export interface VisitsShape {
  /** How long a tab is open, and how long it is closed, on average; each time between half of it and half as much more. */
  staysMs: number;
  awayMs: number;
}

export class Visits {
  readonly #shape: VisitsShape;
  readonly #dueAtMs: Float64Array;
  readonly #counts: Uint32Array;

  constructor(shape: VisitsShape, connections: number) {
    this.#shape = shape;
    this.#dueAtMs = new Float64Array(connections).fill(Infinity);
    this.#counts = new Uint32Array(connections);
  }

  /** It is open, and will be closed. */
  stay(number: number, nowMs: number): void {
    this.#plan(number, nowMs, this.#shape.staysMs);
  }

  /** It is closed, and will be opened. */
  leave(number: number, nowMs: number): void {
    this.#plan(number, nowMs, this.#shape.awayMs);
  }

  /** Until it is open again, nothing is planned for it. */
  forget(number: number): void {
    this.#dueAtMs[number] = Infinity;
  }

  /** Each once. */
  *due(nowMs: number): Generator<number> {
    // Asked a hundred times a second: no pair is made for each.
    for (let number = 0; number < this.#dueAtMs.length; number++) {
      if (this.#dueAtMs[number]! > nowMs) continue;
      this.forget(number);
      yield number;
    }
  }

  #plan(number: number, nowMs: number, meanMs: number): void {
    const count = (this.#counts[number]! += 1);
    this.#dueAtMs[number] = nowMs + meanMs * (0.5 + spread(number, count));
  }
}

/** From 0 to 1, the same in each run. */
function spread(number: number, count: number): number {
  const mixed = Math.imul(number + 1, 0x9e37_79b1) ^ Math.imul(count + 1, 0x85eb_ca6b);
  return (Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae35) >>> 0) / 2 ** 32;
}
