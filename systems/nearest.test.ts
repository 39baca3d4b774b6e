import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["textOff", ["text", "textOf", "idOf"], ["textOf"]],
  ["signup", ["signUp", "guest"], ["signUp"]],
  ["conect", ["subscribe", "connect"], ["connect"]],
  ["", ["a"], ["a"]],
  ["nothing-like-it", ["url", "send"], []],
])("nearest() finds what may have been meant by %j", (word, known, meant) => {
  expect(nearest(word, known)).toEqual(meant);
});

test("nearest() gives several, nearest first", () => {
  expect(nearest("sse.a", ["sse.abc", "sse.b", "sse.a1", "other"], 2)).toEqual(["sse.b", "sse.a1"]);
});
