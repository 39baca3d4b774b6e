// What the guides quote from this repository is there, word for word: a fence that names a file, as
// "```ts contract/shared/raw.ts".

import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const quotes = globSync(["README.md", "CONTRIBUTING.md", "docs/*.md"]).flatMap((guide) =>
  [...readFileSync(guide, "utf8").matchAll(/^```\w+ (\S+\/\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, file, text]) => [guide, file!, text!] as const,
  ),
);

test("some guide quotes something", () => {
  expect(quotes.length).toBeGreaterThan(3);
});

test.each(quotes)("%s quotes %s", (_, file, text) => {
  expect(readFileSync(file, "utf8")).toContain(text);
});

test.each(globSync("docs/*.md").filter((guide) => !/(?:sources|peers)\.md$/.test(guide)))(
  "%s is short enough to be read",
  (guide) => {
    expect(readFileSync(guide, "utf8").split("\n").length).toBeLessThanOrEqual(151);
  },
);
