import { expect, test } from "vitest";
import { Secrets, Transcript } from "./transcript.ts";

const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";

test("redact() replaces every known secret by a short hash, the same for the same secret", () => {
  const secrets = new Secrets();
  secrets.add("p4ssw0rd!");
  const [first, second] = [secrets.redact("a p4ssw0rd! b p4ssw0rd!"), secrets.redact("p4ssw0rd!")];
  expect(first).toMatch(/^a ‹[\da-f]{8}› b ‹[\da-f]{8}›$/);
  expect(first).toContain(second);
});

test("redact() knows tokens by their form, without having been told", () => {
  expect(new Secrets().redact(`Authorization: Bearer ${token}, again ${token}.`)).toMatch(
    /^Authorization: Bearer ‹[\da-f]{8}›, again ‹[\da-f]{8}›\.?$/,
  );
});

test("redact() replaces a secret whole, even when another is its beginning", () => {
  const secrets = new Secrets();
  secrets.add("secret");
  secrets.add("secret-and-more");
  expect(secrets.redact("x secret-and-more y")).toMatch(/^x ‹[\da-f]{8}› y$/);
});

test("redact() finds a secret in the forms in which it travels", () => {
  const secrets = new Secrets();
  secrets.add('pass"w/rd a1!');
  for (const form of [
    JSON.stringify({ password: 'pass"w/rd a1!' }),
    new URLSearchParams({ password: 'pass"w/rd a1!' }).toString(),
    encodeURIComponent('pass"w/rd a1!'),
  ]) {
    expect(secrets.redact(form)).not.toMatch(/w(\/|%2F)rd/);
    expect(secrets.redact(form)).toMatch(/‹[\da-f]{8}›/);
  }
});

test("add() leaves texts alone that are too short to be secrets", () => {
  const secrets = new Secrets();
  secrets.add("abc");
  secrets.add(undefined);
  expect(secrets.redact("abc undefined")).toBe("abc undefined");
});

test("note() keeps the beginning of a long text", () => {
  const transcript = new Transcript(new Secrets());
  transcript.note("rest A", "sent", "x".repeat(5_000));
  expect(transcript.events.map(({ text }) => text.length)).toEqual([4_000 + "… (5000 characters)".length]);
});

test.each([
  ["so many events", new Transcript(new Secrets(), 100)],
  ["so much text", new Transcript(new Secrets(), 2_000, 20_000)],
])("note() keeps how it began and how it ended, up to %s, and counts what was between", (_, transcript) => {
  for (let count = 1; count <= 1_000; count++) transcript.note("rest A", "received", `${count} ${"x".repeat(100)}`);
  const texts = transcript.events.map(({ text }) => text.split("x", 1)[0]!.trim());
  expect(texts[0]).toBe("1");
  expect(texts.at(-1)).toBe("1000");
  expect(texts.filter((text) => text.includes("left out"))).toEqual([
    `… ${1_000 - (texts.length - 1)} events left out`,
  ]);
  expect(texts.length).toBeLessThanOrEqual(101);
  expect(transcript.events.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(20_000);
});

test("nameConnection() tells two connections with one label apart", () => {
  const transcript = new Transcript(new Secrets());
  expect(["sse A", "sse B", "sse A"].map((name) => transcript.nameConnection(name))).toEqual([
    "sse A",
    "sse B",
    "sse A (2)",
  ]);
});

test("note() keeps nothing that comes after the end", () => {
  const transcript = new Transcript(new Secrets());
  transcript.note("rest A", "sent", "DELETE /x");
  transcript.end();
  transcript.note("rest A", "received", "204");
  expect(transcript.events.map(({ text }) => text)).toEqual(["DELETE /x"]);
});
