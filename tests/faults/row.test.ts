// A scenario several times in a row: what was measured is reported for all runs, and the first one that is not kept
// ends the row.

import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { Verdict } from "../../checkers/verdict.ts";
import { startFaulty, type Mutant } from "../../targets/faulty.ts";
import { mutants } from "../../targets/mutants.ts";
import { openFolder } from "../command/rollcall.ts";
import { runScenario } from "../../runner/faults/run-scenarios.ts";
import { scenarios } from "../../runner/faults/scenarios.ts";
import { discodeitSystems } from "../../systems/discodeit/definition.ts";

async function row(server: Pick<Mutant, "patches">, times: number, historyFolder: string): Promise<Verdict> {
  await using running = await startFaulty(server);
  return await runScenario(
    scenarios.find((scenario) => scenario.id === "reconnect-storm")!,
    {
      target: {
        name: "row",
        system: discodeitSystems["discodeit-1"],
        instances: [running.urls["discodeit-1"]],
        capabilities: new Set(),
        throwAway: true,
      },
      outageOf: () => undefined,
      signal: new AbortController().signal,
      times,
      historyFolder,
    },
  );
}

test.concurrent("two runs that are kept are one verdict", async () => {
  using folder = openFolder();
  const verdict = await row({ patches: [] }, 2, folder.path);
  expect(verdict.kind, verdict.because).toBe("pass");
  expect(verdict.measured).toEqual([
    expect.stringMatching(/^2 runs, \d+ messages: \d+ deliveries once/),
    expect.stringMatching(/^reconnect-storm × 2, [\d.]+ s each: without delivery/),
  ]);
  expect(readdirSync(folder.path)).toEqual(["discodeit-1.reconnect-storm.history.jsonl"]);
});

test.concurrent("a run that is not kept ends its row and is named", async () => {
  using folder = openFolder();
  const verdict = await row(
    mutants.find(({ id }) => id === "subscribe-second-delivery")!,
    3,
    folder.path,
  );
  expect(verdict).toMatchObject({ kind: "fail", because: expect.stringMatching(/^run 1 of 3: duplicate: /) as string });
});
