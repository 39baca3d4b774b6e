// `expect(history).toBeDeliveredExactlyOnce()` for Vitest and Jest: the judge's verdict as an assertion.

import { judge } from "../checkers/judge.ts";
import type { HistoryEvent } from "../checkers/history.ts";
import { Ledger } from "../checkers/ledger.ts";
import { describeJudgement } from "./judgement.ts";

interface MatcherResult {
  pass: boolean;
  message: () => string;
}

/**
 * @example
 *   expect.extend(deliveryMatchers);
 *   expect(await chat.finish()).toBeDeliveredExactlyOnce();
 */
export const deliveryMatchers = {
  /**
   * Everybody heard every message that was theirs once and in order, and nothing else; what was read again at the end
   * has them all. A history in which nothing was owed to anybody does not pass.
   */
  toBeDeliveredExactlyOnce(received: unknown): MatcherResult {
    const judgement = judge(ledgerOf(received));
    const { complete, findings, deliveries } = judgement;
    return {
      pass: complete && findings.length === 0 && deliveries.once > 0,
      message: () => describeJudgement(judgement).join("\n"),
    };
  },
};

/** What the matcher adds to a test framework's own. */
export interface DeliveryMatchers<R = unknown> {
  toBeDeliveredExactlyOnce(): R;
}

function ledgerOf(history: unknown): Ledger {
  if (!Array.isArray(history))
    throw new TypeError("toBeDeliveredExactlyOnce() takes a history, as `await chat.finish()` gives it");
  const ledger = new Ledger();
  for (const event of history as HistoryEvent[]) ledger.add(event);
  return ledger;
}
