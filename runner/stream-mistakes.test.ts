import { expect, test } from "vitest";
import type { Verdict } from "../checkers/verdict.ts";
import { diagnoses } from "./diagnosis.ts";
import { streamMistakes } from "./stream-mistakes.ts";
import { nameCauses } from "./suspicions.ts";
import type { World } from "./world.ts";

test("a 500 that says itself that an emitter has completed needs no probe", async () => {
  const because =
    'Cannot list channels: answered 500 "{"message":"ResponseBodyEmitter has already completed"}"; alone it holds';
  const verdict: Verdict = {
    id: "channels.list-holds-mine",
    kind: "weak",
    level: "MUST",
    text: "It holds.",
    source: "x",
    because,
    durationMs: 1,
  };
  const other = { ...verdict, id: "channels.private-is-created", because: "Cannot list channels: answered 500" };
  // It has no event streams, so that nothing can be probed.
  const system = { features: new Set() };
  const openWorld = (): World => ({ system, [Symbol.asyncDispose]: () => Promise.resolve() }) as unknown as World;
  const named = await nameCauses([verdict, other], streamMistakes, openWorld);
  expect(named.map(({ diagnosis }) => diagnosis)).toEqual([diagnoses.deadEmitters, undefined]);
});

test.each([
  ["Cannot list users: answered 500", true],
  ["Cannot list notifications: when it was read again, the list was answered 500", true],
  ["the deletion of a user who wrote and was written to was answered 500", false],
  ["Cannot list users: answered 403", false],
])("whether %j may be due to a cache that cannot be read back: %s", (because, isSo) => {
  const suspicion = streamMistakes.find(({ explainsUnclear }) => explainsUnclear === true);
  const verdict = {
    id: "accounts.x",
    kind: "inconclusive",
    level: "MUST",
    text: "x",
    source: "x",
    durationMs: 1,
  } as const;
  expect(suspicion?.concerns({ ...verdict, because })).toBe(isSo);
});
