// `--clean RUN` of verify and of load: deletes what a run left that was killed, by the notes that it made of itself.

import { cleanRun, knownRuns } from "../../runner/clean-up.ts";
import { printLeftBehind } from "../../reports/console.ts";
import type { System } from "../../systems/define.ts";
import { UsageError } from "./usage-error.ts";
import { counted } from "../../runner/text.ts";

const shownMax = 5;

/** Of the runs with notes, those that are worth a look. */
function newest(runs: readonly string[]): string {
  const older = runs.length - shownMax;
  return (runs.slice(0, shownMax).join(", ") || "none") + (older > 0 ? ` and ${older} older ones` : "");
}

/** `ownSystem`: of a config, for runs that spoke it. `again`: how this is tried again. */
export async function clean(
  run: string,
  ownSystem: System | undefined,
  again: Parameters<typeof printLeftBehind>[2],
): Promise<number> {
  const known = knownRuns();
  if (!known.includes(run))
    throw new UsageError(
      `--clean: run ${JSON.stringify(run)} left no notes: it tidied up itself or never was; runs with notes: ${newest(known)}`,
    );
  const { accounts, channels, leftBehind } = await cleanRun(run, ownSystem);
  console.log(`run ${run}: ${counted(accounts, "account")} and ${counted(channels, "room")} deleted`);
  if (leftBehind.length === 0) return 0;
  printLeftBehind(run, leftBehind, again);
  return 1;
}
