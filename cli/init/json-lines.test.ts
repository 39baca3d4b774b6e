import { expect, test } from "vitest";
import { lineOf } from "./json-lines.ts";

const text = `{
  "target": { "urls": ["http://x", "a \\"quoted\\" , ] one"] },
  "system": {
    "name": "x",
    "promises": [
      "history",
      "order-per-room"
    ],
    "rooms": { "open": {
      "post": "/rooms" } }
  }
}`;

test.each([
  [["system", "name"], 4],
  [["target", "urls", 1], 2],
  [["system", "promises", 1], 7],
  [["system", "rooms", "open", "post"], 10],
  [["system", "rooms", "open", "id"], 9],
  [["nothing"], undefined],
])("lineOf(%j) is %j", (path, line) => {
  expect(lineOf(text, path)).toBe(line);
});
