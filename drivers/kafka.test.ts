import { expect, test, vi } from "vitest";
import { openTcpServer } from "./tiny-server.ts";
import { onlyNew, troubleOfKafka } from "./kafka.ts";

/** Answers the request that each connection of kafkajs begins with: which versions it speaks. None. */
const openBroker = () =>
  openTcpServer((socket) =>
    socket.on("data", (request) => {
      const answer = Buffer.alloc(14);
      answer.writeInt32BE(10);
      request.copy(answer, 4, 8, 12);
      socket.write(answer);
    }),
  );

test("kafkajs sets no timer for a time that is over", async () => {
  await using broker = await openBroker();
  using timers = vi.spyOn(globalThis, "setTimeout");
  expect(await troubleOfKafka([new URL(broker.url).host], "a-topic")).toBeDefined();
  const delays = timers.mock.calls.map(([, delayMs = 0]) => delayMs);
  expect(delays.filter((delayMs) => delayMs < 0)).toEqual([]);
  // The control: it got as far as an answer, behind which such a timer stood.
  expect(timers).toHaveBeenCalled();
});

test("onlyNew() knows a record again by its place, and no other record by its content", () => {
  const isNew = onlyNew();
  const places = [
    ["a", 0, "9"],
    ["a", 0, "10"],
    ["a", 0, "9"],
    ["a", 0, "10"],
    ["a", 1, "10"],
    ["b", 0, "10"],
    ["a", 0, "11"],
  ] as const;
  expect(places.map(([topic, partition, offset]) => isNew({ topic, partition, offset }))).toEqual([
    true,
    true,
    false,
    false,
    true,
    true,
    true,
  ]);
});
