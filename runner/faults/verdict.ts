// What a fault run came to, as a verdict like any other: fail when the checkers found something, with the way of the
// messages that went wrong.

import type { FaultReport } from "../../checkers/availability.ts";
import { exitCodeOfJudgement, type Judgement } from "../../checkers/judge.ts";
import { storyOf, tell } from "../../checkers/story.ts";
import type { Verdict } from "../../checkers/verdict.ts";
import { HarnessError, TargetError, TimeoutError } from "../../drivers/errors.ts";
import type { FaultRunResult } from "./run.ts";
import { counted } from "../text.ts";

const storiesMax = 10;

export interface Subject {
  id: string;
  text: string;
  source: string;
}

/** What the last run came to; `earlier` are those of the same row that were kept: they count in what was measured. */
export function verdictOf(
  { id, text, source }: Subject,
  { judgement, violations, events, ordered, durationMs }: FaultRunResult,
  earlier: readonly Judgement[],
): Verdict {
  const clause = {
    id: `faults.${id}`,
    level: "MUST",
    text,
    source,
    durationMs,
    measured: tellMeasured([...earlier, judgement]),
  } as const;
  const found = [
    ...violations,
    ...judgement.findings.slice(0, 3).map(({ anomaly, text: sentence }) => `${anomaly}: ${sentence}`),
  ];
  if (found.length > 0) {
    const more = judgement.findings.length + judgement.omitted + violations.length - found.length;
    const stories = judgement.findings.slice(0, storiesMax).map((finding) => tell(storyOf(events, finding)));
    // One order for all is a SHOULD; of a target that was measured to keep none, nothing more is said.
    const isWeak =
      !ordered &&
      violations.length === 0 &&
      judgement.deliveries.reordered === judgement.findings.length + judgement.omitted;
    const said = isWeak ? ({ level: "SHOULD", kind: "weak" } as const) : ({ kind: "fail" } as const);
    return { ...clause, ...said, because: `${found.join("; ")}${more > 0 ? `; and ${more} more` : ""}`, stories };
  }
  if (exitCodeOfJudgement(judgement) === 2)
    return {
      ...clause,
      kind: "inconclusive",
      because: "nothing can be said: the run came to no end, or nothing was owed to anybody",
    };
  return { ...clause, kind: "pass" };
}

/** The run itself failed: whose fault follows from the class of the error. */
export function verdictOfError({ id, text, source }: Subject, error: unknown, durationMs: number): Verdict {
  const clause = { id: `faults.${id}`, level: "MUST", text, source, durationMs } as const;
  if (error instanceof TargetError || error instanceof TimeoutError)
    return { ...clause, kind: "fail", because: error.message };
  const because =
    error instanceof HarnessError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  return { ...clause, kind: "broken", because };
}

/**
 * Availability is reported apart from loss: a target may refuse or be silent while a fault is on, as long as it says
 * the truth. One line per kind of fault.
 */
function tellMeasured(judgements: readonly Judgement[]): string[] {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const faults = Map.groupBy(
    judgements.flatMap(({ availability }) => availability),
    ({ fault }) => fault,
  );
  const lines = [...faults].map(([fault, times]) => {
    const sum = (count: (report: FaultReport) => number): number =>
      times.reduce((total, report) => total + count(report), 0);
    const worst = times.toSorted((one, other) => other.silenceMsWorst - one.silenceMsWorst)[0]!;
    const silences = times.map(({ silenceMsMedian }) => silenceMsMedian).toSorted((one, other) => one - other);
    const lasted = seconds(sum(({ onAtMs, healedAtMs }) => (healedAtMs ?? onAtMs) - onAtMs) / times.length);
    return [
      `${fault}${times.length === 1 ? "" : ` × ${times.length}`}, ${lasted}${times.length === 1 ? "" : " each"}: without delivery ${seconds(silences[Math.floor(silences.length / 2)]!)} (median), ${seconds(worst.silenceMsWorst)} (worst, ${worst.silentWorst})`,
      `sends ${sum(({ sends }) => sends.acknowledged)} acknowledged, ${sum(({ sends }) => sends.refused)} refused, ${sum(({ sends }) => sends.unknown)} unanswered, slowest answer ${seconds(Math.max(...times.map(({ acknowledgeMsMax }) => acknowledgeMsMax)))}`,
    ].join("; ");
  });
  const total = (count: (judgement: Judgement) => number): number =>
    judgements.reduce((sum, judgement) => sum + count(judgement), 0);
  const missed = total((it) => it.deliveries.missed);
  const deliveries = `${total((it) => it.deliveries.once)} deliveries once, of these ${total((it) => it.deliveries.late)} late; ${total((it) => it.deliveries.unknown)} of unanswered sends${missed === 0 ? "" : `; ${missed} missed, as the definition's promises allow`}`;
  return [
    `${judgements.length === 1 ? "" : `${judgements.length} runs, `}${counted(
      total((it) => it.messages.sent),
      "message",
    )}: ${deliveries}`,
    ...lines,
  ];
}
