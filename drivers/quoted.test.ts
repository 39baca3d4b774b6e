import { expect, test } from "vitest";
import { cutAt, quoted } from "./quoted.ts";

test.each([
  ["abcdef", 6, "abcdef"],
  ["abcdefg", 6, "abcde…"],
  ["abcd🎉fgh", 6, "abcd…"],
  ["", 6, ""],
])("cutAt(%j, %j) is %j", (text, max, result) => {
  expect(cutAt(text, max)).toBe(result);
});

test("quoted() is cut before it is escaped, so that no escape is cut in two", () => {
  expect(quoted("line\nnext", 6)).toBe('"line\\n…"');
  expect(quoted("x".repeat(201))).toBe(`"${"x".repeat(199)}…"`);
});
