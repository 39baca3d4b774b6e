// How long deliveries took: an HDR histogram, from a microsecond to an hour with three digits, which can be sent to
// another process and added up there.

import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from "hdr-histogram-js";

const microsecondsMax = 3_600_000_000;

const empty = (): Histogram =>
  build({ lowestDiscernibleValue: 1, highestTrackableValue: microsecondsMax, numberOfSignificantValueDigits: 3 });

export class LatencyHistogram {
  readonly #histogram = empty();

  record(microseconds: number): void {
    // A clock that two processes read may differ by some microseconds.
    this.#histogram.recordValue(Math.min(Math.max(1, Math.round(microseconds)), microsecondsMax));
  }

  /** Adds what another process encoded. */
  add(encoded: string): void {
    this.#histogram.add(decodeFromCompressedBase64(encoded));
  }

  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** In milliseconds; 0 where nothing was recorded. `percentile`: 0 to 100. */
  msAt(percentile: number): number {
    return this.count === 0 ? 0 : this.#histogram.getValueAtPercentile(percentile) / 1_000;
  }

  get maxMs(): number {
    return this.count === 0 ? 0 : this.#histogram.maxValue / 1_000;
  }
}
