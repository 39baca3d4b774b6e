import fc from "fast-check";
import { expect, test } from "vitest";
import { SseParser, type SseItem } from "./sse.ts";

function readIn(size: number, text: string): SseItem[] {
  const parser = new SseParser();
  const items: SseItem[] = [];
  for (let at = 0; at < text.length; at += size) items.push(...parser.push(text.slice(at, at + size)));
  return items;
}

const event = (fields: Partial<Extract<SseItem, { kind: "event" }>>): SseItem => ({
  kind: "event",
  name: "message",
  id: undefined,
  data: undefined,
  dataLineCount: 0,
  retryMs: undefined,
  ...fields,
});

const lines = [
  "\uFEFFretry: 3000",
  "",
  ": hello",
  "event: ping",
  "data: {}",
  "",
  "id:1",
  "data:a",
  "data: b",
  "data",
  "retry: 250",
  "",
  "event:",
  "data:  two spaces: and colons",
  "",
  ":",
  "odd: line",
  "id: with\0nul",
  "data: x",
  "",
  "event: no.data",
  "",
  "retry: soon",
  "id",
  "data:last",
  "",
  "",
];

const items: SseItem[] = [
  { kind: "settings", id: undefined, retryMs: 3_000 },
  { kind: "comment", text: "hello" },
  event({ name: "ping", data: "{}", dataLineCount: 1 }),
  event({ id: "1", data: "a\nb\n", dataLineCount: 3, retryMs: 250 }),
  event({ data: " two spaces: and colons", dataLineCount: 1 }),
  { kind: "comment", text: "" },
  { kind: "odd-line", line: "odd: line" },
  event({ data: "x", dataLineCount: 1 }),
  event({ name: "no.data" }),
  { kind: "odd-line", line: "retry: soon" },
  event({ id: "", data: "last", dataLineCount: 1 }),
];

test.each([
  ["LF", "\n"],
  ["CR LF", "\r\n"],
  ["CR", "\r"],
])("SseParser reads lines that end in %s, in pieces of any size", (_, end) => {
  // A CR at the very end may be half of CR LF: one more character settles it.
  const text = lines.join(end) + (end === "\r" ? ":" : "");
  for (const size of [text.length, 1, 2, 3]) expect(readIn(size, text)).toEqual(items);
});

test("SseParser forgets a block that did not end", () => {
  const parser = new SseParser();
  expect(parser.push("data: half\n")).toEqual([]);
  expect(parser.atBoundary).toBe(false);
  expect(parser.push("\n")).toHaveLength(1);
  expect(parser.atBoundary).toBe(true);
  expect(parser.push(": comment\n")).toHaveLength(1);
  expect(parser.atBoundary).toBe(true);
  expect(parser.push("da")).toEqual([]);
  expect(parser.atBoundary).toBe(false);
});

const line = fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n\0]/.test(text));

test("SseParser reads back what was written, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          name: line.filter((text) => text !== ""),
          id: line,
          data: fc.array(line, { minLength: 1, maxLength: 3 }),
        }),
      ),
      fc.constantFrom("\n", "\r\n"),
      fc.integer({ min: 1, max: 9 }),
      (events, end, size) => {
        const text = events
          .map(({ name, id, data }) =>
            [`event: ${name}`, `id: ${id}`, ...data.map((part) => `data: ${part}`), "", ""].join(end),
          )
          .join("");
        expect(readIn(size, text)).toEqual(
          events.map(({ name, id, data }) => event({ name, id, data: data.join("\n"), dataLineCount: data.length })),
        );
      },
    ),
  );
});
