import { expect, test } from "vitest";
import { parseInstant } from "./instant.ts";

test("parseInstant() keeps six digits and fills up fewer", () => {
  expect(parseInstant("2026-11-21T09:01:07.123456Z")).toBe("2026-11-21T09:01:07.123456Z");
  expect(parseInstant("2026-11-21T09:01:07Z")).toBe("2026-11-21T09:01:07.000000Z");
  expect(parseInstant("2026-11-21T09:01Z")).toBe("2026-11-21T09:01:00.000000Z");
});

test("parseInstant() rounds nanoseconds up, over the second too", () => {
  expect(parseInstant("2026-11-21T09:01:07.123456001Z")).toBe("2026-11-21T09:01:07.123457Z");
  expect(parseInstant("2026-12-31T23:59:59.999999999Z")).toBe("2027-01-01T00:00:00.000000Z");
});

test("parseInstant() turns offsets into UTC, also before 1970", () => {
  expect(parseInstant("2026-11-21T09:01:07+09:00")).toBe("2026-11-21T00:01:07.000000Z");
  expect(parseInstant("1969-12-31T23:59:59.000001Z")).toBe("1969-12-31T23:59:59.000001Z");
});

test("parseInstant() refuses everything else", () => {
  for (const text of [
    "",
    "yesterday",
    "2026-11-21",
    "2026-11-21T09:01:07",
    "2026-13-01T00:00:00Z",
    "-1000000000-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "2026-11-21T09:01:07.1234567890Z",
  ]) {
    expect(parseInstant(text)).toBeUndefined();
  }
});
