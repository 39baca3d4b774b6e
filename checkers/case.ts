// What are all subscriptions judged with? The ledger, the final logs, where the findings go, and columns per message
// that are laid out once for all.

import type { FinalLogs } from "./final-logs.ts";
import type { Findings, PairAnomaly } from "./findings.ts";
import type { Ledger } from "./ledger.ts";
import { unsent } from "./messages.ts";

/** Pairs. `once`: owed and without a finding; `late` ones are counted there too. `missed`: promises.ts. */
export type Deliveries = Record<"once" | PairAnomaly | "late" | "unknown" | "missed", number>;

export interface Case {
  ledger: Ledger;
  logs: FinalLogs;
  findings: Findings;
  deliveries: Deliveries;
  /** Messages of each room in the order of sending. */
  ofRoom: readonly Uint32Array[];
  /** Per message: the bits of the subscription that is being judged. */
  state: Uint32Array;
  /** Per message: the subscription and epoch that were last pushed it. */
  pushedIn: Uint32Array;
  /** Per event id: the last subscription that was pushed it. */
  eventIn: Uint32Array;
}

export function openCase(ledger: Ledger, logs: FinalLogs, findings: Findings, deliveries: Deliveries): Case {
  const { count } = ledger.messages;
  return {
    ledger,
    logs,
    findings,
    deliveries,
    ofRoom: messagesOfRooms(ledger),
    state: new Uint32Array(count),
    pushedIn: new Uint32Array(count),
    eventIn: new Uint32Array(ledger.eventIds.list.length),
  };
}

function messagesOfRooms({ messages, rooms }: Ledger): Uint32Array[] {
  const counts = new Uint32Array(rooms.list.length);
  for (let message = 0; message < messages.count; message++)
    if (messages.fate[message] !== unsent) counts[messages.room[message]!]!++;
  const ofRoom = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (let message = 0; message < messages.count; message++)
    if (messages.fate[message] !== unsent) {
      const room = messages.room[message]!;
      ofRoom[room]![counts[room]!++] = message;
    }
  return ofRoom;
}
