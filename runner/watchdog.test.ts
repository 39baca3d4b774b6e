import { expect, test, vi } from "vitest";
import { Network } from "../drivers/network.ts";
import { limited } from "./prove.ts";
import { Stall, Watchdog } from "./watchdog.ts";

test("Watchdog: ends a run in which nothing is finished for ten minutes, and no other", () => {
  vi.useFakeTimers();
  try {
    using watchdog = new Watchdog();
    vi.advanceTimersByTime(599_000);
    watchdog.feed();
    vi.advanceTimersByTime(599_000);
    expect(watchdog.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(watchdog.signal.aborted).toBe(true);
    expect(watchdog.signal.reason).toBeInstanceOf(Stall);
    expect((watchdog.signal.reason as Stall).message).toBe("nothing was finished for 10 minutes: the run was ended");
  } finally {
    vi.useRealTimers();
  }
});

test("Watchdog: keeps quiet when the run is over", () => {
  vi.useFakeTimers();
  try {
    const watchdog = new Watchdog(1_000);
    watchdog[Symbol.dispose]();
    vi.advanceTimersByTime(5_000);
    expect(watchdog.signal.aborted).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});

test("Watchdog: what was under way is inconclusive, and says why", async () => {
  using watchdog = new Watchdog(10);
  const network = new Network();
  const limits = { limitMs: 60_000, signal: watchdog.signal, underWay: new Set<Promise<unknown>>(), network };
  await expect(limited(new Promise(() => {}), limits)).rejects.toMatchObject({
    name: "Inconclusive",
    message: expect.stringContaining("nothing was finished for") as string,
  });
  await network.close();
});
