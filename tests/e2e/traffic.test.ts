// Everybody hears everything of their rooms, once, in order, and nothing else: four senders, three rooms, twelve
// listeners over all transports and both instances, and the final read of every log, judged as one history.

import { expect, test } from "vitest";
import { runFaults } from "../../runner/faults/run.ts";
import { stackTarget } from "../stack.ts";

test("twelve listeners hear what four senders say, each message once, in order, and nothing of other rooms", async () => {
  const { judgement } = await runFaults([], {
    target: stackTarget("discodeit-2"),
    signal: new AbortController().signal,
  });
  expect(judgement.findings).toEqual([]);
  expect(judgement).toMatchObject({ complete: true, erased: 0, messages: { unknown: 0 } });
  expect(judgement.deliveries.once).toBeGreaterThan(0);
});
