import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { HistoryFile, HistoryFileError } from "./history-file.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-history-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function fileOf(content: string | Buffer): HistoryFile {
  const path = join(folder, `${++files}.jsonl`);
  writeFileSync(path, content);
  return new HistoryFile(path);
}
const end = '{"type":"end","atMs":1}';
const acknowledged = (message: string): string => JSON.stringify({ type: "acknowledged", atMs: 1, message });

test("HistoryFile yields every event, over the edges of what is read at once", () => {
  // 12 MB; of three-byte characters, so that edges fall within one.
  const count = 60_000;
  const file = fileOf(
    Array.from({ length: count }, (_, number) => `${acknowledged(`${number}${"…".repeat(60)}`)}\n`).join(""),
  );
  let right = 0;
  for (const event of file) if (event.type === "acknowledged" && event.message === `${right}${"…".repeat(60)}`) right++;
  expect(right).toBe(count);
  expect(file).toMatchObject({ line: count, cutOff: false });
});

test("HistoryFile ignores a last line that was cut off, wherever", () => {
  const line = Buffer.from(acknowledged("…"));
  for (let length = 1; length < line.length; length++) {
    const file = fileOf(Buffer.concat([Buffer.from(`${end}\n`), line.subarray(0, length)]));
    expect([...file]).toHaveLength(1);
    expect(file).toMatchObject({ line: 2, cutOff: true });
  }
});

test("HistoryFile takes an empty file, and a last line without its end", () => {
  expect([...fileOf("")]).toEqual([]);
  expect([...fileOf(`${end}\n${end}`)]).toHaveLength(2);
  expect([...fileOf(`${end}\n\n`)]).toHaveLength(1);
});

test.each([
  [`${end}\n{"type":\n${end}\n`, "line 2: no JSON"],
  [`${end}\n{"type":\n`, "line 2: no JSON"],
  [`${end}\n{"type":"lie","atMs":1}`, 'line 2: unknown type "lie"'],
  ["x".repeat(5_000_000), "line 1: longer than 4194304 bytes"],
])("HistoryFile says which line is wrong in %.30j", (content, message) => {
  const file = fileOf(content);
  expect(() => [...file]).toThrow(HistoryFileError);
  expect(() => [...file]).toThrow(message);
});

test("HistoryFile says when there is no such file", () => {
  expect(() => [...new HistoryFile(join(folder, "nothing"))]).toThrow(/^cannot read .*nothing: ENOENT/);
});
