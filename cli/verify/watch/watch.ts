// `rollcall verify --watch`: a round at once, and again whenever the target is back, a file changed or a key was
// pressed, until somebody quits.

import { exitCodeOf } from "../../../checkers/verdict.ts";
import { clausesOf } from "../../../contract/catalogue.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import { Secrets } from "../../../drivers/transcript.ts";
import { printLeftBehind, Progress } from "../../../reports/console.ts";
import type { RunReport } from "../../../reports/report.ts";
import type { Baseline } from "../../../runner/baseline.ts";
import { runContract } from "../../../runner/run.ts";
import type { Target } from "../../../systems/target.ts";
import { interruptedExitCode } from "../../interrupt.ts";
import { reportOf } from "../result.ts";
import { runOptionsOf } from "../run-options.ts";
import type { Settings } from "../settings.ts";
import { UsageError } from "../usage-error.ts";
import { Rounds, type Wish } from "./rounds.ts";
import { printScreen, type Screen } from "./screen.ts";
import { readKeys, Restarts, Triggers, watchFolder } from "./triggers.ts";

/** `anew`: what the target is like is measured again, which takes longer than most clauses. */
type Run = (ids: Rounds["all"], how: { anew: boolean; signal: AbortSignal }) => Promise<RunReport>;

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
    const came = await roundOf(rounds, run, wish, triggers.quits);
    if (triggers.quits.aborted) return;
    show({ rounds, because, tookMs: performance.now() - startMs, came });
    if (typeof came === "string")
      setTimeout(() => triggers.push({ wish: "failed", because: "it was not ready" }), notReadyMs);
    else if (came.fixed.length > 0 && rounds.isOnlyUntested)
      triggers.push({ wish: "failed", because: "what they rest on holds" });
  }
}

/** A server that fails the very first round is no server that restarts: then the error ends it, as without --watch. */
async function roundOf(rounds: Rounds, run: Run, wish: Wish, signal: AbortSignal): Promise<Screen["came"]> {
  try {
    const report = await run(rounds.idsOf(wish), { anew: wish === "all", signal });
    // Half a round would say that nothing is known of what it did not come to.
    return signal.aborted ? "interrupted" : { ...rounds.add(report.verdicts), run: report };
  } catch (error) {
    if (signal.aborted) return "interrupted";
    const isTargets = error instanceof TargetError || error instanceof TimeoutError;
    if (rounds.count === 0 || !isTargets) throw error;
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
  let measured: Baseline | undefined;
  const run: Run = async (ids, { anew, signal }) => {
    try {
      const result = await runContract({
        ...runOptionsOf(target, settings, progress),
        onLeftBehind: (name, leftBehind) => void left.set(name, leftBehind),
        ...(anew || measured === undefined ? {} : { measured }),
        only: ids,
        target,
        secrets,
        signal,
      });
      left.set(result.run, result.leftBehind);
      // Where nothing was heard, the next round may hear something.
      measured = result.baseline.deliveryMsP50 > 0 ? result.baseline : undefined;
      return reportOf(result, settings.strict);
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
