import { expect, test, vi } from "vitest";
import { LocalPresence, PresenceTracker } from "./presence.ts";

async function world(
  run: (tracker: PresenceTracker, announced: string[], passMs: (ms: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  vi.useFakeTimers();
  try {
    const announced: string[] = [];
    const tracker = new PresenceTracker(new LocalPresence(), (error) => {
      throw error;
    });
    tracker.announceBy((userId, online) => Promise.resolve(void announced.push(`${userId} ${online ? "on" : "off"}`)));
    await run(tracker, announced, async (ms) => void (await vi.advanceTimersByTimeAsync(ms)));
  } finally {
    vi.useRealTimers();
  }
}

test("PresenceTracker announces online at once, and offline 5 s after the last connection", () =>
  world(async (tracker, announced, passMs) => {
    tracker.connected("ann");
    tracker.connected("ann");
    await passMs(1);
    expect(announced).toEqual(["ann on"]);
    expect([...(await tracker.online(["ann", "bob"]))]).toEqual(["ann"]);
    tracker.disconnected("ann");
    await passMs(20_000);
    tracker.disconnected("ann");
    await passMs(4_900);
    expect(announced).toEqual(["ann on"]);
    await passMs(200);
    expect(announced).toEqual(["ann on", "ann off"]);
    expect((await tracker.online(["ann"])).size).toBe(0);
  }));

test("PresenceTracker is silent on a page reload", () =>
  world(async (tracker, announced, passMs) => {
    tracker.connected("ann");
    await passMs(10_000);
    for (let n = 0; n < 5; n += 1) {
      tracker.disconnected("ann");
      await passMs(1_000);
      tracker.connected("ann");
    }
    await passMs(20_000);
    expect(announced).toEqual(["ann on"]);
  }));

test("PresenceTracker announces a user's flips at most once per 5 s", () =>
  world(async (tracker, announced, passMs) => {
    tracker.connected("ann");
    await passMs(10_000);
    tracker.disconnected("ann");
    await passMs(5_100);
    tracker.connected("ann");
    await passMs(100);
    expect(announced).toEqual(["ann on", "ann off"]);
    await passMs(5_000);
    expect(announced).toEqual(["ann on", "ann off", "ann on"]);
  }));
