import * as fc from "fast-check";
import { expect, test } from "vitest";
import { closeFrame, parseClientMessages, quoteForSockJs } from "./frames.ts";

/** Any code point but half of a pair; fast-check's own `unit: "binary"` takes a second to set up. */
const character = fc
  .integer({ min: 0, max: 0x10ffff })
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

test("quoteForSockJs() loses nothing and leaves nothing unsafe", () => {
  fc.assert(
    fc.property(fc.string({ unit: character }), (text) => {
      const quoted = quoteForSockJs(text);
      expect(JSON.parse(quoted)).toBe(text);
      // oxlint-disable-next-line no-control-regex
      expect(quoted).not.toMatch(/[\u0000-\u001f\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufff0-\uffff]/);
    }),
  );
});

test("closeFrame() quotes its reason", () => {
  expect(closeFrame(1002, 'say "no"')).toBe('c[1002,"say \\"no\\""]');
});

test("parseClientMessages() takes arrays of strings, and one string where that is allowed", () => {
  expect(parseClientMessages('["a","b"]', false)).toEqual(["a", "b"]);
  expect(parseClientMessages("[]", true)).toEqual([]);
  expect(parseClientMessages('"a"', true)).toEqual(["a"]);
  expect(parseClientMessages('"a"', false)).toBeUndefined();
  for (const text of ['["a', "", "1", "null", "[1]", '{"0":"a"}', '["a",null]'])
    expect(parseClientMessages(text, true)).toBeUndefined();
});
