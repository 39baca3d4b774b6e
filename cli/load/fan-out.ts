// What the search of fan-out came to, as a verdict: a knee that was found and holds at nine tenths is a result; that
// nothing holds, or the knee does not hold again, fails; what we or the machine spoilt is inconclusive.

import colors from "picocolors";
import type { FanOutResult, FanOutStep } from "../../load/fan-out.ts";
import type { Step } from "../../load/knee.ts";
import { objective, verdictOf, type Asked, type Objective } from "./summary.ts";

export interface FanOutSummary {
  scenario: string;
  url: string;
  system: string;
  connections: number;
  p99Ms: number;
  steps: (FanOutStep & { rate: number; held: Step<unknown>["held"] })[];
  /** Messages a second, and what they were in deliveries; undefined: not even the first rate held. */
  knee?: { rate: number; deliveriesPerSecond: number };
  objectives: Objective[];
  verdict: "pass" | "fail" | "inconclusive";
  because: string[];
  exitCode: 0 | 1 | 2;
}

export function fanOutSummaryOf(
  { steps, knee, confirmed, isFound }: Pick<FanOutResult, "steps" | "knee" | "confirmed" | "isFound">,
  { scenario, connections, p99Ms, url, system }: Omit<Asked, "backMs" | "messages">,
): FanOutSummary {
  const last = steps.at(-1);
  const spoilt = steps.find(({ held }) => held === "spoilt");
  const objectives = [
    objective(
      `at some rate everything comes in time, with a p99 of at most ${p99Ms} ms`,
      knee === undefined && last?.held === "broke"
        ? [`${perSecond(last.rate)}: ${last.detail.because.join("; ")}`]
        : [],
    ),
    objective(
      "the highest such rate is found, and holds again at nine tenths",
      confirmed?.held === "broke" ? [`at nine tenths of the knee: ${confirmed.detail.because.join("; ")}`] : [],
      [
        ...(spoilt === undefined ? [] : [`${perSecond(spoilt.rate)}: ${spoilt.detail.because.join("; ")}`]),
        ...(isFound || spoilt !== undefined
          ? []
          : [`it still holds at ${perSecond(last?.rate ?? 0)}: nothing beyond is tried`]),
      ],
    ),
  ];
  return {
    scenario,
    url,
    system,
    connections,
    p99Ms,
    steps: steps.map(({ rate, held, detail }) => ({ rate, held, ...detail })),
    ...(knee === undefined ? {} : { knee: { rate: knee.rate, deliveriesPerSecond: knee.detail.deliveriesPerSecond } }),
    objectives,
    ...verdictOf(objectives),
  };
}

const perSecond = (rate: number): string => `${rate} ${rate === 1 ? "message" : "messages"} a second`;

/** One line of the search. */
const stepLine = ({ rate, held, detail }: Step<FanOutStep>): string =>
  [
    perSecond(rate).padStart(24),
    `${detail.deliveriesPerSecond} deliveries a second`,
    `p50 ${detail.deliveryMs.p50.toFixed(0)} ms`,
    `p99 ${detail.deliveryMs.p99.toFixed(0)} ms`,
    [held, ...detail.because].join(": "),
  ].join(" · ");

export function printFanOut({ url, system, connections, knee, steps, verdict, because, p99Ms }: FanOutSummary): void {
  const paint = { pass: colors.green, fail: colors.red, inconclusive: colors.magenta }[verdict];
  console.log(`\n${colors.bold(url)} (${system})`);
  for (const { rate, held, ...detail } of steps) console.log(stepLine({ rate, held, detail }));
  if (knee !== undefined)
    console.log(
      `${connections} connections hear ${perSecond(knee.rate)}, ${knee.deliveriesPerSecond} deliveries a second, with a p99 of at most ${p99Ms} ms`,
    );
  console.log(`${paint(verdict)}${because.length === 0 ? "" : `: ${because.join("; ")}`}`);
}
