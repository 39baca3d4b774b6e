// How a run went over time, a sample a second.

import type { Progress } from "../../../load/engine.ts";
import type { ProcessSampler, Taken } from "../process-sampler.ts";

export interface Sample {
  /** Since the first connection. */
  seconds: number;
  /** Now, and not in all. */
  connected: number;
  published: number;
  /** Deliveries in this second, and how long they took. */
  deliveries: number;
  deliveryMs: { p50: number; p99: number; max: number };
  /** So far. */
  dropped: number;
  returned: number;
  /** What the server's process takes, where it is known. */
  server?: Taken;
}

/** Two hours; a run that lasts longer keeps its beginning. */
const samplesMax = 7_200;

export class Samples {
  readonly all: Sample[] = [];
  readonly #server: ProcessSampler | undefined;
  #heard = 0;

  constructor(server?: ProcessSampler) {
    this.#server = server;
  }

  add({ atMs, subscribed, published, heard, deliveryMs, dropped, left, returned }: Progress): void {
    const server = this.#server?.sample();
    const deliveries = heard - this.#heard;
    this.#heard = heard;
    if (this.all.length >= samplesMax) return;
    const seconds = Math.round(atMs / 100) / 10;
    // Where who is dropped comes back, it is among those who left.
    const connected = subscribed - Math.max(left, dropped) + returned;
    const sample = { seconds, connected, published, deliveries, deliveryMs, dropped, returned };
    this.all.push(server === undefined ? sample : { ...sample, server });
  }
}
