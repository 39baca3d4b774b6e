import { expect, test } from "vitest";
import type { FoundStack } from "../../targets/compose/leftovers.ts";
import { chooseStacks, type ChoiceOptions } from "./choice.ts";

const stack = (project: string, folder: string, owner?: "alive" | "gone"): FoundStack => ({
  project,
  folder,
  containers: {},
  ownerAlive: owner === "alive",
  ...(owner !== undefined && { ownerPid: 1 }),
});
const mine = stack("mine", "/here");
const mineToo = stack("mine-too", "/here");
const killed = stack("killed", "/here", "gone");
const running = stack("running", "/here", "alive");
const theirs = stack("theirs", "/there");
const theirsKilled = stack("theirs-killed", "/there", "gone");
const theirsRunning = stack("theirs-running", "/there", "alive");

const choose = (found: FoundStack[], options: Partial<ChoiceOptions> = {}): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(chooseStacks(found, { names: [], all: false, force: false, folder: "/here", ...options }))
      .map(([name, stacks]: [string, FoundStack[]]) => [name, stacks.map(({ project }) => project)] as const)
      .filter(([, names]) => names.length > 0),
  );

test("chooseStacks() without a name removes what this folder left, and nothing of others", () => {
  expect(choose([theirs, mine, theirsKilled, theirsRunning])).toEqual({ remove: ["mine"] });
  expect(choose([killed, mine, running, theirs])).toEqual({ remove: ["killed", "mine"] });
  expect(choose([])).toEqual({});
});

test("chooseStacks() asks before it removes one of several, or others'", () => {
  expect(choose([mine, mineToo, killed, theirs])).toEqual({ remove: ["killed"], ask: ["mine", "mine-too"] });
  expect(choose([theirs, theirsKilled, theirsRunning, running])).toEqual({ ask: ["theirs", "theirs-killed"] });
});

test("chooseStacks() takes names and --all at their word, and leaves alone what is in use", () => {
  expect(choose([mine, theirs, theirsRunning], { names: ["theirs", "theirs-running"] })).toEqual({
    remove: ["theirs"],
    inUse: ["theirs-running"],
  });
  expect(choose([mine, theirs, theirsRunning], { all: true })).toEqual({
    remove: ["mine", "theirs"],
    inUse: ["theirs-running"],
  });
  expect(choose([mine, theirsRunning], { all: true, force: true })).toEqual({ remove: ["mine", "theirs-running"] });
  expect(choose([mine, running], { force: true })).toEqual({ remove: ["running", "mine"].toReversed() });
});
