import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { packageDir } from "./images.ts";

test("no password of the stack has a default", () => {
  const compose = readFileSync(path.join(packageDir, "deploy/compose.yml"), "utf8");
  expect([...compose.matchAll(/\$\{\w*PASSWORD:?-[^}]*\}/g)].map(([text]) => text)).toEqual([]);
  expect(compose.match(/\$\{\w*_PASSWORD:\?/g)?.length).toBeGreaterThanOrEqual(3);
});
