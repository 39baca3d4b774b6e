// What the server's process takes while it is loaded: read from /proc, so on Linux alone, and only where it is on this
// machine.

import { readFileSync } from "node:fs";

/** Linux counts processor time in hundredths of a second, whatever the kernel's own clock. */
const ticksPerSecond = 100;

export interface Taken {
  /** Shares of one processor since the last sample. */
  cpu: number;
  memoryMiB: number;
}

export class ProcessSampler {
  readonly #pid: number;
  #lastTicks: number | undefined;
  #lastAtMs = 0;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Undefined: it is gone, this is no Linux, or it is the first time. */
  sample(): Taken | undefined {
    let stat: string;
    let status: string;
    try {
      stat = readFileSync(`/proc/${this.#pid}/stat`, "latin1");
      status = readFileSync(`/proc/${this.#pid}/status`, "latin1");
    } catch {
      return undefined;
    }
    // The name in parentheses may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    const atMs = performance.now();
    const before = this.#lastTicks;
    const cpu = (ticks - (before ?? ticks)) / ticksPerSecond / ((atMs - this.#lastAtMs) / 1_000);
    [this.#lastTicks, this.#lastAtMs] = [ticks, atMs];
    const memoryMiB = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
    return before === undefined || Number.isNaN(memoryMiB) ? undefined : { cpu, memoryMiB };
  }
}
