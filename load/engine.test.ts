import { expect, test } from "vitest";
import { runEngine, type EngineResult } from "./engine.ts";
import { planOf, serve, type Mistake } from "./fakes.ts";

async function loaded(
  options: { receipts?: boolean; mistake?: Mistake; signal?: AbortSignal; storm?: { rampMs: number } } = {},
): Promise<EngineResult> {
  await using served = await serve(options);
  return await runEngine({
    plan: planOf(served.url, options.receipts ?? true),
    connections: 40,
    rampMs: 200,
    messages: 20,
    everyMs: 25,
    signal: options.signal ?? new AbortController().signal,
    ...(options.storm === undefined ? {} : { storm: options.storm, returning: true }),
  });
}

test.concurrent("every delivery is accounted for, and how long each took", async () => {
  const { account, counts, latencies, published, unknown, generator } = await loaded();
  expect(counts).toMatchObject({ opened: 40, subscribed: 40, refused: 0, dropped: 0 });
  expect(account).toMatchObject({ expected: 400, delivered: 400, lost: 0, duplicate: 0, reordered: 0, foreign: 0 });
  expect([published, unknown, latencies.count]).toEqual([20, 0, 400]);
  expect(latencies.msAt(50)).toBeGreaterThan(0);
  expect(latencies.maxMs).toBeGreaterThanOrEqual(latencies.msAt(99));
  expect(generator.cpu).toBeGreaterThan(0);
});

test.concurrent("without RECEIPT frames, what its sender hears was taken", async () => {
  const { account, published, unknown } = await loaded({ receipts: false });
  expect([published, unknown]).toEqual([20, 0]);
  expect(account).toMatchObject({ expected: 400, delivered: 400, lost: 0 });
});

test.concurrent.each([
  ["loses", { lost: 1, delivered: 399 }, { anomaly: "lost", lane: 0, sequence: 4 }],
  ["doubles", { duplicate: 1, delivered: 400 }, { anomaly: "duplicate", lane: 0, sequence: 4 }],
  ["swaps", { reordered: 1, delivered: 400, lost: 0 }, { anomaly: "reordered", lane: 0, sequence: 4 }],
  ["strays", { foreign: 1, delivered: 400 }, { anomaly: "foreign", lane: 0, sequence: 4 }],
] as const)("a broker that %s one of 400 is found, by number", async (mistake, counts, finding) => {
  const { account } = await loaded({ mistake });
  expect(account).toMatchObject({ expected: 400, ...counts });
  expect(account.findings).toEqual([expect.objectContaining(finding)]);
});

test.concurrent("who is cut off is judged up to then, and what it missed is counted separately", async () => {
  const { account, counts, reasons, publisherEnded } = await loaded({ mistake: "cuts" });
  expect([reasons, publisherEnded]).toEqual([[["closed with 1006", 1]], undefined]);
  expect(counts).toMatchObject({ subscribed: 40, dropped: 1 });
  // Four were heard, acknowledged by then or not.
  expect(account).toMatchObject({ lost: 0, missed: 6 });
  expect(account.expected + account.unowed).toBe(394);
});

test.concurrent("a target that dies ends the run, with what was heard so far", async () => {
  const { account, counts, published, publisherEnded } = await loaded({ mistake: "dies" });
  expect(publisherEnded).toBe("closed with 1006");
  expect(counts.dropped).toBe(40);
  expect(account.lost).toBe(0);
  expect(published).toBeLessThan(12);
});

test.concurrent("who is not let in is counted", async () => {
  const { counts, account, reasons } = await loaded({ mistake: "refuses" });
  expect(reasons).toEqual([["ERROR full", 1]]);
  expect(counts).toMatchObject({ subscribed: 39, refused: 1, dropped: 0 });
  expect(account).toMatchObject({ lost: 0 });
});

test.concurrent("of several who speak, each has its own order", async () => {
  await using served = await serve();
  const { account, published, latencies } = await runEngine({
    plan: planOf(served.url, true, 3),
    connections: 40,
    rampMs: 200,
    messages: 30,
    everyMs: 20,
    signal: new AbortController().signal,
  });
  expect(account).toMatchObject({ expected: 600, delivered: 600, lost: 0, reordered: 0, foreign: 0 });
  expect([published, latencies.count]).toEqual([30, 600]);
});

test.concurrent("nothing is owed to who reads slowly or not at all, and who is cut off for it is counted", async () => {
  await using served = await serve({ keepsBytesMax: 4 * 1_024 * 1_024 });
  const { account, counts } = await runEngine({
    plan: { ...planOf(served.url, true), padding: ".".repeat(500_000) },
    connections: 10,
    slowOneIn: 5,
    rampMs: 200,
    messages: 40,
    everyMs: 100,
    signal: new AbortController().signal,
  });
  expect(counts).toMatchObject({ subscribed: 10, dropped: 0, slow: 2 });
  // One of them reads a piece a second: the kernel may keep all the rest for it.
  expect([1, 2]).toContain(counts.slowCut);
  expect(account).toMatchObject({ expected: 160, delivered: 160, lost: 0, unowed: 0 });
});

test.concurrent("interrupted, it ends at once with what it has", async () => {
  const { interrupted, published } = await loaded({ signal: AbortSignal.timeout(500) });
  expect(interrupted).toBe(true);
  expect(published).toBeLessThan(20);
});

test.concurrent("all are dropped and come back: how long each took, and what was said meanwhile is missed", async () => {
  const { account, counts, returns } = await loaded({ storm: { rampMs: 100 } });
  expect(counts).toMatchObject({ opened: 80, subscribed: 40, left: 40, returned: 40, refused: 0, dropped: 0 });
  expect(returns.count).toBe(40);
  expect(returns.maxMs).toBeGreaterThan(50);
  expect(account).toMatchObject({ lost: 0, duplicate: 0, reordered: 0, foreign: 0 });
  expect(account.missed).toBeGreaterThan(0);
});

test.concurrent("who does not get in again tries once more, and that is counted", async () => {
  const { account, counts, returns } = await loaded({ storm: { rampMs: 100 }, mistake: "refuses one who returns" });
  expect(counts).toMatchObject({ subscribed: 40, left: 40, returned: 40, refused: 0, failures: 1 });
  expect([returns.count, account.lost]).toEqual([40, 0]);
  expect(returns.maxMs).toBeGreaterThan(1_000);
});

test.concurrent("tabs that are closed and opened again lose nothing, and are no dropped connections", async () => {
  await using served = await serve();
  const { account, counts, reasons } = await runEngine({
    plan: planOf(served.url, true),
    connections: 40,
    visits: { staysMs: 1_500, awayMs: 200 },
    returning: true,
    rampMs: 200,
    messages: 60,
    everyMs: 50,
    signal: new AbortController().signal,
  });
  expect(counts).toMatchObject({ subscribed: 40, refused: 0, dropped: 0, failures: 0 });
  expect(counts.left).toBeGreaterThan(20);
  expect(counts.returned).toBeGreaterThan(20);
  expect(reasons).toEqual([]);
  expect(account).toMatchObject({ lost: 0, duplicate: 0, reordered: 0, foreign: 0 });
  expect(account.delivered).toBe(account.expected);
  expect(account.expected).toBeGreaterThan(100);
});
