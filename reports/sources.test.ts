import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue } from "../contract/catalogue.ts";
import { contractMarkdown } from "./contract.ts";
import { linked, sourcesMarkdown } from "./sources.ts";

const page = readFileSync(new URL("../docs/sources.md", import.meta.url), "utf8");

test("docs/sources.md is not stale: `npx rollcall clauses --sources > docs/sources.md`", () => {
  expect(page).toBe(sourcesMarkdown());
});

test("every source of the catalogue is on the page, and every link of CONTRACT.md leads there", () => {
  const anchors = new Set([...page.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id));
  const wanted: string[] = [];
  for (const { source } of Object.values(catalogue))
    linked(source, (part, anchor) => {
      wanted.push(anchor);
      return part;
    });
  expect(wanted.filter((anchor) => !anchors.has(anchor))).toEqual([]);
  const links = [...contractMarkdown().matchAll(/\]\(docs\/sources\.md#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(links).toHaveLength(wanted.length);
  expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([]);
});

test("linked() links what is known, part by part, and leaves the rest", () => {
  const link = (part: string, anchor: string): string => `<${part}:${anchor}>`;
  expect(linked("C9, SUB-12", link)).toBe("<C9:c9>, <SUB-12:sub-12>");
  expect(linked("REST, rules; SEC-03", link)).toBe("<REST, rules:rest-rules>, <SEC-03:sec-03>");
  expect(linked("a fault scenario", link)).toBe("a fault scenario");
});
