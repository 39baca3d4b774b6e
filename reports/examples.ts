// Literal runs for the tests of the reports: one verdict of each kind, with texts that no format may take as they are.

import { countsOf, exitCodeOf, scoredCount, verdictKinds, type Verdict } from "../checkers/verdict.ts";
import type { Report, RunReport } from "./report.ts";

/** Control characters, markup, a lone surrogate, quotes, "]]>". */
export const nasty = "a\u0000b\u0007c\uFFFE <script>alert(1)</script> & \"quoted\" 'single' ]]> \uD800 안녕 🎉";

export const verdictsOfEachKind: readonly Verdict[] = verdictKinds.map((kind) => ({
  id: `send.example-${kind}`,
  level: kind === "weak" ? "SHOULD" : "MUST",
  kind,
  text: `A clause that is ${kind} ${nasty}.`,
  source: "STOMP, send",
  durationMs: 12.3,
  ...(kind === "pass" ? {} : { because: `because ${nasty}` }),
  ...(kind === "untested" ? { owner: "login.returns-the-token" } : {}),
  ...(kind === "fail" ? { diagnosis: `dots, not slashes ${nasty}` } : {}),
  ...(kind === "fail" || kind === "broken"
    ? {
        evidence: [
          { atMs: 1.25, connection: "stomp A#1", direction: "received" as const, text: `MESSAGE\n\n${nasty}` },
        ],
      }
    : {}),
}));

export function runOf(verdicts: readonly Verdict[], strict = false): RunReport {
  const counts = countsOf(verdicts);
  return {
    run: "abc123",
    target: {
      name: `chat ${nasty}`,
      system: "discodeit-1",
      instances: ["http://127.0.0.1:8080"],
      capabilities: ["admin"],
      origin: "own",
    },
    manifest: {
      contractVersion: "0.1.0",
      seed: 7,
      clausesInSet: 289,
      clausesSelected: verdicts.length,
      clausesJudged: verdicts.length,
      clausesScored: scoredCount(counts),
      interrupted: false,
      leftBehind: ["user x"],
    },
    canary: { honest: false, because: `liar ${nasty}` },
    baseline: {
      receipts: true,
      ordered: false,
      greets: true,
      deliveryMsP50: 1.5,
      deliveryMsP99: 4.4,
      deadlineMs: 3_000,
      clockOffsetMs: 0,
      note: "2 neighbours swapped",
    },
    strict,
    exitCode: exitCodeOf(verdicts, strict),
    durationMs: 1_234,
    counts,
    verdicts,
  };
}

export const reportOf = (...runs: RunReport[]): Report => ({
  schema: 1,
  rollcall: "0.1.0",
  createdAt: "2026-01-02T03:04:05.678Z",
  runs,
  broken: [],
});
