import { expect, test } from "vitest";
import { StoreUnavailableError } from "../store/store-errors.ts";
import { performWork } from "./work.ts";

const never = (): boolean => false;

function failing(times: number, error: () => Error): { work: () => Promise<void>; tries: () => number } {
  let count = 0;
  const work = (): Promise<void> => (++count > times ? Promise.resolve() : Promise.reject(error()));
  return { work, tries: () => count };
}

test("performWork() tries for as long as the store is away", async () => {
  const { work, tries } = failing(5, () => new StoreUnavailableError("away"));
  await performWork(work, never);
  expect(tries()).toBe(6);
});

test("performWork() gives up on a record that fails by itself", async () => {
  const { work, tries } = failing(9, () => new Error("poison"));
  await expect(performWork(work, never)).rejects.toThrow("poison");
  expect(tries()).toBe(3);
});

test("performWork() ends when nobody waits any more", async () => {
  const { work, tries } = failing(9, () => new StoreUnavailableError("away"));
  await expect(performWork(work, () => tries() === 2)).rejects.toThrow("away");
});
