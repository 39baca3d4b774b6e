// What becomes of an instance when a part of it fails beyond repair: it says so, and goes away in order.

import { PGlite } from "@electric-sql/pglite";
import { expect, test, vi } from "vitest";
import { MemoryBus } from "./bus/memory-bus.ts";
import { openTestInstance } from "./fakes.ts";

test("a database in the process that broke is reported, and does not end the process; a drain whose bus fails still closes the database", async () => {
  const instance = await openTestInstance({ SYSTEMS: "discodeit-1", DRAIN_MS: "500" }, { breaks: true });
  const readiness = async (): Promise<number> => (await fetch(`${instance.urls["discodeit-1"]}/readyz`)).status;
  expect(await readiness()).toBe(200);
  const broken = instance.breakDatabase("memory access out of bounds");
  expect(await readiness()).toBe(503);
  expect(await readiness()).toBe(503);
  broken.mockRestore();

  const closed = vi.spyOn(PGlite.prototype, "close");
  vi.spyOn(MemoryBus.prototype, "close").mockRejectedValue(new Error("the broker is away"));
  await instance[Symbol.asyncDispose]();
  expect(closed).toHaveBeenCalledOnce();
  expect(instance.log).toContainEqual(
    expect.objectContaining({
      err: expect.objectContaining({ message: expect.stringContaining("bus") as string }) as object,
    }),
  );
  vi.restoreAllMocks();
});

test("nothing is swept out of a database that is not migrated yet", async () => {
  const { setInterval: real } = globalThis;
  // As on a machine on which the migrations take longer than the relay waits between two sweeps.
  vi.spyOn(globalThis, "setInterval").mockImplementation(((work: () => void, ms: number) =>
    real(work, ms === 2_000 ? 1 : ms)) as typeof setInterval);
  await using instance = await openTestInstance({ SYSTEMS: "study-room" });
  vi.restoreAllMocks();
  expect(instance.log.filter((line) => "err" in line)).toEqual([]);
});
