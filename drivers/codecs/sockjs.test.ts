import fc from "fast-check";
import { expect, test } from "vitest";
import { anyText } from "../any-text.ts";
import { readSockjsFrame } from "./sockjs.ts";

test("readSockjsFrame() reads each kind of frame", () => {
  expect(readSockjsFrame("o")).toEqual({ kind: "open" });
  expect(readSockjsFrame("h")).toEqual({ kind: "heart-beat" });
  expect(readSockjsFrame('a["x","\\u0000🎉"]')).toEqual({ kind: "messages", texts: ["x", "\0🎉"] });
  expect(readSockjsFrame("a[]")).toEqual({ kind: "messages", texts: [] });
  expect(readSockjsFrame('c[3000,"Go away!"]')).toEqual({ kind: "close", code: 3000, reason: "Go away!" });
});

test.each([
  "",
  "x",
  "oo",
  "hh",
  "o\n",
  "a",
  "a[",
  "a{}",
  'a"x"',
  "a[1]",
  'a["x",null]',
  "c",
  "c[]",
  'c["3000","x"]',
  "c[3000]",
  'm"x"',
])("readSockjsFrame() refuses %j", (text) => {
  expect(() => readSockjsFrame(text)).toThrow(SyntaxError);
});

test("readSockjsFrame() refuses every frame that was cut", () => {
  for (const whole of ['a["x","y"]', 'c[3000,"Go away!"]'])
    for (let end = 0; end < whole.length; end++)
      expect(() => readSockjsFrame(whole.slice(0, end))).toThrow(SyntaxError);
});

test("readSockjsFrame() reads back any texts", () => {
  fc.assert(
    fc.property(fc.array(anyText), (texts) => {
      expect(readSockjsFrame(`a${JSON.stringify(texts)}`)).toEqual({ kind: "messages", texts });
    }),
  );
});
