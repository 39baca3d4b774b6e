import { expect, test } from "vitest";
import { brokenDeliveries } from "../../targets/broken-deliveries.ts";
import { patch, swap } from "../../targets/faulty.ts";
import { mistakenServers } from "../../targets/mistakes.ts";
import { mutants } from "../../targets/mutants.ts";
import { typeErrorsOfMany, type Checked } from "../../targets/type-check.ts";
import { variants } from "../../targets/variants.ts";

/** The compiler reads the server some 50 times; on a machine that is busy with something else that takes a minute. */
const limitMs = 300_000;

const presence = "server/presence/presence.ts";
const stream = "server/sse/stream.ts";

const right: readonly Checked[] = [
  { id: "stays itself", patches: [patch(presence, "graceMs = 5_000;", "graceMs = 5_001;")] },
  { id: "is fine beside a wrong one", patches: [patch(stream, "stuckCommentsMax = 3;", "stuckCommentsMax = 4;")] },
];
const wrong: readonly Checked[] = [
  {
    id: "changes what importers rely on",
    patches: [patch(presence, "export class PresenceTracker", "class PresenceTracker")],
  },
  { id: "calls an undeclared function", patches: [patch(presence, "graceMs = 5_000;", "graceMs = undeclared();")] },
  { id: "does so in another file", patches: [patch(stream, "commentEveryMs = 10_000;", "commentEveryMs = other();")] },
  { id: "does not parse", patches: [patch(presence, "graceMs = 5_000;", "graceMs = );")] },
  { id: "swaps a module for one that lacks something", patches: [swap(presence, "second-port.ts")] },
];

const all: readonly Checked[] = [
  ...mutants,
  ...variants.map(({ id, notes }) => ({ id: `variant ${id}`, patches: Object.values(notes).flat() })),
  ...mistakenServers.map(({ mistakes }) => ({
    id: `mistakes ${mistakes.map(({ diagnosis }) => diagnosis).join(", ")}`,
    patches: mistakes.flatMap(({ patches }) => patches),
  })),
  ...brokenDeliveries.map(({ id, patches }) => ({ id: `broken ${id}`, patches })),
];

test(
  "every fault that is a patch type-checks",
  async () => {
    expect(await typeErrorsOfMany(all)).toEqual(new Map());
  },
  limitMs,
);

test(
  "a fault that does not type-check is found, and none that shares its copy of the server",
  async () => {
    const errors = await typeErrorsOfMany([wrong[0]!, ...right, ...wrong.slice(1)]);
    expect([...errors.keys()].toSorted()).toEqual(wrong.map(({ id }) => id).toSorted());
    expect(errors.get("calls an undeclared function")).toEqual([
      expect.stringMatching(/presence\.ts\(\d+,\d+\): error TS2304: Cannot find name 'undeclared'/),
    ]);
  },
  limitMs,
);
