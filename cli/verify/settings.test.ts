import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkUrl, readSettings, wholeNumber } from "./settings.ts";
import { UsageError } from "./usage-error.ts";

function openFile(content: string): Disposable & { path: string } {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-settings-"));
  const path = join(folder, "file.json");
  writeFileSync(path, content);
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test("readSettings() has a default for everything", () => {
  expect(readSettings({})).toMatchObject({
    system: undefined,
    jobs: 8,
    only: undefined,
    patient: false,
    strict: false,
    house: false,
    yes: false,
    json: false,
    capabilities: [],
  });
  expect(readSettings({}).known.size).toBe(0);
});

test("readSettings() expands areas, and takes each clause once", () => {
  const { only } = readSettings({ only: "connect, connect.with-a-token ,frames" });
  expect(only).toContain("connect.with-a-token");
  expect(only).toHaveLength(new Set(only).size);
  expect(only!.every((id) => /^(connect|frames)\./.test(id))).toBe(true);
});

test.each([
  ["an unknown system", { system: "discodeit-9" }, 'unknown system "discodeit-9": known are discodeit-1, discodeit-2'],
  ["an unknown capability", { capability: ["magic"] }, 'unknown capability "magic"'],
  ["an unknown clause", { only: "connect.no-such" }, '--only: no clause or area is called "connect.no-such"'],
  ["an empty filter", { only: "" }, '--only: no clause or area is called ""'],
  ["a filter that ends in a comma", { only: "connect," }, '--only: no clause or area is called ""'],
  ["a report without a cause that is selected", { from: "report" }, "--from names the report whose causes --only may"],
  ["a time-out in words", { timeout: "soon" }, '--timeout takes a whole number from 100, not "soon"'],
  ["no jobs", { jobs: "0" }, '--jobs takes a whole number from 1, not "0"'],
  ["a fraction", { seed: "1.5" }, "--seed takes a whole number"],
  ["a CA file that is not there", { ca: "/no/such/file.pem" }, "--ca: cannot read /no/such/file.pem"],
  [
    "a proxy that is no URL",
    { proxy: "localhost:80" },
    '"localhost:80" is no URL: it begins with http:// or https://; did you mean http://localhost:80?',
  ],
])("readSettings() refuses %s", (_, options, message) => {
  expect(() => readSettings(options)).toThrow(UsageError);
  expect(() => readSettings(options)).toThrow(message);
});

test.each([{ publishUrl: "http://h/p" }, { publish: "send {marker}" }, { replay: true }])(
  "readSettings() knows by %j that it is an event stream",
  (options) => {
    expect(readSettings(options).system).toBe("sse");
    expect(() => readSettings({ ...options, system: "stomp" })).toThrow(/is about an event stream/);
  },
);

test("readSettings() reads known failures with reason and link", () => {
  using file = openFile('{"connect.with-a-token":{"reason":"no STOMP yet","link":"https://example.org/1"}}');
  expect(readSettings({ knownFailing: file.path }).known.get("connect.with-a-token")).toEqual({
    reason: "no STOMP yet",
    link: "https://example.org/1",
  });
});

test.each([
  ["is no JSON", "{", "is no JSON"],
  ["is no object", "[]", "takes an object"],
  ["is null", "null", "takes an object"],
  ["names an unknown clause", '{"connect.no-such":{"reason":"x"}}', 'no clause is called "connect.no-such"'],
  ["gives no reason", '{"connect.with-a-token":{}}', "connect.with-a-token needs a reason"],
  ["has an empty entry", '{"connect.with-a-token":null}', "connect.with-a-token needs a reason"],
])("readSettings() refuses a list of known failures that %s", (_, content, message) => {
  using file = openFile(content);
  expect(() => readSettings({ knownFailing: file.path })).toThrow(UsageError);
  expect(() => readSettings({ knownFailing: file.path })).toThrow(message);
});

test("checkUrl() keeps a path and drops slashes at its end", () => {
  expect(checkUrl("https://example.org/chat//")).toBe("https://example.org/chat");
  expect(checkUrl("http://127.0.0.1:8080")).toBe("http://127.0.0.1:8080");
});

test.each([
  "localhost:8080",
  "example.org",
  "ftp://example.org",
  "ws://example.org",
  "http://",
  "",
  "http://me:secret@example.org",
  "http://example.org/?a=1",
  "http://example.org/#part",
])("checkUrl() refuses %j", (text) => {
  expect(() => checkUrl(text)).toThrow(UsageError);
});

test("checkUrl() does not repeat a password", () => {
  expect(() => checkUrl("http://me:secret@example.org")).toThrow(/^(?!.*secret)/);
});

test.each(["-1", "1e9999", "", " ", "0x10", "1.0.0", "NaN", "Infinity"])("wholeNumber() refuses %j", (text) => {
  expect(() => wholeNumber(text, "--n", 0)).toThrow(UsageError);
});
