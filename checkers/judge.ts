// Who heard what, exactly once, in order, and who should have? Pure: a run's ledger in, the judgement out. Linear in
// the history. Terms: pair – a message and a subscription. once · lost · duplicate · reordered · foreign · ghost
// (refused, never sent or not in the history, yet heard) · mutated · late (more than 5 s, counted, no finding) ·
// unknown (no answer to the sender: once or never are both right) · missed (not heard, and no more was promised: see
// promises.ts); erased, per message – acknowledged, yet absent from
// a final log. Each rule stands where it is checked: final-logs.ts, order.ts, hearing.ts, stream.ts.

import { availabilityOf, type FaultReport } from "./availability.ts";
import { openCase, type Deliveries } from "./case.ts";
import { checkErased, readFinalLogs } from "./final-logs.ts";
import { Findings, type Finding } from "./findings.ts";
import { Hearing } from "./hearing.ts";
import type { Ledger } from "./ledger.ts";
import { acknowledged, refused, unknown } from "./messages.ts";
import { checkSendOrder } from "./order.ts";
import { checkStream } from "./stream.ts";

export interface Judgement {
  /** All was read to the end. Without that nothing is called lost or erased, it is unknown. */
  complete: boolean;
  /** Logs that were read again at the end. */
  readers: number;
  /** Whether there is a history to read; without one nothing can be read again. */
  readsAgain: boolean;
  messages: { sent: number; acknowledged: number; refused: number; unknown: number };
  deliveries: Deliveries;
  /** Messages. */
  erased: number;
  /** The first 200 of each anomaly, by time. */
  findings: Finding[];
  /** How many more there are. */
  omitted: number;
  availability: FaultReport[];
}

export function judge(ledger: Ledger): Judgement {
  const findings = new Findings(ledger);
  const deliveries: Deliveries = {
    once: 0,
    lost: 0,
    duplicate: 0,
    reordered: 0,
    foreign: 0,
    ghost: 0,
    mutated: 0,
    late: 0,
    unknown: 0,
    missed: 0,
  };
  const logs = readFinalLogs(ledger, findings);
  const erased = ledger.complete ? checkErased(ledger, logs, findings) : 0;
  if (ledger.complete) checkSendOrder(ledger, logs, findings);
  const all = openCase(ledger, logs, findings, deliveries);
  for (let index = 0; index < ledger.subscriptions.length; index++) {
    const hearing = new Hearing(all, index);
    hearing.checkPushed();
    if (ledger.complete && hearing.subscription.transport === "sse") checkStream(hearing);
    // Last: what was found so far is not reported again.
    hearing.checkOwed();
  }
  return {
    complete: ledger.complete,
    readers: ledger.readers.length,
    readsAgain: ledger.promises.history,
    messages: countMessages(ledger),
    deliveries,
    erased,
    findings: findings.list,
    omitted: findings.omitted,
    availability: availabilityOf(ledger),
  };
}

function countMessages({ messages }: Ledger): Judgement["messages"] {
  const counts = { sent: 0, acknowledged: 0, refused: 0, unknown: 0 };
  for (let message = 0; message < messages.count; message++) {
    const fate = messages.fate[message];
    if (fate === acknowledged) counts.acknowledged++;
    else if (fate === refused) counts.refused++;
    else if (fate === unknown) counts.unknown++;
  }
  counts.sent = counts.acknowledged + counts.refused + counts.unknown;
  return counts;
}

/**
 * 0 nothing was found · 1 something was · 2 nothing can be said: the run came to no end, nothing was read again, or
 * nothing was owed to anybody.
 */
export function exitCodeOfJudgement({ findings, complete, readers, readsAgain, deliveries }: Judgement): 0 | 1 | 2 {
  if (findings.length > 0) return 1;
  return complete && (readers > 0 || !readsAgain) && deliveries.once > 0 ? 0 : 2;
}
