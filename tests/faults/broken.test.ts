// The scenarios tested: servers that are broken on purpose are found out, with the right word. Also a server that only
// repeats itself on the broker, as one that died in time would: that must be heard by nobody.

import { expect, test } from "vitest";
import { brokenDeliveries } from "../../targets/broken-deliveries.ts";
import { targetOfStack } from "../../targets/compose/target.ts";
import { openFaultyStack } from "../../targets/faulty-stack.ts";
import type { Patch } from "../../targets/patch.ts";
import { runFaults, type FaultRunResult } from "../../runner/faults/run.ts";
import { scenarios } from "../../runner/faults/scenarios.ts";

async function runBroken(patches: readonly Patch[], id: string): Promise<FaultRunResult> {
  const { clients, outage, holdMs } = scenarios.find((scenario) => scenario.id === id)!;
  await using stack = await openFaultyStack({ patches });
  const trouble = { id, holdMs, trouble: clients ?? (() => outage!(stack)) };
  const result = await runFaults([trouble], {
    target: targetOfStack(stack, "discodeit-1"),
    signal: new AbortController().signal,
  });
  // It breaks what it is meant to break, and no more: it does not fail as code.
  expect(await stack.end()).toBeUndefined();
  return result;
}

test.concurrent.each(brokenDeliveries.map((broken) => [broken.id, broken.scenario, broken.words, broken] as const))(
  "%s is found by %s: %s",
  async (_id, scenario, words, { patches }) => {
    const { judgement } = await runBroken(patches, scenario);
    expect(judgement.findings.map(({ anomaly }) => anomaly)).toContain(
      words.find((word) => judgement.findings.some(({ anomaly }) => anomaly === word)) ?? words[0],
    );
  },
);

test.concurrent("records that are on the broker twice are heard once", async () => {
  const repeats = brokenDeliveries
    .find(({ id }) => id === "no-dedupe")!
    .patches.filter(({ file }) => file === "server/bus/outbox-relay.ts");
  const { judgement } = await runBroken(repeats, "redis-killed");
  expect(judgement.findings).toEqual([]);
  expect(judgement.deliveries.once).toBeGreaterThan(0);
});
