import { expect, test } from "vitest";
import { publicationOf, type EventRecord } from "./records.ts";
import { MemoryBus } from "./memory-bus.ts";

const record = (id: string): EventRecord => ({
  topic: "events",
  id,
  name: "n",
  data: "{}",
  receivers: "everyone",
  createdAtMs: 0,
});

test("MemoryBus.publish() delivers later, in order, to each follower and once to the group", async () => {
  const bus = new MemoryBus(() => undefined);
  const heard: string[] = [];
  await bus.follow("events", async ({ id }, live) => {
    await Promise.resolve();
    heard.push(`a ${id} ${live}`);
  });
  await bus.follow("events", ({ id }) => void heard.push(`b ${id}`));
  await bus.work("events", "g", ({ id }) => Promise.resolve(void heard.push(`work ${id}`)));
  await bus.follow("messages", () => void heard.push("never"));
  await bus.publish([record("1"), record("2")].map(publicationOf));
  expect(heard).toEqual([]);
  await bus.close();
  expect(heard.filter((text) => text.startsWith("a"))).toEqual(["a 1 true", "a 2 true"]);
  expect(heard.filter((text) => text.startsWith("b"))).toEqual(["b 1", "b 2"]);
  expect(heard.filter((text) => text.startsWith("w"))).toEqual(["work 1", "work 2"]);
  expect(heard.length).toBe(6);
  await expect(bus.publish([record("3")].map(publicationOf))).rejects.toThrow("closed");
});

test("MemoryBus skips a record that its follower cannot take, and goes on", async () => {
  const poison: unknown[] = [];
  const bus = new MemoryBus((topic, error) => poison.push([topic, String(error)]));
  const heard: string[] = [];
  await bus.follow("events", ({ id }) => {
    if (id === "1") throw new Error("no");
    heard.push(id);
  });
  await bus.publish([record("1"), record("2")].map(publicationOf));
  await bus.close();
  expect(heard).toEqual(["2"]);
  expect(poison).toEqual([["events", "Error: no"]]);
});
