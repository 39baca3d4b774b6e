import { expect, test } from "vitest";
import { tellCrossing, type Ways } from "./crossing.ts";

const instances = ["http://one", "http://two"];

/**
 * "10 10, 01": what is said on the first was heard there, twice asked; what is said on the second there, once asked.
 */
const ways = (text: string): Ways =>
  text.split(", ").map((from) => from.split(" ").map((heard) => Array.from(heard, (to) => to === "1")));

test.each<[string, string, string, string | undefined]>([
  ["nothing when all crosses", "11, 11", "11, 11", undefined],
  [
    "that each instance tells its own only",
    "10 10, 01 01",
    "10 10, 01 01",
    "what is said on http://one is heard on http://one only; what is said on http://two is heard on http://two only",
  ],
  [
    "that one instance hears nothing",
    "10, 10",
    "10, 10",
    "what is said on http://one is heard on http://one only; what is said on http://two is heard on http://one only",
  ],
  [
    "that an event is heard here or there",
    "11, 11",
    "10 01 10, 11",
    "messages: what is said on http://one is heard everywhere; what is said on http://two is heard everywhere. " +
      "Events: what is said on http://one is heard at times on http://one, at times on http://two; " +
      "what is said on http://two is heard everywhere",
  ],
  [
    "that something comes at times, or nowhere",
    "11 10, 00",
    "11 10, 00",
    "what is said on http://one is heard on http://one, at times on http://two; what is said on http://two is heard nowhere",
  ],
])("tellCrossing() says %s", (_, messages, events, expected) => {
  expect(tellCrossing(instances, ways(messages), ways(events))).toBe(expected);
});

test("tellCrossing() says nothing of events where there are none", () => {
  expect(tellCrossing(instances, ways("10, 11"), [[[]], [[]]])).toBe(
    "what is said on http://one is heard on http://one only; what is said on http://two is heard everywhere",
  );
});

test("tellCrossing() speaks of nothing but events where there are no messages", () => {
  expect(tellCrossing(instances, [[[]], [[]]], ways("10, 11"))).toBe(
    "what is said on http://one is heard on http://one only; what is said on http://two is heard everywhere",
  );
});
