import { expect, test } from "vitest";
import { counted, firstOf, holds } from "./text.ts";

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

test("firstOf() counts what it leaves out", () => {
  expect(firstOf(["a", "b"])).toBe("a, b");
  expect(firstOf(Array.from({ length: 10 }, (_, at) => String(at)))).toBe("0, 1, 2, 3, 4, 5, 6, 7 and 2 more");
});
