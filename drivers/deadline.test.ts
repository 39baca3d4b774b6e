import { getActiveResourcesInfo } from "node:process";
import { expect, test } from "vitest";
import { within } from "./deadline.ts";

const never = new Promise<string>(() => {});
const timers = (): number => getActiveResourcesInfo().filter((name) => name === "Timeout").length;

test("within() brings what the work brings, and leaves no timer", async () => {
  const before = timers();
  expect(await within(60_000, Promise.resolve("done"), () => "late")).toBe("done");
  await expect(within(60_000, Promise.reject(new Error("broke")), () => "late")).rejects.toThrow("broke");
  expect(timers()).toBe(before);
});

test("within() brings what the late one says", async () => {
  expect(await within(1, never, () => "late")).toBe("late");
  const thrown = within(1, never, () => {
    throw new Error("too late");
  });
  await expect(thrown).rejects.toThrow("too late");
});
