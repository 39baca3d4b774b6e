// Which faults were on, and how is an instant described by them? "1.2 s after server-2 was killed" says more than "at
// 81.3 s".

import type { FaultInterval } from "./ledger.ts";

/** A fault is named as the likely cause of what happened this long before it came or after it was healed. */
const nearMs = 15_000;
/** Slower than this, counted from the sending or from the healing of a fault, is late. */
const lateMs = 5_000;

const secondsOf = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** "at 81.3 s", or "1.2 s after server-2 was killed". */
export function tellInstant(atMs: number, faults: readonly FaultInterval[]): string {
  const on = faults.findLast(({ onAtMs, healedAtMs }) => onAtMs <= atMs && atMs <= healedAtMs + nearMs);
  if (on !== undefined) return `${secondsOf(atMs - on.onAtMs)} after ${on.text.replace(/\.$/, "")}`;
  const coming = faults.find(({ onAtMs }) => onAtMs > atMs && onAtMs - atMs <= nearMs);
  if (coming !== undefined) return `${secondsOf(coming.onAtMs - atMs)} before ${coming.text.replace(/\.$/, "")}`;
  return `at ${secondsOf(atMs)}`;
}

/** Whether it was sent while a fault was on, so shortly before that its delivery was under way, or so shortly after. */
export const isNear = (sentAtMs: number, faults: readonly FaultInterval[]): boolean =>
  faults.some(({ onAtMs, healedAtMs }) => sentAtMs >= onAtMs - lateMs && sentAtMs <= healedAtMs + lateMs);

/**
 * Whether a push took too long, the faults that were on meanwhile forgiven: what was healed before the sending is
 * longer ago than that.
 */
export function isLate(sentAtMs: number, pushedAtMs: number, faults: readonly FaultInterval[]): boolean {
  if (pushedAtMs - sentAtMs <= lateMs) return false;
  return faults.every(({ onAtMs, healedAtMs }) => onAtMs > pushedAtMs || pushedAtMs - healedAtMs > lateMs);
}
