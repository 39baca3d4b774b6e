import { expect, test } from "vitest";
import { judge } from "../../checkers/judge.ts";
import { Ledger } from "../../checkers/ledger.ts";
import { MadeUp } from "../../checkers/made-up.ts";
import type { FaultRunResult } from "./run.ts";
import { verdictOf } from "./verdict.ts";

const subject = { id: "storm", text: "t", source: "s" };

function result(history: MadeUp, more: Partial<FaultRunResult> = {}): FaultRunResult {
  const ledger = new Ledger();
  for (const event of history.events) ledger.add(event);
  return {
    judgement: judge(ledger),
    violations: [],
    events: history.events,
    ordered: true,
    isWell: true,
    durationMs: 1,
    ...more,
  };
}

const turned = (): MadeUp =>
  new MadeUp().listen("bob").say("a").say("b").hear("bob", "b").hear("bob", "a").read("first", ["a", "b"]).end();
const kept = (): MadeUp => new MadeUp().listen("bob").say("a").hear("bob", "a").read("first", ["a"]).end();

test("verdictOf() fails for any finding or violation", () => {
  expect(verdictOf(subject, result(kept()), [])).toMatchObject({ id: "faults.storm", kind: "pass" });
  expect(verdictOf(subject, result(turned()), [])).toMatchObject({
    kind: "fail",
    because: expect.stringMatching(/^reordered: bob heard a after b/) as string,
  });
  expect(verdictOf(subject, result(kept(), { violations: ["storm: it said no"] }), [])).toMatchObject({
    kind: "fail",
    because: "storm: it said no",
  });
});

test("verdictOf() is weak for another order than the history's on a target that keeps none, and for nothing else", () => {
  expect(verdictOf(subject, result(turned(), { ordered: false }), [])).toMatchObject({ kind: "weak", level: "SHOULD" });
  expect(verdictOf(subject, result(turned(), { ordered: false, violations: ["x"] }), [])).toMatchObject({
    kind: "fail",
    level: "MUST",
  });
  const twice = kept();
  twice.events.splice(
    -3,
    0,
    twice.events.find(({ type }) => type === "heard")!,
  );
  expect(verdictOf(subject, result(twice, { ordered: false }), [])).toMatchObject({ kind: "fail" });
});

test("verdictOf() is inconclusive when nothing was acknowledged", () => {
  const silent = new MadeUp().listen("bob").send("a").giveUp("a").read("first", []).end();
  expect(verdictOf(subject, result(silent), [])).toMatchObject({ kind: "inconclusive" });
});
