import { expect, test } from "vitest";
import { waysTo } from "./ways.ts";

test("waysTo() says what to set, of systems that need no definition", () => {
  expect(waysTo("stomp", ["credential"])).toEqual(["a user: set ROLLCALL_STOMP_USERS=name:password"]);
  expect(waysTo("sse", ["events", "publish"])).toHaveLength(1);
  expect(waysTo("stomp", ["credential", "history"])).toBeUndefined();
  expect(waysTo("study-chat", ["credential"])).toBeUndefined();
});
