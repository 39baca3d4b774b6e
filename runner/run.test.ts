import { expect, test } from "vitest";
import { discodeitSystems } from "../systems/discodeit/definition.ts";
import { openNetwork } from "./run.ts";

const instances: [string] = ["http://127.0.0.1:8080"];
const system = discodeitSystems["discodeit-1"];
const target = { name: "slow", system, instances, capabilities: new Set<never>(), throwAway: false };

test.each([
  [undefined, 15_000],
  [2_000, 15_000],
  [20_000, 20_000],
])("with a --timeout of %s an answer is waited for %i ms", async (timeoutMs, expectedMs) => {
  const network = openNetwork(timeoutMs === undefined ? { target } : { target, timeoutMs });
  expect(network.answerTimeoutMs).toBe(expectedMs);
  await network.close();
});
