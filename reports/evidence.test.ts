import { expect, test } from "vitest";
import type { Evidence, Verdict } from "../checkers/verdict.ts";
import { judgedConnection, linesThatMatter } from "./evidence.ts";

/** "rest A > text" was sent, "rest A < text" received; one after the other. */
const linesOf = (...texts: string[]): Evidence[] =>
  texts.map((line, atMs) => {
    const [, connection, way, text] = /^(.*?) ([<>o]) (.*)$/.exec(line)!;
    const direction = ({ "<": "received", ">": "sent", o: "opened" } as const)[way as "<" | ">" | "o"];
    return { atMs, connection: connection!, direction, text: text! };
  });

const verdict = (texts: readonly string[], more: Partial<Verdict> = {}): Verdict => ({
  id: "send.x",
  level: "MUST",
  kind: "fail",
  text: "It holds.",
  source: "x",
  because: "it came twice",
  durationMs: 1,
  evidence: linesOf(...texts),
  ...more,
});

const shown = (...given: Parameters<typeof verdict>): string[] =>
  linesThatMatter(verdict(...given)).map(({ connection, text }) => `${connection}: ${text}`);

const several = ["rest A o", "stomp A o", "stomp A1 o", "sse B o", "rest B o", "rest fence o"].map(
  (name) => `${name} x`,
);

test.each<[string, Partial<Verdict>, string | undefined]>([
  ["the one that the error came from", { connection: "stomp A" }, "stomp A"],
  ["one that the reason names, and not one with a shorter name", { because: "nothing on stomp A1" }, "stomp A1"],
  ["where the proof looked last", { looked: { atMs: 1, connection: "stomp A" } }, "stomp A"],
  ["a later answer, of a clause about REST", { id: "login.x", looked: { atMs: 1, connection: "rest A" } }, "rest B"],
  ["the last that is no REST, of a clause about connections", {}, "sse B"],
  ["the last, of a clause about REST", { id: "channels.x" }, "rest B"],
  ["none without a transcript", { evidence: [] }, undefined],
])("judgedConnection() is %s", (_, more, expected) => {
  expect(judgedConnection(verdict(several, more))).toBe(expected);
});

test("linesThatMatter() are those of the message, where the reason names its room, too", () => {
  const room = "01a226be-945d-760f-b866-3eb91b327db9";
  const lines = [`stomp A > SEND n44-0123abcd-45~ to ${room}`, `stomp A < MESSAGE n45-0123abcd-46~ of ${room}`];
  expect(shown(lines, { because: `Cannot await message n44-0123abcd-45~ on /sub/${room}` })).toEqual([
    `stomp A: SEND n44-0123abcd-45~ to ${room}`,
  ]);
});

test("linesThatMatter() are those that name the marker of the reason, on any connection, requests with their answers", () => {
  const lines = [
    "rest A > POST /messages m-0123abcd-1~",
    "stomp B < MESSAGE m-0123abcd-1~",
    "rest A < 201 {}",
    "rest A > POST /messages m-0123abcd-2~",
    "rest A < 201 {}",
    "stomp B < MESSAGE m-0123abcd-2~",
  ];
  expect(shown(lines, { because: "Cannot await message m-0123abcd-1~ on stomp C: nothing within 1500 ms" })).toEqual([
    "rest A: POST /messages m-0123abcd-1~",
    "stomp B: MESSAGE m-0123abcd-1~",
    "rest A: 201 {}",
  ]);
});

test("linesThatMatter() are those that name what the proof counted last, where the reason names nothing", () => {
  const lines = ["stomp A > SEND m-0123abcd-1~", "stomp B < MESSAGE m-0123abcd-1~", "stomp B < MESSAGE m-0123abcd-1~"];
  const looked = { atMs: 9, connection: "stomp B", name: "m-0123abcd-1~" };
  expect(shown(["stomp B < CONNECTED", ...lines, "stomp B < MESSAGE m-0123abcd-2~"], { looked })).toHaveLength(3);
});

test("linesThatMatter() are those about the path of the reason, where it names nothing closer", () => {
  const lines = ["rest A > GET http://h/api/a/b", "rest A < 403 x", "rest A > GET http://h/api/c", "rest A < 200 x"];
  expect(shown(lines, { because: "GET /api/a/b is answered 403" })).toEqual([
    "rest A: GET http://h/api/a/b",
    "rest A: 403 x",
  ]);
});

test("linesThatMatter() are those of the connection under judgement, where nothing is named", () => {
  const lines = ["stomp A > CONNECT", "rest B > GET /x", "stomp A < ERROR", "rest fence > GET /y"];
  expect(shown(lines)).toEqual(["stomp A: CONNECT", "stomp A: ERROR"]);
  // Of what is named no line is left.
  expect(shown(lines, { because: "m-0123abcd-1~ is nowhere, nor is /sub/x" })).toHaveLength(2);
});

test("linesThatMatter() are those of all REST, where an answer is under judgement", () => {
  const lines = [
    "rest A > POST /login",
    "rest A < 200 x",
    "sse A < ping",
    "rest asker > GET /me",
    "rest asker < 401 x",
  ];
  expect(shown(lines, { id: "login.x" })).toHaveLength(4);
});

test("linesThatMatter() has only the last answer of a poll, and each of what was sent again", () => {
  const poll = ["rest A > GET /file", "rest A < 200 waiting", "rest A > GET /file", "rest A < 200 done"];
  expect(shown(poll, { id: "files.x" })).toEqual(["rest A: GET /file", "rest A: 200 done"]);
  const posts = ["rest A > POST /x", "rest A < 201", "rest A > POST /x", "rest A < 409"].map((line) => `${line} y`);
  expect(shown(posts, { id: "rest.x" })).toHaveLength(4);
});
