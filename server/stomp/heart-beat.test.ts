import { expect, test, vi } from "vitest";
import { HeartBeat, negotiateHeartBeat } from "./heart-beat.ts";

test("negotiateHeartBeat() takes the larger of both wishes, 0 means never", () => {
  expect(negotiateHeartBeat(undefined)).toEqual({ sendEveryMs: 0, hearEveryMs: 0 });
  expect(negotiateHeartBeat("0,0")).toEqual({ sendEveryMs: 0, hearEveryMs: 0 });
  expect(negotiateHeartBeat("4000,4000")).toEqual({ sendEveryMs: 10_000, hearEveryMs: 10_000 });
  expect(negotiateHeartBeat("60000,500")).toEqual({ sendEveryMs: 10_000, hearEveryMs: 60_000 });
  expect(negotiateHeartBeat("9999999999,9999999999")).toEqual({ sendEveryMs: 0, hearEveryMs: 0 });
});

test("negotiateHeartBeat() refuses what is not two plain integers", () => {
  for (const header of ["", "abc", "1000", "-1,-1", "1,2,3", "1e9,0", "1000, 1000", "99999999999999999999,1"]) {
    expect(negotiateHeartBeat(header)).toBeUndefined();
  }
});

test("HeartBeat beats an idle connection within the interval, and not a busy one", () => {
  vi.useFakeTimers();
  try {
    const beatsAtMs: number[] = [];
    const beat = new HeartBeat(
      { sendEveryMs: 10_000, hearEveryMs: 0 },
      () => beatsAtMs.push(Date.now()),
      () => undefined,
    );
    const startMs = Date.now();
    vi.advanceTimersByTime(60_000);
    let lastMs = startMs;
    for (const atMs of beatsAtMs) {
      expect(atMs - lastMs).toBeLessThanOrEqual(10_000);
      lastMs = atMs;
    }
    beatsAtMs.length = 0;
    for (let n = 0; n < 60; n += 1) {
      beat.noteWrite();
      vi.advanceTimersByTime(1_000);
    }
    expect(beatsAtMs).toEqual([]);
    beat.stop();
  } finally {
    vi.useRealTimers();
  }
});

test("HeartBeat gives a silent client twice its promise and a second", () => {
  vi.useFakeTimers();
  try {
    let silentAtMs: number | undefined;
    const startMs = Date.now();
    const beat = new HeartBeat(
      { sendEveryMs: 0, hearEveryMs: 10_000 },
      () => undefined,
      () => (silentAtMs ??= Date.now() - startMs),
    );
    vi.advanceTimersByTime(19_000);
    expect(silentAtMs).toBeUndefined();
    beat.noteRead();
    vi.advanceTimersByTime(60_000);
    expect(silentAtMs).toBe(19_000 + 21_000);
    beat.stop();
  } finally {
    vi.useRealTimers();
  }
});

test("HeartBeat does not take for silence what nobody reads", () => {
  vi.useFakeTimers();
  try {
    const onSilence = vi.fn();
    const beat = new HeartBeat({ sendEveryMs: 0, hearEveryMs: 10_000 }, () => undefined, onSilence);
    beat.pauseHearing();
    vi.advanceTimersByTime(100_000);
    beat.resumeHearing();
    vi.advanceTimersByTime(20_999);
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(30_000);
    expect(onSilence).toHaveBeenCalledOnce();
    beat.stop();
  } finally {
    vi.useRealTimers();
  }
});
