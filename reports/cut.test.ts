import { expect, test } from "vitest";
import { cut } from "./cut.ts";

test.each([
  ["abcdef", 6, "abcdef"],
  ["abcdefg", 6, "abcde…"],
  [String.raw`abc\u00e9fgh`, 9, "abc…"],
  [String.raw`abc\u00e9fgh`, 10, String.raw`abc\u00e9…`],
  [String.raw`abcd\nfgh`, 6, "abcd…"],
  [String.raw`abc\\nfgh`, 6, String.raw`abc\\…`],
  [String.raw`abc\\\nfgh`, 7, String.raw`abc\\…`],
  ["abc%C3%A9fgh", 6, "abc…"],
  ["abcd🎉fgh", 6, "abcd…"],
])("cut(%j, %j) is %j", (text, max, result) => {
  expect(cut(text, max)).toBe(result);
});
