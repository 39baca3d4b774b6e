import { expect, test } from "vitest";
import type { SseItem } from "../drivers/codecs/sse.ts";
import { tellWatched } from "./stream-baseline.ts";

const comment: SseItem = { kind: "comment", text: "" };
const event: SseItem = {
  kind: "event",
  name: "message",
  id: undefined,
  data: "x",
  dataLineCount: 1,
  retryMs: undefined,
};

test.each([
  [1, [], "watched for 1 second, as nobody can make an event come: 0 events and 0 comments came"],
  [
    10,
    [comment, event, event],
    "watched for 10 seconds, as nobody can make an event come: 2 events and 1 comment came",
  ],
])("tellWatched() says how long a stream was watched, and what came: %i s", (seconds, items, words) => {
  const timed = items.map((item) => ({ ...item, atMs: 0 }));
  expect(tellWatched({ seconds, items: timed, bytes: Buffer.alloc(0) })).toBe(words);
});
