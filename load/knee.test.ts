import { expect, test } from "vitest";
import { findKnee, type Held } from "./knee.ts";

const search = { from: 1, to: 1_024, halvings: 3 };

/** A target that holds below a rate, and a machine that spoils what is beyond another. */
const holdsBelow =
  (limit: number, spoiltFrom = Infinity) =>
  async (rate: number): Promise<{ held: Held; detail: undefined }> => ({
    held: rate >= spoiltFrom ? "spoilt" : rate < limit ? "held" : "broke",
    detail: undefined,
  });

test("doubles until it breaks, halves the gap, and confirms at nine tenths", async () => {
  const { steps, knee, confirmed, isFound } = await findKnee(search, holdsBelow(50));
  expect(steps.map(({ rate }) => rate)).toEqual([1, 2, 4, 8, 16, 32, 64, 48, 56, 52, 43]);
  expect([knee?.rate, confirmed?.rate, confirmed?.held, isFound]).toEqual([48, 43, "held", true]);
});

test("what never breaks has no knee within reach, and what never holds has none", async () => {
  expect(await findKnee(search, holdsBelow(Infinity))).toMatchObject({ isFound: false, knee: { rate: 1_024 } });
  const never = await findKnee(search, holdsBelow(0));
  expect([never.steps.length, never.knee, never.isFound]).toEqual([1, undefined, true]);
});

test("ends where we or the machine spoil it: that says nothing of the target", async () => {
  const spoilt = await findKnee(search, holdsBelow(Infinity, 10));
  expect([spoilt.knee?.rate, spoilt.isFound, spoilt.confirmed]).toEqual([8, false, undefined]);
});

test("ends at once when it is interrupted, with what it has", async () => {
  let count = 0;
  const holds = holdsBelow(10);
  const interrupted = await findKnee(search, async (rate) => (++count > 6 ? undefined : await holds(rate)));
  expect([interrupted.steps.length, interrupted.knee?.rate, interrupted.confirmed]).toEqual([6, 8, undefined]);
});
