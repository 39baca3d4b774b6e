import { expect, test } from "vitest";
import { runEngine } from "./engine.ts";
import type { LoadPlan } from "./plan.ts";
import { startSink } from "./sink.ts";

test("a sink passes on everything that is said in a room, to all who are there and to nobody else", async () => {
  await using sink = await startSink();
  const rooms = [0, 1].map((room) => ({ destination: `/topic/${room}` }));
  const person = { handshake: {}, connect: {}, rooms: [0, 1].map((room) => ({ room, headers: {} })) };
  // Longer than what fits into the shortest WebSocket frame, and than 126 octets.
  const body = JSON.stringify({ text: "@@", more: "가".repeat(400) });
  const sends = rooms.map(({ destination }) => ({ destination, headers: {}, body }));
  const plan: LoadPlan = {
    webSocketUrls: [sink.url.replace("http", "ws")],
    receipts: true,
    listeners: [person],
    publishers: [{ ...person, sends }],
    rooms,
  };
  const result = await runEngine({
    plan,
    connections: 20,
    rampMs: 100,
    messages: 40,
    everyMs: 10,
    signal: new AbortController().signal,
  });
  expect(result.account).toMatchObject({ expected: 400, delivered: 400, lost: 0, duplicate: 0, foreign: 0 });
});

test("a sink ends with whoever started it", async () => {
  const sink = await startSink();
  await sink[Symbol.asyncDispose]();
  expect(() => process.kill(sink.pid, 0)).toThrow("ESRCH");
});
