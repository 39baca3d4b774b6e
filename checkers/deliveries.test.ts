import fc from "fast-check";
import { expect, test } from "vitest";
import { Ears, type Account, type Lane } from "./deliveries.ts";

/** A lane whose messages were sent every 10 ms from 10 on, and acknowledged 5 ms later but for these. */
const laneOf = (count: number, { room = 0, unknown = [] as number[] } = {}): Lane => ({
  room,
  sentAtMs: Array.from({ length: count }, (_, at) => 10 + at * 10),
  acknowledgedAtMs: Array.from({ length: count }, (_, at) => (unknown.includes(at) ? Number.NaN : 15 + at * 10)),
});

/** What is not 0. */
const sums = (account: Account): Partial<Account> =>
  Object.fromEntries(Object.entries(account).filter(([, count]) => typeof count === "number" && count !== 0));

/** One ear, there from the beginning. */
function heardBy(lane: Lane, numbers: readonly number[]): Account {
  const ears = new Ears([lane.room]);
  const ear = ears.open(0, lane.room);
  ears.confirm(ear, 0);
  for (const number of numbers) ears.hear(ear, 0, number);
  return ears.settle([lane]);
}

test.each([
  ["all", [0, 1, 2, 3], { expected: 4, delivered: 4 }],
  ["one is lost", [0, 2, 3], { expected: 4, delivered: 3, lost: 1 }],
  ["the first and the last are lost", [1, 2], { expected: 4, delivered: 2, lost: 2 }],
  ["nothing came", [], { expected: 4, lost: 4 }],
  ["one is doubled", [0, 1, 1, 2, 3], { expected: 4, delivered: 4, duplicate: 1 }],
  ["two are swapped", [0, 2, 1, 3], { expected: 4, delivered: 4, reordered: 1 }],
  ["the first comes last", [1, 2, 3, 0], { expected: 4, delivered: 4, reordered: 1 }],
  ["late, and once more", [0, 3, 1, 1], { expected: 4, delivered: 3, lost: 1, reordered: 1, duplicate: 1 }],
] as const)("%s", (_, numbers, expected) => {
  expect(sums(heardBy(laneOf(4), numbers))).toEqual(expected);
});

test("a loss is named by lane, number and ear", () => {
  expect(heardBy(laneOf(3), [0, 2]).findings).toEqual([{ anomaly: "lost", lane: 0, sequence: 1, ear: 0 }]);
});

test("what nobody acknowledged is owed to nobody, and may come", () => {
  expect(sums(heardBy(laneOf(3, { unknown: [1] }), [0, 2]))).toEqual({ expected: 2, delivered: 2 });
  expect(sums(heardBy(laneOf(3, { unknown: [1] }), [0, 1, 2]))).toEqual({ expected: 2, delivered: 2, unowed: 1 });
});

test("what was sent before an ear was there is not owed", () => {
  const ears = new Ears([0]);
  const ear = ears.open(0, 0);
  ears.confirm(ear, 25);
  for (const number of [1, 2, 3]) ears.hear(ear, 0, number);
  expect(sums(ears.settle([laneOf(4)]))).toEqual({ expected: 2, delivered: 2, unowed: 1 });
});

test("an ear that was never there is owed nothing", () => {
  const ears = new Ears([0]);
  ears.open(0, 0);
  expect(sums(ears.settle([laneOf(4)]))).toEqual({});
});

test.each([
  // Number 1 is sent at 20 and acknowledged at 25; 2, 3 and 4 are sent while it was away.
  [27, { expected: 3, delivered: 2, lost: 1, missed: 3 }],
  [22, { expected: 2, delivered: 2, missed: 4 }],
])(
  "an ear is judged up to its death at %i, and what its listener missed is counted separately",
  (diedAtMs, account) => {
    const ears = new Ears([0]);
    const ear = ears.open(7, 0);
    ears.confirm(ear, 0);
    ears.hear(ear, 0, 0);
    ears.die(ear, diedAtMs);
    const back = ears.open(7, 0);
    ears.confirm(back, 55);
    ears.hear(back, 0, 5);
    expect(sums(ears.settle([laneOf(6)]))).toEqual(account);
  },
);

test("a lane of another room is foreign", () => {
  const ears = new Ears([0, 1]);
  const ear = ears.open(0, 0);
  ears.confirm(ear, 0);
  expect(ears.hear(ear, 1, 0)).toBe("foreign");
  expect(sums(ears.settle([laneOf(0), laneOf(1, { room: 1 })]))).toEqual({ foreign: 1 });
});

/** The same, counted the slow way. */
function counted(lane: Lane, confirmedAtMs: number, diedAtMs: number | undefined, numbers: readonly number[]) {
  const owed = lane.sentAtMs.flatMap((sentAtMs, number) => {
    const acknowledgedAtMs = lane.acknowledgedAtMs[number]!;
    const isOwed =
      sentAtMs >= confirmedAtMs && !Number.isNaN(acknowledgedAtMs) && acknowledgedAtMs <= (diedAtMs ?? Infinity);
    return isOwed ? [number] : [];
  });
  const heard = new Set<number>();
  const counts = { duplicate: 0, reordered: 0 };
  for (const number of numbers) {
    if (heard.has(number)) counts.duplicate += 1;
    else if ([...heard].some((other) => other > number)) counts.reordered += 1;
    heard.add(number);
  }
  const delivered = owed.filter((number) => heard.has(number)).length;
  return {
    expected: owed.length,
    delivered,
    lost: owed.length - delivered,
    ...counts,
    unowed: heard.size - delivered,
  };
}

test("whatever comes in whatever order, the account adds up", () => {
  const count = 12;
  fc.assert(
    fc.property(
      fc.array(fc.nat(count - 1), { maxLength: 30 }),
      fc.uniqueArray(fc.nat(count - 1)),
      fc.nat(150),
      fc.option(fc.nat(150), { nil: undefined }),
      (numbers, unknown, confirmedAtMs, diedAtMs) => {
        const lane = laneOf(count, { unknown });
        const ears = new Ears([0]);
        const ear = ears.open(0, 0);
        ears.confirm(ear, confirmedAtMs);
        if (diedAtMs !== undefined) ears.die(ear, diedAtMs);
        for (const number of numbers) ears.hear(ear, 0, number);
        const account = ears.settle([lane]);
        expect(account).toMatchObject(counted(lane, confirmedAtMs, diedAtMs, numbers));
        expect(account.findings.length + account.omitted).toBe(account.lost + account.duplicate + account.reordered);
      },
    ),
    { numRuns: 500 },
  );
});

test("many ears and publishers take eight bytes a pair", () => {
  const [publishers, listeners] = [20, 2_000];
  const before = process.memoryUsage().arrayBuffers;
  const ears = new Ears(Array.from({ length: publishers }, () => 0));
  for (let listener = 0; listener < listeners; listener++) ears.confirm(ears.open(listener, 0), 0);
  for (let ear = 0; ear < listeners; ear++) for (let lane = 0; lane < publishers; lane++) ears.hear(ear, lane, 0);
  const lanes = Array.from({ length: publishers }, () => laneOf(1));
  expect(sums(ears.settle(lanes))).toEqual({ expected: 40_000, delivered: 40_000 });
  // Doubled as it grows: at most twice as much.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 8 * publishers * listeners);
});
