// What did a fault cost while it was on? Reported apart from loss: a server may refuse, be slow or be silent, as long
// as it says the truth. Terms: window – from the fault's beginning to 15 s after its healing, but not beyond the next
// fault, whose silence is its own, nor beyond the last traffic of the run; silence – the longest time in the window
// without a push to a subscription that was owed something in it.

import type { FaultInterval, Ledger, Subscription } from "./ledger.ts";
import { acknowledged, refused, unsent } from "./messages.ts";
import { firstFrom, pushedFlag } from "./rows.ts";

export interface FaultReport {
  fault: string;
  text: string;
  onAtMs: number;
  /** Absent: never. */
  healedAtMs?: number;
  sends: { acknowledged: number; refused: number; unknown: number };
  /** 0: nothing was acknowledged. */
  acknowledgeMsMax: number;
  /** How many were owed something; with none, the silences are 0 and `silentWorst` is empty. */
  subscriptions: number;
  silenceMsMedian: number;
  silenceMsWorst: number;
  /** The subscription that waited longest. */
  silentWorst: string;
}

const afterHealingMs = 15_000;

export function availabilityOf(ledger: Ledger): FaultReport[] {
  const lastTrafficMs = Math.max(
    0,
    lastOf(ledger.messages.sentAtMs, ledger.messages.count),
    ...ledger.subscriptions.map(({ rows }) => lastOf(rows.atMs, rows.length)),
  );
  return ledger.faults.map((interval) => {
    const { onAtMs, healedAtMs } = interval;
    const nextMs = Math.min(
      ...ledger.faults.filter((other) => other.onAtMs >= healedAtMs).map((other) => other.onAtMs),
    );
    return reportOf(interval, Math.max(onAtMs, Math.min(healedAtMs + afterHealingMs, nextMs, lastTrafficMs)), ledger);
  });
}

const lastOf = (column: Float64Array, length: number): number => (length === 0 ? 0 : column[length - 1]!);

function reportOf({ fault, text, onAtMs, healedAtMs }: FaultInterval, untilMs: number, ledger: Ledger): FaultReport {
  const sends = { acknowledged: 0, refused: 0, unknown: 0 };
  let acknowledgeMsMax = 0;
  const lastSends = new Map<number, Map<number, number>>();
  const { messages } = ledger;
  for (
    let at = firstFrom(messages.count, (number) => messages.sentAtMs[number]!, onAtMs);
    at < messages.count && messages.sentAtMs[at]! <= untilMs;
    at++
  ) {
    const fate = messages.fate[at];
    if (fate === unsent) continue;
    if (fate === acknowledged) noteSend(lastSends, messages.room[at]!, messages.sender[at]!, messages.sentAtMs[at]!);
    if (messages.sentAtMs[at]! > healedAtMs) continue;
    sends[fate === acknowledged ? "acknowledged" : fate === refused ? "refused" : "unknown"]++;
    if (fate === acknowledged)
      acknowledgeMsMax = Math.max(acknowledgeMsMax, messages.acknowledgedAtMs[at]! - messages.sentAtMs[at]!);
  }
  const silences = ledger.subscriptions
    .filter((subscription) => isOwed(subscription, lastSends))
    .map((subscription) => ({ name: subscription.name, ms: silenceOf(subscription, onAtMs, untilMs) }))
    .sort((a, b) => a.ms - b.ms);
  const worst = silences.at(-1);
  return {
    fault,
    text,
    onAtMs,
    ...(healedAtMs === Infinity ? {} : { healedAtMs }),
    sends,
    acknowledgeMsMax,
    subscriptions: silences.length,
    silenceMsMedian: silences[silences.length >> 1]?.ms ?? 0,
    silenceMsWorst: worst?.ms ?? 0,
    silentWorst: worst?.name ?? "",
  };
}

function noteSend(lastSends: Map<number, Map<number, number>>, room: number, sender: number, sentAtMs: number): void {
  const bySender = lastSends.get(room) ?? new Map<number, number>();
  lastSends.set(room, bySender.set(sender, sentAtMs));
}

function isOwed(
  { rooms, user, ownMessages, firstConfirmedAtMs }: Subscription,
  lastSends: ReadonlyMap<number, ReadonlyMap<number, number>>,
): boolean {
  for (const room of rooms)
    for (const [sender, sentAtMs] of lastSends.get(room) ?? [])
      if (sentAtMs >= firstConfirmedAtMs && (ownMessages || sender !== user)) return true;
  return false;
}

/**
 * The longest time between two neighbours of: the window's edges, the pushes in it. It begins with the first
 * confirmation, if that is later.
 */
function silenceOf({ rows, firstConfirmedAtMs }: Subscription, fromMs: number, untilMs: number): number {
  let lastMs = Math.max(fromMs, firstConfirmedAtMs);
  let longestMs = 0;
  for (
    let at = firstFrom(rows.length, (number) => rows.atMs[number]!, lastMs);
    at < rows.length && rows.atMs[at]! <= untilMs;
    at++
  ) {
    if ((rows.flags[at]! & pushedFlag) === 0) continue;
    longestMs = Math.max(longestMs, rows.atMs[at]! - lastMs);
    lastMs = rows.atMs[at]!;
  }
  return Math.max(longestMs, untilMs - lastMs);
}
