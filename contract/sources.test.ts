import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import { addressOf, anchorOf, groupOf, groups, partsOf, publications, sourceOf } from "./sources.ts";

const parts = [...new Set(Object.values(catalogue).flatMap(({ source }) => partsOf(source)))];

test("every source of the catalogue is written down", () => {
  expect(parts.filter((part) => sourceOf(part) === undefined)).toEqual([]);
});

test("every code has a group, and every group a code", () => {
  const found = parts.map(groupOf).filter((group) => group !== undefined);
  expect(new Set(found)).toEqual(new Set(Object.keys(groups)));
});

test("every public text has an address, and every address is used", () => {
  const sources = parts.map((part) => sourceOf(part)!).filter(({ where }) => where !== undefined);
  expect(sources.filter((source) => addressOf(source) === undefined)).toEqual([]);
  const used = new Set(sources.map(addressOf));
  expect(Object.values(publications).filter((address) => !used.has(address))).toEqual([]);
});

test("anchors are unique", () => {
  expect(new Set(parts.map(anchorOf)).size).toBe(parts.length);
});

test("partsOf() parts codes, and leaves sections whole", () => {
  expect(partsOf("REST, rules, live connection; SEC-03, SEC-04")).toEqual([
    "REST, rules, live connection",
    "SEC-03",
    "SEC-04",
  ]);
  expect(partsOf("C9, SUB-12")).toEqual(["C9", "SUB-12"]);
  expect(sourceOf("toString")).toBeUndefined();
});
