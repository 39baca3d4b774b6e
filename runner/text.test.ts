import { expect, test } from "vitest";
import { counted, holds } from "./text.ts";

const escaped = String.raw`{"content": "\uD83D\uDE42 a\/b \"c\"\n"}`;

test.each([
  ["plain text", "a marker-1~ b", "marker-1~", true],
  ["JSON as it is", '{"content":"안녕 🙂"}', "안녕 🙂", true],
  ["JSON with escapes", escaped, "🙂", true],
  ["JSON with an escaped slash, quotes and a line end", escaped, 'a/b "c"\n', true],
  ["another text", escaped, "🙁", false],
  ["no JSON", "\\uD83D", "🙂", false],
  ["nothing", undefined, "a", false],
])("holds() finds a text in %s", (_, body, text, found) => {
  expect(holds(body, text)).toBe(found);
});

test("counted() has a plural", () => {
  expect([0, 1, 2].map((count) => counted(count, "room"))).toEqual(["0 rooms", "1 room", "2 rooms"]);
});
