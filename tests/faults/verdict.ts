// What a fault run came to, as a verdict like any other: fail when the checkers found something, with the way of the messages that went wrong.

import { exitCodeOfJudgement, type Judgement } from "../../checkers/judge.ts";
import { storyOf, tell } from "../../checkers/story.ts";
import type { Verdict } from "../../checkers/verdict.ts";
import { HarnessError, TargetError, TimeoutError } from "../../drivers/errors.ts";
import type { FaultRunResult } from "./run.ts";

const storiesMax = 10;

export interface Subject {
  id: string;
  text: string;
  source: string;
}

export function verdictOf({ id, text, source }: Subject, { judgement, violations, events, durationMs }: FaultRunResult): Verdict {
  const clause = { id: `faults.${id}`, level: "MUST", text, source, durationMs, measured: tellMeasured(judgement) } as const;
  const found = [...violations, ...judgement.findings.slice(0, 3).map(({ anomaly, text: sentence }) => `${anomaly}: ${sentence}`)];
  if (found.length > 0) {
    const more = judgement.findings.length + judgement.omitted + violations.length - found.length;
    const stories = judgement.findings.slice(0, storiesMax).map((finding) => tell(storyOf(events, finding)));
    return { ...clause, kind: "fail", because: `${found.join("; ")}${more > 0 ? `; and ${more} more` : ""}`, stories };
  }
  if (exitCodeOfJudgement(judgement) === 2) return { ...clause, kind: "inconclusive", because: "the run came to no end, or nothing was sent" };
  return { ...clause, kind: "pass" };
}

/** The run itself failed: whose fault follows from the class of the error. */
export function verdictOfError({ id, text, source }: Subject, error: unknown, durationMs: number): Verdict {
  const clause = { id: `faults.${id}`, level: "MUST", text, source, durationMs } as const;
  if (error instanceof TargetError || error instanceof TimeoutError) return { ...clause, kind: "fail", because: error.message };
  const because = error instanceof HarnessError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ...clause, kind: "broken", because };
}

/** Availability is told apart from loss: a target may refuse or be silent while a fault is on, as long as it says the truth. */
function tellMeasured({ messages, deliveries, availability }: Judgement): string {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const faults = availability.map(
    ({ fault, onAtMs, healedAtMs, sends, acknowledgeMsMax, silenceMsMedian, silenceMsWorst, silentWorst }) =>
      `${fault} ${healedAtMs === undefined ? "to the end" : `for ${seconds(healedAtMs - onAtMs)}`}: ${sends.acknowledged} sends acknowledged, ${sends.refused} refused, ${sends.unknown} unanswered, slowest answer ${seconds(acknowledgeMsMax)}; without delivery ${seconds(silenceMsMedian)} (median), ${seconds(silenceMsWorst)} (${silentWorst})`,
  );
  return [`${messages.sent} messages, ${deliveries.once} deliveries once, ${deliveries.late} late`, ...faults].join(" · ");
}
