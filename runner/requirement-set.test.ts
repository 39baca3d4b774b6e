import { expect, test } from "vitest";
import { isClauseId } from "../contract/catalogue.ts";
import { systemNames } from "../systems/systems.ts";
import { laterThanSet, readSet } from "./requirement-set.ts";

test.each(systemNames)(
  "the set of %s holds clauses that there are: an id is never renamed and never goes",
  (system) => {
    const { version, ids } = readSet(system);
    expect(version).toBeGreaterThan(0);
    expect([...ids].filter((id) => !isClauseId(id))).toEqual([]);
  },
);

test("a clause that is not in a set came later", () => {
  const { version, ids } = readSet("discodeit-1");
  const older = { version, ids: new Set([...ids].filter((id) => id !== "sse.content-type")) };
  expect(laterThanSet("discodeit-1", older)).toEqual(["sse.content-type"]);
});
