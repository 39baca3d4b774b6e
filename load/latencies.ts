// How long deliveries took, in bounded memory: an HDR histogram, from a microsecond to 71 minutes with three digits. Each
// power of two has as many steps, so what is long is kept as precisely as what is short. What another process counted
// is added up. Source: hdrhistogram.org.

/** 1,024 steps between a number and its double: three digits. Below the first 2,048 each number has its own. */
const stepBits = 10;
const steps = 2 ** stepBits;
const longest = 2 ** 32 - 1;

/** What can be sent to another process. */
export interface LatencyCounts {
  counts: Float64Array;
  maxUs: number;
}

/** The same where little was counted: places, and how often each. */
export interface SparseCounts {
  places: Uint32Array;
  counts: Float64Array;
  maxUs: number;
}

export class LatencyHistogram {
  readonly #counts = new Float64Array((32 - stepBits + 1) * steps);
  #count = 0;
  #maxUs = 0;

  record(microseconds: number): void {
    // A clock that two processes read may differ by some microseconds.
    const us = Math.min(Math.max(1, Math.round(microseconds)), longest);
    this.#counts[placeOf(us)]! += 1;
    this.#count += 1;
    if (us > this.#maxUs) this.#maxUs = us;
  }

  add({ counts, maxUs }: LatencyCounts): void {
    for (const [place, count] of counts.entries()) {
      this.#counts[place]! += count;
      this.#count += count;
    }
    this.#maxUs = Math.max(this.#maxUs, maxUs);
  }

  addSparse({ places, counts, maxUs }: SparseCounts): void {
    for (const [at, place] of places.entries()) {
      this.#counts[place]! += counts[at]!;
      this.#count += counts[at]!;
    }
    this.#maxUs = Math.max(this.#maxUs, maxUs);
  }

  get sparse(): SparseCounts {
    const places: number[] = [];
    if (this.#count > 0) for (const [place, count] of this.#counts.entries()) if (count > 0) places.push(place);
    const counts = Float64Array.from(places, (place) => this.#counts[place]!);
    return { places: Uint32Array.from(places), counts, maxUs: this.#maxUs };
  }

  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#maxUs = 0;
  }

  get counts(): LatencyCounts {
    return { counts: this.#counts, maxUs: this.#maxUs };
  }

  get count(): number {
    return this.#count;
  }

  /** In milliseconds; 0 where nothing was recorded. `percentile`: 0 to 100. */
  msAt(percentile: number): number {
    // 99.9 % of 1,000 are 999, whatever binary fractions make of it.
    let left = Math.max(1, Math.ceil((percentile * this.#count) / 100 - 1e-6));
    for (const [place, count] of this.#counts.entries())
      if ((left -= count) <= 0) return Math.min(highestAt(place), this.#maxUs) / 1_000;
    return 0;
  }

  get maxMs(): number {
    return this.#maxUs / 1_000;
  }
}

/** How often a number is halved before it has a step. */
const halvings = (us: number): number => Math.max(0, 31 - stepBits - Math.clz32(us));

function placeOf(us: number): number {
  const shift = halvings(us);
  return shift * steps + (us >>> shift);
}

/** The highest number of a place. */
function highestAt(place: number): number {
  const shift = Math.max(0, Math.floor(place / steps) - 1);
  return (place - shift * steps + 1) * 2 ** shift - 1;
}
