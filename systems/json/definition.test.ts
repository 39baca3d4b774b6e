import { expect, test } from "vitest";
import { HarnessError } from "../../drivers/errors.ts";
import type { Account } from "../types.ts";
import { definitionOf } from "./definition.ts";
import { jsonSystem } from "./shape.ts";
import { at, filled, filledPath } from "./template.ts";

const account = { username: "ann b", email: "a@b.c", password: "p", id: "7", bearer: "t" } as Account;

test("filled() puts names in, lists as lists, at any depth", () => {
  const values = { username: "ann", members: ["ben"], room: "12", id: "" };
  expect(filled({ a: ["{username}!", { b: "{members}" }], c: "{room:number}", d: 3 }, values)).toEqual({
    a: ["ann!", { b: ["ben"] }],
    c: 12,
    d: 3,
  });
  expect(filledPath("/rooms/{room}?as={username}", { ...values, username: "a b/c" })).toBe("/rooms/12?as=a%20b%2Fc");
  expect(() => filled("{id}", values)).toThrow(HarnessError);
  expect(() => filled("/x/{nobody}", values)).toThrow("there is no {nobody} as yet");
});

test("at() reads JSON pointers", () => {
  const value = { a: [{ "b/c": 1, "d~e": 2 }] };
  expect([at(value, "/a/0/b~1c"), at(value, "/a/0/d~0e"), at(value, "/a/1/x"), at(value, "")]).toEqual([
    1,
    2,
    undefined,
    value,
  ]);
});

test("a definition in JSON is one with functions", () => {
  const { stomp, websocket } = definitionOf(
    jsonSystem.parse({
      name: "x",
      stomp: {
        url: "/ws",
        connect: { Authorization: "Bearer {bearer}" },
        destinations: ["/topic/{room}"],
        send: { destination: "/app/{room}", body: { data: { text: "{text}" }, by: "{username}" } },
        textOf: "/data/text",
        only: { "/type": "CHAT" },
        isFrom: { "/by": "{username}" },
      },
      websocket: { url: "/chat?n={username}", send: "{text}", textOf: "/t", echo: true },
    }),
  );
  const room = { id: 5 };
  expect(stomp!.connect!(account)).toEqual({ Authorization: "Bearer t" });
  expect(stomp!.destinations(room)).toEqual(["/topic/5"]);
  expect(stomp!.send!({ account, room, text: "hi {x}" })).toEqual({
    destination: "/app/5",
    body: { data: { text: "hi {x}" }, by: "ann b" },
  });
  expect(stomp!.textOf!({ type: "CHAT", data: { text: "hi" } })).toBe("hi");
  expect(stomp!.textOf!({ type: "JOIN", data: { text: "hi" } })).toBeUndefined();
  expect(stomp!.isFrom!({ by: "ann b" }, { account, room })).toBe(true);
  expect(websocket!.url({ account, room })).toBe("/chat?n=ann%20b");
});

const rightOne = { name: "x", rooms: { access: "anyone", open: "by-name" } };

test.each([
  [{ ...rightOne, rooms: { access: "all", open: "by-name" } }, 'expected "members", "code" or "anyone"'],
  [{ ...rightOne, post: { json: {} } }, 'expected one of "get", "post"'],
  [{ ...rightOne, post: { post: "/x/{rooom}" } }, "there is no {rooom} here: known are {username}"],
  [
    { ...rightOne, history: { get: "/x", textOf: "content", order: "oldest-first" } },
    'expected a JSON pointer, as "/content"',
  ],
  [{ ...rightOne, promises: "history" }, 'expected a list, as ["history"]'],
])("what is wrong in %j is said in plain words", (wrong, words) => {
  const { error } = jsonSystem.safeParse(wrong);
  expect(error?.issues.map(({ message }) => message).join("; ")).toContain(words);
});
