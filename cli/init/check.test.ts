import { expect, test } from "vitest";
import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import type { Tried } from "../../runner/tryout/tryout.ts";
import { awayIn } from "./check.ts";

const tried = (name: string, outcome: Tried["outcome"], error?: unknown): Tried => ({
  name,
  outcome,
  because: "x",
  wire: [],
  ...(error === undefined ? {} : { error }),
});
const late = new TimeoutError("Cannot GET /: no head came", []);

test("awayIn() finds a server that is not there, or takes connections and answers nothing", () => {
  const refused = tried("http.alive", "wrong", new TargetError("unreachable", "ECONNREFUSED"));
  const silent = tried("http.alive", "wrong", late);
  const rest = tried("accounts.signUp", "not tried");
  expect(awayIn([refused, rest])).toBe(refused);
  expect(awayIn([silent, rest])).toBe(silent);
});

test("awayIn() is undefined of a server that answers something: then the definition may be wrong", () => {
  expect(awayIn([tried("http.alive", "ok"), tried("stomp.destinations", "wrong", late)])).toBeUndefined();
  expect(awayIn([tried("http.alive", "wrong", late), tried("accounts.guest", "ok")])).toBeUndefined();
  const endless = new TimeoutError("Cannot GET /: status 200 and 12 octets came", []);
  expect(awayIn([tried("http.alive", "wrong", endless)])).toBeUndefined();
  expect(awayIn([tried("http.alive", "wrong", new TargetError("refused", "404"))])).toBeUndefined();
});
