import { expect, test } from "vitest";
import { noteHeard, type CompactEar } from "../drivers/codecs/compact-history.ts";
import { judgeCompact } from "./compact-history.ts";

const said = {
  lanes: [0, 1].map((room) => ({
    room,
    sentAtMs: [10_000, 11_000, 12_000, 13_000],
    acknowledgedAtMs: [10_005, 11_005, 12_005, null],
  })),
};

const ear = (number: number, heard: number[], more: Partial<CompactEar> = {}): CompactEar => ({
  ear: number,
  room: number % 2,
  readyAtMs: 9_000,
  endedAtMs: null,
  heard,
  ...more,
});

const judged = (...ears: CompactEar[]) =>
  judgeCompact([...ears, said].map((line) => `${JSON.stringify(line)}\n`).join(""), ears.length);

test("noteHeard() keeps what came in order as one piece", () => {
  const heard: number[] = [];
  for (const [lane, sequence] of [
    [0, 0],
    [0, 1],
    [0, 1],
    [0, 2],
    [1, 3],
    [0, 5],
  ] as const)
    noteHeard(heard, lane, sequence);
  expect(heard).toEqual([0, 0, 2, 0, 1, 3, 1, 3, 4, 0, 5, 6]);
});

test("judgeCompact() owes what was acknowledged to each who was there; of unknown fate once or never is right", () => {
  expect(judged(ear(0, [0, 0, 3]), ear(1, [1, 0, 4]))).toMatchObject({
    opened: 2,
    refused: 0,
    dropped: 0,
    published: 6,
    unknown: 2,
    account: { expected: 6, delivered: 6, lost: 0, duplicate: 0, reordered: 0, foreign: 0, missed: 0 },
  });
});

test.each([
  ["lost", [0, 0, 1, 0, 2, 3], { lost: 1, delivered: 2 }],
  ["duplicate", [0, 0, 3, 0, 1, 2], { duplicate: 1, delivered: 3 }],
  ["reordered", [0, 0, 1, 0, 2, 3, 0, 1, 2], { reordered: 1, delivered: 3, lost: 0 }],
  ["foreign", [0, 0, 3, 1, 0, 1], { foreign: 1, delivered: 3 }],
] as const)("judgeCompact() finds what is %s", (_, heard, found) => {
  expect(judged(ear(0, [...heard])).account).toMatchObject({ expected: 3, ...found });
});

test("judgeCompact() judges who was cut off up to then, and counts who was never let in", () => {
  const { account, ...counts } = judged(
    ear(0, [0, 0, 1], { endedAtMs: 11_900 }),
    ear(1, [], { readyAtMs: null, endedAtMs: 9_100 }),
    ear(2, [], { readyAtMs: null }),
  );
  expect(counts).toMatchObject({ opened: 1, refused: 1, dropped: 1 });
  // It was cut off in the second before 11.9 s: only the first was owed.
  expect(account).toMatchObject({ expected: 1, delivered: 1, lost: 0, missed: 2 });
});

test("judgeCompact() takes no part for the whole", () => {
  expect(() => judgeCompact(`${JSON.stringify(said)}\n${JSON.stringify(ear(0, []))}\n`, 2)).toThrow(
    "of 2 listeners and a speaker 1 and it handed back what they know",
  );
  expect(() => judgeCompact(JSON.stringify(ear(0, [])), 1)).toThrow("of 1 listeners and a speaker 1 and none");
});
