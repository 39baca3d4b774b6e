import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue } from "../contract/catalogue.ts";
import { excused, obligations, protocolGroups } from "../contract/obligations.ts";
import { partsOf } from "../contract/sources.ts";
import { contractMarkdown } from "./contract.ts";
import { codesOf, linked, sourcesMarkdown } from "./sources.ts";

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

test("every obligation about protocols that must hold is taken by a clause, or it says why not; never both", () => {
  const named = new Set(Object.values(catalogue).flatMap(({ source }) => partsOf(source)));
  const must = protocolGroups.flatMap((group) => codesOf(group, true));
  expect(must).toHaveLength(146);
  expect(must.filter((code) => named.has(code) === code in excused)).toEqual([]);
  expect(Object.keys(excused).filter((code) => !must.includes(code))).toEqual([]);
  const all = Object.keys(obligations).flatMap((group) => codesOf(group, false));
  expect(all).toHaveLength(312);
  const ofGroups = [...named].filter((code) => /^[A-Z]{3}-\d+$/.test(code) && code.slice(0, 3) in obligations);
  expect(ofGroups.filter((code) => !all.includes(code))).toEqual([]);
});
