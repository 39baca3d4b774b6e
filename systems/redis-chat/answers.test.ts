import { expect, test } from "vitest";
import { idOf, listOf, tokenOf } from "./answers.ts";

test.each([
  [7, 7],
  ["7", "7"],
  [{ id: 7 }, 7],
  [{ data: 7 }, 7],
  [{ status: 201, result: { chatMemberId: 7 } }, 7],
  [{ data: { roomId: 7, id: null } }, 7],
  [{ message: "no" }, undefined],
  ["", undefined],
  [null, undefined],
  [undefined, undefined],
])("idOf(%j) is %j", (answer, id) => expect(idOf(answer)).toBe(id));

test.each([
  [[{ roomId: 1 }], 1],
  [{ data: [{ roomId: 1 }] }, 1],
  [{ data: null, message: "no" }, 0],
  ["text", 0],
  [undefined, 0],
])("listOf(%j) holds %j", (answer, count) => expect(listOf(answer)).toHaveLength(count));

test.each([
  [{ id: 1, token: "t" }, "t"],
  [{ data: { chatMemberId: 1, accessToken: "t" } }, "t"],
  [{ token: null }, undefined],
  [{ token: "" }, undefined],
  ["t", undefined],
])("tokenOf(%j) is %j", (answer, token) => expect(tokenOf(answer)).toBe(token));
