import { expect, test } from "vitest";
import { run } from "./statements.ts";
import { isStorable, UnstorableTextError } from "./text.ts";

test("isStorable() refuses NUL and lone surrogates, also in lists", () => {
  for (const value of ["", "가", "😀", null, undefined, 7, true, Buffer.from([0]), [], ["a", "b"]])
    expect(isStorable(value)).toBe(true);
  for (const value of ["\0", "a\0b", "\ud83d", "\ude00\ud83d", ["a", "\0"]]) expect(isStorable(value)).toBe(false);
});

test("run() refuses such a parameter before the database is asked", async () => {
  const asked: string[] = [];
  const runner = { query: ({ text }: { text: string }) => Promise.resolve({ rows: [{ asked: asked.push(text) }] }) };
  await expect(run(runner, "s", "SELECT $1", ["a\0b"])).rejects.toThrow(UnstorableTextError);
  await expect(run(runner, "s", "SELECT $1", [["\ud800"]])).rejects.toThrow(UnstorableTextError);
  expect(asked).toEqual([]);
  expect(await run(runner, "s", "SELECT $1", ["a"])).toEqual([{ asked: 1 }]);
});
