import { expect, test } from "vitest";
import { openTrace, printable, type Trace } from "./trace.ts";

interface Opened {
  trace: Trace;
  lines: Record<string, unknown>[];
  warned: unknown[];
  counted: string[];
  clock: { ms: number };
}

function opened(): Opened {
  const lines: Record<string, unknown>[] = [];
  const warned: unknown[] = [];
  const counted: string[] = [];
  const clock = { ms: 0 };
  const log = {
    info: (line: unknown) => void lines.push(line as Record<string, unknown>),
    warn: (line: unknown) => void warned.push(line),
  };
  const counter = { inc: (labels: unknown) => void counted.push((labels as { kind: string }).kind) };
  return { trace: openTrace(log, counter, () => clock.ms), lines, warned, counted, clock };
}

test("refused() writes who, from where, what and why", () => {
  const { trace, lines, counted } = opened();
  trace.refused({ kind: "access", from: "10.0.0.1", who: "mallory", what: "DELETE /api/users/1", why: undefined });
  expect(lines).toEqual([{ refused: "access", from: "10.0.0.1", who: "mallory", what: "DELETE /api/users/1" }]);
  expect(counted).toEqual(["access"]);
});

test("refused() warns of a refused origin: `serve` shows warnings alone", () => {
  const { trace, lines, warned } = opened();
  trace.refused({ kind: "origin", who: "https://chat.example", compared: { ownOrigin: "http://10.0.0.7:8080" } });
  expect(warned).toEqual([{ refused: "origin", who: "https://chat.example", ownOrigin: "http://10.0.0.7:8080" }]);
  expect(lines).toEqual([]);
});

test("refused() bounds the lines of a kind, counts all, and says how many it did not write", () => {
  const { trace, lines, counted, clock } = opened();
  for (let index = 0; index < 10_000; index += 1) trace.refused({ kind: "login", who: "admin" });
  expect(lines).toHaveLength(50);
  expect(counted).toHaveLength(10_000);
  // A flood of one kind hides no other.
  trace.refused({ kind: "access", who: "mallory" });
  expect(lines).toHaveLength(51);
  clock.ms = 1_000;
  for (let index = 0; index < 10; index += 1) trace.refused({ kind: "login", who: "admin" });
  expect(lines).toHaveLength(52);
  expect(lines.at(-1)).toEqual({ refused: "login", who: "admin", unwritten: 9_950 });
  clock.ms = 3_600_000;
  for (let index = 0; index < 100; index += 1) trace.refused({ kind: "login", who: "admin" });
  expect(lines).toHaveLength(102);
});

test("printable() leaves letters of every script and escapes what is not seen or moves others", () => {
  expect(printable("홍길동 Zoë 山田")).toBe("홍길동 Zoë 山田");
  expect(printable("a\nb\0c\u200bd\u202ee\u00a0f\u2028\ud800")).toBe(
    String.raw`a\u{a}b\u{0}c\u{200b}d\u{202e}e\u{a0}f\u{2028}` + "\ufffd",
  );
  expect(printable("x".repeat(5_000))).toHaveLength(121);
});
