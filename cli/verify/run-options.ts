// What a run of the contract is told by the flags of `rollcall verify`.

import type { Progress } from "../../reports/console.ts";
import type { runContract } from "../../runner/run.ts";
import type { Target } from "../../systems/target.ts";
import type { Settings } from "./settings.ts";

export function runOptionsOf(
  target: Target,
  settings: Settings,
  progress: Progress,
): Omit<Parameters<typeof runContract>[0], "target" | "secrets" | "signal"> {
  return {
    jobs: settings.jobs,
    patient: settings.patient,
    house: settings.house,
    known: settings.known,
    ...(settings.only === undefined ? {} : { only: settings.only }),
    ...(settings.timeoutMs === undefined ? {} : { timeoutMs: settings.timeoutMs }),
    ...(settings.seed === undefined ? {} : { seed: settings.seed }),
    // Told at once: who kills this run needs its name to tidy up.
    onStart: (run) => {
      if (!target.throwAway && !settings.json)
        console.error(`run ${run} of ${target.system.name} at ${(target.addresses ?? target.instances).join(", ")}`);
    },
    onPhase: (phase) => progress.phase(target.name, phase),
    onVerdict: (verdict, done, total) => progress.verdict(target.name, verdict, done, total),
  };
}
