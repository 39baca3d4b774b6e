// `rollcall verify --watch`: a round at once, and again whenever the target is back, a file changed or a key was
// pressed, until somebody quits.

import { exitCodeOf } from "../../../checkers/verdict.ts";
import { clausesOf } from "../../../contract/catalogue.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import { Secrets } from "../../../drivers/transcript.ts";
import { printLeftBehind, Progress } from "../../../reports/console.ts";
import type { RunReport } from "../../../reports/report.ts";
import { runContract, type RunResult } from "../../../runner/run.ts";
import type { Target } from "../../../systems/target.ts";
import { interruptedExitCode } from "../../interrupt.ts";
import { reportOf } from "../result.ts";
import { runOptionsOf } from "../run-options.ts";
import type { Settings } from "../settings.ts";
import { UsageError } from "../usage-error.ts";
import { Rounds, type Wish } from "./rounds.ts";
import { printScreen, type Screen } from "./screen.ts";
import { readKeys, Restarts, Triggers, watchFolder } from "./triggers.ts";

/**
 * `anew`: what the target is like is measured again, which takes longer than most clauses. `onJudged` is told what the
 * round came to; what it resolves with comes later, when all that it made is deleted.
 */
type Run = (
  ids: Rounds["all"],
  how: { anew: boolean; signal: AbortSignal; onJudged: (report: RunReport) => void },
) => Promise<unknown>;

/** A server that listens before it can serve is asked again soon. */
const notReadyMs = 500;

/** Rounds until somebody quits. */
export async function runRounds(
  rounds: Rounds,
  triggers: Triggers,
  run: Run,
  show: (screen: Screen) => void,
): Promise<void> {
  triggers.push({ wish: "all", because: "the first" });
  for (;;) {
    const { wish, because } = await triggers.next();
    if (wish === "quit") return;
    const startMs = performance.now();
    const onCame = (came: Screen["came"]): void => show({ rounds, because, tookMs: performance.now() - startMs, came });
    const came = await roundOf(rounds, run, wish, triggers.quits, onCame);
    if (triggers.quits.aborted) return;
    if (typeof came === "string")
      setTimeout(() => triggers.push({ wish: "failed", because: "it was not ready" }), notReadyMs);
    else if (came.fixed.length > 0 && rounds.isOnlyUntested)
      triggers.push({ wish: "failed", because: "what they rest on holds" });
  }
}

/**
 * Shows what it came to, and resolves with that when nothing of the round is under way any more. A server that fails
 * the very first round is no server that restarts: then the error ends it, as without --watch.
 */
async function roundOf(
  rounds: Rounds,
  run: Run,
  wish: Wish,
  signal: AbortSignal,
  show: (came: Screen["came"]) => void,
): Promise<Screen["came"]> {
  let judged: Screen["came"] | undefined;
  const onJudged = (report: RunReport): void => {
    // Half a round would say that nothing is known of what it did not come to.
    if (signal.aborted) return;
    judged = { ...rounds.add(report.verdicts), run: report };
    show(judged);
  };
  try {
    await run(rounds.idsOf(wish), { anew: wish === "all", signal, onJudged });
    return judged ?? "interrupted";
  } catch (error) {
    if (signal.aborted) return "interrupted";
    const isTargets = error instanceof TargetError || error instanceof TimeoutError;
    if (judged !== undefined || rounds.count === 0 || !isTargets) throw error;
    show(error.message);
    return error.message;
  }
}

/** Returns the exit code of what is known at the end. Throws UsageError. */
export async function watchTarget(
  target: Target,
  settings: Settings,
  dir: string | undefined,
  interrupt: AbortSignal,
): Promise<number> {
  const { only } = settings;
  const rounds = new Rounds(clausesOf(target.system.name).filter((id) => only?.includes(id) ?? true));
  const triggers = new Triggers();
  const quit = (): void => triggers.push({ wish: "quit", because: "interrupted" });
  interrupt.addEventListener("abort", quit, { once: true });
  const secrets = new Secrets();
  const progress = new Progress({ quiet: false });
  await using restarts = new Restarts(target.instances[0], triggers);
  using _ = dir === undefined ? undefined : openFolder(dir, triggers, restarts);
  using __ = readKeys(process.stdin, triggers);
  const left = new Map<string, readonly string[]>();
  let last: RunResult | undefined;
  const run: Run = async (ids, { anew, signal, onJudged }) => {
    const before = anew ? undefined : last;
    try {
      const result = await runContract({
        ...runOptionsOf(target, settings, progress),
        onLeftBehind: (name, leftBehind) => void left.set(name, leftBehind),
        onJudged: (judged) => {
          progress.end();
          onJudged(reportOf(judged, settings.strict));
        },
        ...(before === undefined ? {} : { before }),
        only: ids,
        // Without an admin that was guessed and is none.
        target: before?.target ?? target,
        secrets,
        signal,
      });
      left.set(result.run, result.leftBehind);
      // Where nothing was heard, the next round may hear something.
      last = result.baseline.deliveryMsP50 > 0 ? result : undefined;
    } finally {
      progress.end();
    }
  };
  await runRounds(rounds, triggers, run, (screen) =>
    printScreen(typeof screen.came === "string" ? { ...screen, came: secrets.redact(screen.came) } : screen),
  );
  for (const [name, leftBehind] of left) printLeftBehind(name, leftBehind, target);
  return interrupt.aborted ? interruptedExitCode : exitCodeOf(rounds.verdicts, settings.strict);
}

function openFolder(dir: string, triggers: Triggers, restarts: Restarts): Disposable {
  try {
    return watchFolder(dir, triggers, restarts);
  } catch (error) {
    throw new UsageError(`--on-change: cannot watch ${dir}: ${(error as Error).message}`);
  }
}
