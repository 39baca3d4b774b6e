// Milliseconds that mean the same in every process of this machine, and never go back.

import { performance } from "node:perf_hooks";

const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Since some instant before the machine's last start; fractions are microseconds. */
export const nowMs = (): number => performance.now() + offsetMs;
