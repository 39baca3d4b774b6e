import { expect, test } from "vitest";
import type { Verdict } from "../checkers/verdict.ts";
import { areasOf, causesOf, isSecurity, rerunCommand } from "./causes.ts";

const verdict = (id: string, kind: Verdict["kind"], more: Partial<Verdict> = {}): Verdict => ({
  id,
  kind,
  level: "MUST",
  text: "It holds.",
  source: "x",
  durationMs: 1,
  ...more,
});
const ids = (verdicts: readonly Verdict[]): string[] => verdicts.map(({ id }) => id);

test("causesOf() puts what is untested under the clause that says why", () => {
  const [cause, ...others] = causesOf([
    verdict("login.returns-the-token", "fail"),
    verdict("connect.with-a-token", "untested", { owner: "login.returns-the-token" }),
    verdict("send.stores-and-delivers", "untested", { owner: "login.returns-the-token" }),
    verdict("rest.request-id", "pass"),
  ]);
  expect(others).toEqual([]);
  expect(cause?.head.id).toBe("login.returns-the-token");
  expect(ids(cause!.untested)).toEqual(["connect.with-a-token", "send.stores-and-delivers"]);
});

test("causesOf() names an owner that is not broken itself", () => {
  const [cause] = causesOf([
    verdict("subscribe.hears-the-channel", "unsupported"),
    verdict("tabs.three-stomp", "untested", { owner: "subscribe.hears-the-channel" }),
  ]);
  expect([cause?.head.id, ids(cause!.untested)]).toEqual(["subscribe.hears-the-channel", ["tabs.three-stomp"]]);
});

test("causesOf() makes one cause of one diagnosis, the worst clause first", () => {
  const causes = causesOf([
    verdict("send.order-of-a-burst", "weak", { diagnosis: "burst" }),
    verdict("send.burst-is-complete", "fail", { diagnosis: "burst" }),
    verdict("sse.not-cached", "weak"),
  ]);
  expect(causes.map(({ head, same }) => [head.id, ids(same)])).toEqual([
    ["send.burst-is-complete", ["send.order-of-a-burst"]],
    ["sse.not-cached", []],
  ]);
});

test("causesOf() puts the clause on which most rests first, among equally bad ones", () => {
  const [cause] = causesOf([
    verdict("files.upload-event-to-the-uploader", "fail", { diagnosis: "buffered" }),
    verdict("sse.content-type", "fail", { diagnosis: "buffered" }),
    verdict("replay.by-header", "untested", { owner: "sse.content-type" }),
  ]);
  expect([cause?.head.id, ids(cause!.same)]).toEqual(["sse.content-type", ["files.upload-event-to-the-uploader"]]);
});

test("causesOf() puts the worst first: failures, then by the MUSTs that hang on them", () => {
  const owner = "channels.private-is-created";
  const causes = causesOf([
    verdict("rest.request-id", "weak"),
    verdict("files.metadata", "fail"),
    verdict(owner, "fail"),
    verdict("tabs.three-stomp", "untested", { owner }),
  ]);
  expect(causes.map(({ head }) => head.id)).toEqual([owner, "files.metadata", "rest.request-id"]);
});

test("isSecurity() is true of a cause with one such clause", () => {
  const [cause] = causesOf([
    verdict("a.one", "fail", { diagnosis: "leak" }),
    verdict("a.two", "weak", { diagnosis: "leak", security: true }),
  ]);
  expect(isSecurity(cause!)).toBe(true);
});

test("areasOf() counts by area", () => {
  expect(areasOf([verdict("login.a", "fail"), verdict("send.b", "fail"), verdict("login.c", "fail")])).toBe(
    "login 2, send 1",
  );
});

test("rerunCommand() repeats what the run was given", () => {
  const target = { instances: ["http://one"], system: "discodeit-1" };
  expect(rerunCommand(target, ["a.one", "a.two"])).toBe(
    "npx rollcall verify http://one --system discodeit-1 --only a.one,a.two",
  );
  const again = "http://one --config ours/config.ts";
  expect(rerunCommand({ ...target, system: "ours", again }, ["a.one"])).toBe(
    `npx rollcall verify ${again} --only a.one`,
  );
});

test("rerunCommand() of a scenario with faults names it, and no clause", () => {
  const target = { instances: ["http://one"], system: "discodeit-1", again: "" };
  expect(rerunCommand(target, ["faults.instance-killed", "faults.kafka-killed"])).toBe(
    "npx rollcall verify --system discodeit-1 --faults instance-killed,kafka-killed",
  );
  expect(rerunCommand({ ...target, again: "--minutes 5 --seed 7" }, ["faults.soak"])).toBe(
    "npx rollcall verify --minutes 5 --seed 7 --system discodeit-1 --faults",
  );
});
