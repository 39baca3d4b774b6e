import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageDir } from "../deploy/images.ts";
import { brokenDeliveries } from "./broken-deliveries.ts";
import { applyPatches, isSwap } from "./patch.ts";

test.each(brokenDeliveries.map((broken) => [broken.id, broken.patches] as const))(
  "%s: each patch fits exactly once",
  (_id, patches) => {
    for (const [file, mine] of Map.groupBy(patches, (item) => item.file)) {
      const text = readFileSync(join(packageDir, file), "utf8");
      expect(mine.every(isSwap) || applyPatches(text, mine) !== text).toBe(true);
    }
  },
);
