import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { leaveOutMarkdown } from "./leave-out.ts";

test("docs/definition.md is not stale: `npx rollcall clauses --definition > docs/definition.md`", () => {
  expect(readFileSync(new URL("../docs/definition.md", import.meta.url), "utf8")).toBe(leaveOutMarkdown());
});
