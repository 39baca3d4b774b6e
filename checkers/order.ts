// Does the order of the history agree with the order of sending? By lane: what one connection sent into a room stands
// as it was sent. By time: what was acknowledged before another was sent stands before it. Named is, of two messages
// that stand the wrong way round, the one that stands too late. Source: linearizability of a log, L1–L3.

import type { FinalLogs } from "./final-logs.ts";
import type { Findings } from "./findings.ts";
import type { Ledger } from "./ledger.ts";
import { acknowledged } from "./messages.ts";
import { none } from "./rows.ts";

export function checkSendOrder(ledger: Ledger, logs: FinalLogs, findings: Findings): void {
  const told = new Uint8Array(ledger.messages.count);
  const find = (late: number, early: number, why: string): void => {
    if (told[late] === 1) return;
    told[late] = 1;
    findings.add("reordered", late, ledger.messages.sentAtMs[late]!, {}, (name) => {
      const other = ledger.messages.names.list[early]!;
      return `${name} stands after ${other} in the history of ${findings.roomOf(late)}, but ${why} (${findings.sent(late)})`;
    });
  };
  checkLanes(ledger, logs, find);
  for (const room of logs.readersOf.keys()) checkRealTime(room, ledger, logs, find);
}

type Find = (late: number, early: number, why: string) => void;

function checkLanes({ messages }: Ledger, { position }: FinalLogs, find: Find): void {
  const last = new Int32Array(messages.lanes.list.length).fill(-1);
  for (let message = 0; message < messages.count; message++) {
    if (position[message] === -1 || !keepsLane(messages, message)) continue;
    const lane = messages.lane[message]!;
    const before = last[lane]!;
    if (before >= 0 && position[message]! < position[before]!)
      find(before, message, "was sent before it on one connection");
    last[lane] = message;
  }
}

/** A request without an answer may still be on its way when the next one is sent. */
export function keepsLane({ overRest, fate }: Ledger["messages"], message: number): boolean {
  return overRest[message] === 0 || fate[message] === acknowledged;
}

/**
 * From the end of the history backwards, keeping the least instant of acknowledgement: nothing may have been sent after
 * it.
 */
function checkRealTime(room: number, { messages }: Ledger, { readersOf, position }: FinalLogs, find: Find): void {
  const { rows } = readersOf.get(room)![0]!;
  let least = Infinity;
  let holder = -1;
  for (let at = rows.length - 1; at >= 0; at--) {
    const message = rows.message[at]!;
    if (message === none || position[message] !== at) continue;
    if (messages.sentAtMs[message]! > least) find(holder, message, "was acknowledged before that was sent");
    if (messages.fate[message] === acknowledged && messages.acknowledgedAtMs[message]! < least) {
      least = messages.acknowledgedAtMs[message]!;
      holder = message;
    }
  }
}
