// What `rollcall judge` prints on a terminal: the counts, the first findings as sentences, and what each fault cost.

import colors from "picocolors";
import type { FaultReport } from "../checkers/availability.ts";
import { exitCodeOfJudgement, type Judgement } from "../checkers/judge.ts";
import { plain } from "./console.ts";

const findingsShownMax = 20;

export function printJudgement(judgement: Judgement): void {
  for (const line of describeJudgement(judgement)) console.log(line);
}

/** The same as lines. */
export function describeJudgement(judgement: Judgement): string[] {
  const { messages, deliveries, findings, omitted, availability } = judgement;
  const lines = findings
    .slice(0, findingsShownMax)
    .map(({ anomaly, text }) => `${colors.red(anomaly.padEnd(9))}  ${plain(text)}`);
  const more = findings.length - Math.min(findings.length, findingsShownMax) + omitted;
  if (more > 0) lines.push(colors.dim(`… and ${more} more findings`));
  if (availability.length > 0) lines.push(...tellAvailability(availability));
  lines.push(`messages    ${tellCounts(messages)}`);
  lines.push(`deliveries  ${tellCounts(deliveries)} (message × subscription)`);
  lines.push(tellVerdict(judgement, findings.length + omitted));
  return lines;
}

function tellVerdict(judgement: Judgement, found: number): string {
  const { complete, messages, erased, readers } = judgement;
  const unfinished = complete ? "" : " · the run came to no end: nothing can be called lost or erased";
  if (found > 0)
    return colors.red(
      `${found} ${found === 1 ? "finding" : "findings"}, ${erased} ${erased === 1 ? "message" : "messages"} erased${unfinished}`,
    );
  if (messages.sent === 0) return colors.magenta("nothing was sent");
  if (!complete) return colors.magenta(`no finding${unfinished}`);
  if (exitCodeOfJudgement(judgement) === 0) return colors.green("no finding: every message is accounted for");
  return colors.magenta(
    `nothing can be said: ${readers === 0 ? "nothing was read again at the end" : "nothing was owed to anybody"}`,
  );
}

/** Zeroes of what must not be are printed too: "0 lost" is the answer. */
const tellCounts = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");

function tellAvailability(reports: readonly FaultReport[]): string[] {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const head = [
    "fault",
    "on at",
    "for",
    "acknowledged",
    "refused",
    "unknown",
    "slowest answer",
    "silence: median",
    "worst",
    "of",
  ];
  const rows = reports.map(
    ({ text, onAtMs, healedAtMs, sends, acknowledgeMsMax, silenceMsMedian, silenceMsWorst, silentWorst }) => [
      plain(text),
      seconds(onAtMs),
      healedAtMs === undefined ? "not healed" : seconds(healedAtMs - onAtMs),
      String(sends.acknowledged),
      String(sends.refused),
      String(sends.unknown),
      seconds(acknowledgeMsMax),
      seconds(silenceMsMedian),
      seconds(silenceMsWorst),
      plain(silentWorst),
    ],
  );
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]!.length)));
  const tellRow = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join("  ")
      .trimEnd();
  return [colors.bold(tellRow(head)), ...rows.map(tellRow)];
}
