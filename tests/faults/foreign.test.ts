// Servers of other kinds go through the same scenarios: without RECEIPT frames, without a greeting on event streams.

import { expect, test } from "vitest";
import { patch, startFaulty } from "../../targets/faulty.ts";
import { variants } from "../../targets/variants.ts";
import { runScenario } from "../../runner/faults/run-scenarios.ts";
import { scenarios } from "../../runner/faults/scenarios.ts";
import { discodeitSystems } from "../../systems/discodeit/definition.ts";

test.concurrent.each([
  [
    "stomp-and-messages",
    ["only DISCONNECT has a receipt", "heart-beat:0,0"],
    { receipts: false, greets: true, ordered: true },
  ],
  [
    "streams-without-a-word",
    ["no head before the first event, no first event and no comments", "the last id only from lastEventId"],
    { receipts: true, greets: false, ordered: true },
  ],
] as const)("%s: %s: everything is kept in a storm of reconnects", async (id, notes, baseline) => {
  const variant = variants.find((candidate) => candidate.id === id)!;
  const patches = notes.flatMap((note) => variant.notes[note]!);
  await using server = await startFaulty({ patches });
  const verdict = await runScenario(
    scenarios.find((scenario) => scenario.id === "reconnect-storm")!,
    {
      target: {
        name: id,
        system: discodeitSystems["discodeit-1"],
        instances: [server.urls["discodeit-1"]],
        capabilities: new Set(),
        throwAway: true,
      },
      outageOf: () => undefined,
      signal: new AbortController().signal,
      baseline,
    },
  );
  expect(verdict.kind, verdict.because).toBe("pass");
});

test.concurrent("a server whose messages are plain text fails, and the run comes to its end", async () => {
  await using server = await startFaulty({
    patches: [patch("server/stomp/broker.ts", "Buffer.from(record.body)", "Buffer.from(record.content)")],
  });
  const verdict = await runScenario(
    scenarios.find((scenario) => scenario.id === "reconnect-storm")!,
    {
      target: {
        name: "plain-text",
        system: discodeitSystems["discodeit-1"],
        instances: [server.urls["discodeit-1"]],
        capabilities: new Set(),
        throwAway: true,
      },
      outageOf: () => undefined,
      signal: new AbortController().signal,
    },
  );
  expect(verdict).toMatchObject({
    kind: "fail",
    because: expect.stringContaining("a MESSAGE body is no JSON object") as string,
  });
});
