import { stripVTControlCharacters } from "node:util";
import { expect, test, vi } from "vitest";
import type { Verdict, VerdictKind } from "../../../checkers/verdict.ts";
import type { ClauseId } from "../../../contract/catalogue.ts";
import { TargetError } from "../../../drivers/errors.ts";
import { runOf } from "../../../reports/examples.ts";
import { Rounds } from "./rounds.ts";
import { printScreen, type Screen } from "./screen.ts";
import { Triggers } from "./triggers.ts";
import { runRounds } from "./watch.ts";

const [connect, once, tabs] = [
  "connect.with-a-token",
  "subscribe.exactly-once",
  "tabs.three-stomp",
] as const satisfies ClauseId[];
const all = [connect, once, tabs];

const verdict = (id: string, kind: VerdictKind, more: Partial<Verdict> = {}): Verdict => ({
  id,
  kind,
  level: "MUST",
  text: "It holds.",
  source: "x",
  durationMs: 1,
  ...(kind === "pass" ? {} : { because: `because ${kind}` }),
  ...more,
});

const untested = verdict(tabs, "untested", { owner: connect });

test("what failed is run again, and what is untested because of it when it holds", () => {
  const rounds = new Rounds(all);
  expect(rounds.idsOf("failed")).toEqual(all);
  expect(rounds.add([verdict(connect, "fail"), verdict(once, "pass"), untested])).toEqual({ fixed: [], broke: [] });
  expect([rounds.idsOf("failed"), rounds.idsOf("one"), rounds.idsOf("all")]).toEqual([[connect], [connect], all]);
  expect(rounds.isOnlyUntested).toBe(false);
  expect(rounds.add([verdict(connect, "pass")])).toEqual({ fixed: [connect], broke: [] });
  expect(rounds.isOnlyUntested).toBe(true);
  expect(rounds.idsOf("failed")).toEqual([tabs]);
  expect(rounds.add([verdict(tabs, "weak"), verdict(once, "fail")])).toEqual({ fixed: [], broke: [tabs, once] });
  expect(rounds.add([verdict(tabs, "fail"), verdict(once, "expected")])).toEqual({ fixed: [], broke: [] });
  expect(rounds.red.map(({ id }) => id)).toEqual([tabs]);
});

function screenOf(rounds: Rounds, now: Verdict[], because: string): string {
  const lines: string[] = [];
  using _ = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  printScreen({ rounds, because, tookMs: 1_234, came: { ...rounds.add(now), run: runOf(now) } });
  return stripVTControlCharacters(lines.join("\n"));
}

test("where everything holds, everything is run again", () => {
  const rounds = new Rounds(all);
  rounds.add(all.map((id) => verdict(id, "pass")));
  expect([rounds.idsOf("failed"), rounds.idsOf("one")]).toEqual([all, all]);
});

/** Rounds whose results are given; each screen is kept, and what `then` does after it. */
async function play(results: (Verdict[] | Error)[], then: (triggers: Triggers, count: number) => void) {
  const triggers = new Triggers();
  const ran: (readonly string[])[] = [];
  const anew: boolean[] = [];
  const screens: Screen[] = [];
  await runRounds(
    new Rounds(all),
    triggers,
    (ids, how) => {
      ran.push(ids);
      anew.push(how.anew);
      const result = results.shift()!;
      if (result instanceof Error) return Promise.reject(result);
      how.onJudged(runOf(result));
      return Promise.resolve();
    },
    (screen) => {
      screens.push(screen);
      then(triggers, screens.length);
    },
  );
  return { ran, anew, screens };
}

test("a restart runs what failed, its success what was untested, and a key ends it", async () => {
  const { ran, anew, screens } = await play(
    [[verdict(connect, "fail"), verdict(once, "pass"), untested], [verdict(connect, "pass")], [verdict(tabs, "pass")]],
    (triggers, count) => {
      if (count === 1) triggers.push({ wish: "failed", because: "the target restarted" });
      if (count === 3) triggers.push({ wish: "quit", because: "a key was pressed" });
    },
  );
  expect(ran).toEqual([all, [connect], [tabs]]);
  expect(anew).toEqual([true, false, false]);
  expect(screens.map(({ because }) => because)).toEqual([
    "the first",
    "the target restarted",
    "what they rest on holds",
  ]);
  expect(screens[2]!.rounds.red).toEqual([]);
});

test("a server that listens before it serves is asked again; one that never served ends it", async () => {
  const notYet = new TargetError("refused", "sign-up was answered 503");
  const green = all.map((id) => verdict(id, "pass"));
  const { ran, screens } = await play([green, notYet, green], (triggers, count) => {
    if (count === 1) triggers.push({ wish: "failed", because: "the target restarted" });
    if (count === 3) triggers.push({ wish: "quit", because: "" });
  });
  expect(ran).toEqual([all, all, all]);
  expect(screens.map(({ came }) => typeof came === "string" && came)).toEqual([false, notYet.message, false]);
  await expect(play([notYet], () => undefined)).rejects.toThrow(notYet.message);
});

test("a round that is cut short says nothing of its clauses", async () => {
  const rounds = new Rounds(all);
  const triggers = new Triggers();
  const run: Parameters<typeof runRounds>[2] = (_, { onJudged }) => {
    triggers.push({ wish: "quit", because: "a key was pressed" });
    onJudged(runOf([verdict(connect, "inconclusive")]));
    return Promise.resolve();
  };
  await runRounds(rounds, triggers, run, () => expect.unreachable());
  expect(rounds.verdicts).toEqual([]);
});

test("a round is shown before it has tidied up, and the next one begins afterwards", async () => {
  const rounds = new Rounds(all);
  const triggers = new Triggers();
  const happened: string[] = [];
  const run: Parameters<typeof runRounds>[2] = async (ids, { onJudged }) => {
    happened.push("begun");
    onJudged(runOf(ids.map((id) => verdict(id, "fail"))));
    await Promise.resolve();
    happened.push("tidied up");
  };
  await runRounds(rounds, triggers, run, () => {
    happened.push("shown");
    const isOver = happened.length > 3;
    triggers.push(isOver ? { wish: "quit", because: "" } : { wish: "failed", because: "the target restarted" });
  });
  expect(happened).toEqual(["begun", "shown", "tidied up", "begun", "shown", "tidied up"]);
});

test("an error of our own is none of the target's, and ends it", async () => {
  await expect(play([new Error("a bug")], () => undefined)).rejects.toThrow("a bug");
});

test("the screen says what is fixed, what is new, what is next, and which keys there are", () => {
  const rounds = new Rounds(all);
  rounds.add([verdict(connect, "fail"), verdict(once, "pass")]);
  const now = [verdict(connect, "pass"), verdict(once, "fail", { because: "it came 2 times" })];
  const text = screenOf(rounds, now, "src/chat.ts changed");
  expect(text).toContain("round 2, src/chat.ts changed · 1.2 s");
  expect(text).toContain(`fixed  ${connect}`);
  expect(text).toContain(`new    ${once}`);
  expect(text).toMatch(/next\nfail .*subscribe\.exactly-once.*\n +it came 2 times/);
  expect(text).toContain("1 pass, 1 fail");
  expect(screenOf(rounds, [verdict(once, "pass"), untested], "x")).toContain("next   1 that rested on it");
  expect(text).toContain(`a all (3) · f failed (1) · o one (${once}) · q quit`);
});
