// Servers of other kinds go through the same scenarios: without RECEIPT frames, without a greeting on event streams.

import { expect, test } from "vitest";
import { startFaulty } from "../../targets/faulty.ts";
import { variants } from "../../targets/variants.ts";
import { runScenario } from "./run-scenarios.ts";
import { scenarios } from "./scenarios.ts";

test.concurrent.each([
  ["stomp-and-messages", { receipts: false, greets: true }],
  ["streams-without-a-word", { receipts: true, greets: false }],
] as const)("%s keeps everything in a storm of reconnects", async (id, baseline) => {
  const variant = variants.find((candidate) => candidate.id === id)!;
  await using server = await startFaulty(variant);
  const system = variant.system ?? "discodeit-1";
  const verdict = await runScenario(
    scenarios.find((scenario) => scenario.id === "reconnect-storm")!,
    {
      target: { name: id, system, instances: [server.urls[system]], capabilities: new Set(), throwAway: true },
      outageOf: () => undefined,
      signal: new AbortController().signal,
      baseline,
    },
  );
  expect(verdict.kind, verdict.because).toBe("pass");
});
