import { expect, test } from "vitest";
import { groupsOf } from "./groups.ts";

test.each([
  ["all together where everybody fits in", 3, Infinity, [{ members: [0, 1, 2], rooms: 4 }]],
  [
    "by threes where a room holds four",
    5,
    4,
    [
      { members: [0, 1, 2], rooms: 2 },
      { members: [3, 4], rooms: 2 },
    ],
  ],
  ["alone with the publisher where a room holds two", 1, 2, [{ members: [0], rooms: 4 }]],
])("groupsOf() puts listeners %s", (_, listeners, capacity, groups) => {
  expect(groupsOf(listeners, { capacity, speakers: 1, roomsMin: 4 })).toEqual(groups);
});

test("groupsOf() gives each of many groups one room, and leaves nobody out", () => {
  const groups = groupsOf(20, { capacity: 4, speakers: 1, roomsMin: 4 });
  expect(groups.map(({ rooms }) => rooms)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(groups.flatMap(({ members }) => members)).toEqual(Array.from({ length: 20 }, (_, number) => number));
});
