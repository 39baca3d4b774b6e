import { expect, test } from "vitest";
import { judge } from "../checkers/verdict.ts";
import { lackOf } from "./proof.ts";

test("lackOf() tells an admin who is not let in from one whom nobody gave", () => {
  const adminFailure = "Cannot log in: answered 500";
  expect(judge("MUST", lackOf(["admin"], { adminFailure })).because).toBe(
    `needs the admin's login, which fails: ${adminFailure}`,
  );
  const undeclared = "which the target does not declare";
  expect(judge("MUST", lackOf(["admin"], {})).because).toBe(`needs admin, ${undeclared}`);
  expect(judge("MUST", lackOf(["admin", "proxy"], { adminFailure })).because).toBe(`needs admin, proxy, ${undeclared}`);
});
