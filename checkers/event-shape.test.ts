import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkEvent, historySchema } from "./event-shape.ts";
import { HistoryError } from "./ledger.ts";
import { moves, playValid } from "./valid-history.ts";

const heard = {
  type: "heard",
  atMs: 1,
  subscription: "bob",
  epoch: 1,
  how: "pushed",
  message: "a",
  room: "1",
  hash: "",
};

test("checkEvent() lets valid events through, unknown fields too", () => {
  fc.assert(
    fc.property(moves, (list) => playValid(list).every((event) => checkEvent(event) === event)),
    { numRuns: 20 },
  );
  expect(checkEvent({ type: "end", atMs: 1, later: true })).toMatchObject({ later: true });
});

test.each<[unknown, string]>([
  [null, "an event is an object"],
  ["end", "an event is an object"],
  [[], "unknown type undefined"],
  [{ type: "lie", atMs: 1 }, 'unknown type "lie"'],
  [{ type: "end" }, "end: atMs is a number, not undefined"],
  [{ ...heard, epoch: "1" }, 'heard: epoch is number, not "1"'],
  [{ ...heard, id: 7 }, "heard: id is string?, not 7"],
  [{ ...heard, how: "told" }, 'heard: how is pushed, history, not "told"'],
  [
    {
      type: "subscription",
      atMs: 1,
      subscription: "bob",
      user: "bob",
      rooms: [1],
      transport: "sse",
      ownMessages: true,
    },
    "subscription: rooms is strings, not [1]",
  ],
  [{ type: "run", atMs: 1, schema: 2, run: "", system: "", seed: 1, startedAt: "" }, "schema 1 is read, not 2"],
])("checkEvent() refuses %j", (value, message) => {
  expect(() => checkEvent(value)).toThrow(new HistoryError(message));
});

test("docs/history.schema.json is not stale: `npx rollcall judge --schema > docs/history.schema.json`", () => {
  const file = readFileSync(new URL("../docs/history.schema.json", import.meta.url), "utf8");
  expect(JSON.parse(file)).toEqual(historySchema());
});

test("docs/history.md has a row for every type of event, with every field", () => {
  const page = readFileSync(new URL("../docs/history.md", import.meta.url), "utf8");
  const { oneOf } = historySchema() as { oneOf: { title: string; properties: object }[] };
  for (const { title, properties } of oneOf) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${title}\` |`));
    const missing = Object.keys(properties).filter(
      (name) => !["type", "atMs"].includes(name) && !row?.includes(`\`${name}\``),
    );
    expect([title, row === undefined, missing]).toEqual([title, false, []]);
  }
});
