import { expect, test } from "vitest";
import { brokenDeliveries } from "./broken-deliveries.ts";
import { patch, swap } from "./faulty.ts";
import { mistakenServers } from "./mistakes.ts";
import { mutants } from "./mutants.ts";
import { typeErrorsOf, typeErrorsOfMany, type Checked } from "./type-check.ts";
import { variants } from "./variants.ts";

/** The compiler reads the server some 300 times; on a machine that is busy with something else that takes a minute. */
const limitMs = 300_000;

const realtime = "server/presence/presence.ts";
const wrong: readonly Checked[] = [
  { id: "calls an undeclared function", patches: [patch(realtime, "graceMs = 5_000;", "graceMs = undeclared();")] },
  { id: "does not parse", patches: [patch(realtime, "graceMs = 5_000;", "graceMs = );")] },
  {
    id: "changes what importers rely on",
    patches: [patch(realtime, "export class PresenceTracker", "class PresenceTracker")],
  },
  { id: "swaps a module for one that lacks something", patches: [swap(realtime, "second-port.ts")] },
];
const right: readonly Checked[] = [
  { id: "stays itself", patches: [patch(realtime, "graceMs = 5_000;", "graceMs = 5_001;")] },
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

test.each([
  ["each by itself", typeErrorsOf],
  ["many together", typeErrorsOfMany],
])(
  "a fault that does not type-check is found: %s",
  async (_, check) => {
    const errors = await check([...right, ...wrong]);
    expect([...errors.keys()].toSorted()).toEqual(wrong.map(({ id }) => id).toSorted());
    expect(errors.get("calls an undeclared function")).toEqual([
      expect.stringMatching(/presence\.ts\(\d+,\d+\): error TS2304: Cannot find name 'undeclared'/),
    ]);
  },
  limitMs,
);
