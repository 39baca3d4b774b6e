import { expect, test } from "vitest";
import { SharedOutage } from "./outages.ts";

function noted(failure?: Error) {
  const calls: string[] = [];
  return {
    calls,
    begin: async () => void calls.push("begin"),
    end: async () => {
      calls.push("end");
      if (failure !== undefined) throw failure;
    },
  };
}

const isPending = async (promise: Promise<void>): Promise<boolean> =>
  (await Promise.race([promise.then(() => "over"), Promise.resolve("pending")])) === "pending";

test("a shared outage begins when all are there, and is undone when all had enough", async () => {
  const outage = noted();
  const shared = new SharedOutage(outage, 2);
  const [one, other] = [shared.share(), shared.share()];
  const begun = one.begin();
  expect(await isPending(begun)).toBe(true);
  await Promise.all([begun, other.begin()]);
  expect(outage.calls).toEqual(["begin"]);
  const ended = other.end();
  expect(await isPending(ended)).toBe(true);
  await Promise.all([ended, one.end(), one.end()]);
  expect(outage.calls).toEqual(["begin", "end"]);
});

test("whoever is over before holds nobody up", async () => {
  const outage = noted();
  const shared = new SharedOutage(outage, 3);
  const [one, second, third] = [shared.share(), shared.share(), shared.share()];
  third[Symbol.dispose]();
  const begun = one.begin();
  second[Symbol.dispose]();
  await begun;
  await one.end();
  one[Symbol.dispose]();
  expect(outage.calls).toEqual(["begin", "end"]);
});

test("all who go through it hear that it could not be undone", async () => {
  const shared = new SharedOutage(noted(new Error("no such container")), 2);
  const [one, other] = [shared.share(), shared.share()];
  await Promise.all([one.begin(), other.begin()]);
  const ends = await Promise.allSettled([one.end(), other.end()]);
  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
