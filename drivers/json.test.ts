import { expect, test } from "vitest";
import { jsonDepthMax, parseJson } from "./json.ts";

const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

test.each([
  ["arrays", nested(100_000)],
  ["objects without end", '{"a":'.repeat(100_000)],
  ["one array too many", `["\\"",${nested(jsonDepthMax)}]`],
])("parseJson() refuses what is nested too deep: %s", (_, text) => {
  expect(() => parseJson(text, "users: status 200")).toThrow(
    expect.objectContaining({
      name: "TargetError",
      code: "malformed",
      message: "Cannot read users: status 200, JSON nested more than 200 deep",
    }) as Error,
  );
});

test("parseJson() counts no bracket in a string", () => {
  const text = JSON.stringify({ content: `\\"${"[".repeat(1_000)}` });
  expect(parseJson(text, "a message")).toEqual({ content: `\\"${"[".repeat(1_000)}` });
  expect(parseJson(nested(jsonDepthMax), "a list")).toBeInstanceOf(Array);
});

test("parseJson() names the beginning of what is no JSON", () => {
  expect(() => parseJson("<html>", "users: status 200")).toThrow('Cannot read users: status 200, no JSON but "<html>"');
});
