import { expect, test } from "vitest";
import { runEngine, type EngineResult } from "./engine.ts";
import { serveStreams, type StreamMistake } from "./fake-streams.ts";

async function loaded(options: {
  mistake?: StreamMistake;
  lineEnd?: string;
  storm?: { rampMs: number };
}): Promise<EngineResult> {
  await using served = await serveStreams(options);
  const { plan, publish } = served;
  return await runEngine({
    plan,
    publish,
    connections: 20,
    rampMs: 100,
    messages: 40,
    everyMs: 20,
    signal: new AbortController().signal,
    ...(options.storm === undefined ? {} : { storm: options.storm, returning: true }),
  });
}

test.concurrent.each([
  ["LF", "\n"],
  ["CR", "\r"],
  ["CR LF", "\r\n"],
])("each event is heard once by each stream, in pieces, with %s at the end of lines", async (_, lineEnd) => {
  const { account, counts, latencies, published } = await loaded({ lineEnd });
  expect(counts).toMatchObject({ opened: 20, subscribed: 20, refused: 0, dropped: 0 });
  expect(account).toMatchObject({ expected: 800, delivered: 800, lost: 0, duplicate: 0, reordered: 0, unowed: 0 });
  expect([published, latencies.count]).toEqual([40, 800]);
});

const storm = { rampMs: 100 };

test.concurrent("who comes back hears all that it missed, and how long that took is measured apart", async () => {
  const { account, counts, latencies, returns, replays } = await loaded({ storm });
  expect(counts).toMatchObject({ left: 20, returned: 20, failures: 0, dropped: 0 });
  expect(account).toMatchObject({ expected: 800, delivered: 800, lost: 0, duplicate: 0, missed: 0 });
  expect(returns.count).toBe(20);
  expect(replays.count).toBeGreaterThan(0);
  expect(replays.count + latencies.count).toBe(800);
});

test.concurrent.each([
  ["forgets the oldest missed", "lost"],
  ["repeats the last heard", "duplicate"],
  ["replays nothing", "lost"],
] as const)("a server that %s is found", async (mistake, anomaly) => {
  const { account } = await loaded({ mistake, storm });
  expect(account[anomaly]).toBeGreaterThan(0);
  expect(account.findings.every((finding) => finding.anomaly === anomaly)).toBe(true);
});

test.concurrent("what is no event stream is refused, and why is counted", async () => {
  await using served = await serveStreams();
  const [listener] = served.plan.listeners;
  const plan = { ...served.plan, listeners: [{ ...listener!, stream: { url: "http://127.0.0.1:9/", headers: {} } }] };
  const { counts, reasons } = await runEngine({
    plan,
    publish: served.publish,
    connections: 5,
    rampMs: 10,
    messages: 1,
    everyMs: 1,
    signal: new AbortController().signal,
  });
  expect(counts).toMatchObject({ subscribed: 0, refused: 5 });
  expect(reasons).toEqual([["ECONNREFUSED", 5]]);
});
