import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { HarnessError } from "../../drivers/errors.ts";
import { defineSystem, type System } from "../define.ts";
import { game } from "../examples/game.ts";
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
      websocket: {
        url: "/chat?n={username}",
        join: { by: "{username}", at: "{room}" },
        send: "{text}",
        textOf: "/t",
        echo: true,
      },
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
  expect(websocket!.join!(room, account)).toEqual({ by: "ann b", at: 5 });
});

test("an action in JSON sends and asks in its order, and knows its effects", async () => {
  const { actions } = definitionOf(
    jsonSystem.parse({
      name: "x",
      actions: {
        ready: {
          act: [
            { post: "/rooms/{room}/turn", json: { by: "{username}" } },
            {
              destination: "/app/{room}/ready",
              body: { by: "{username}", room: "{room:number}" },
              headers: { n: "1" },
            },
            { destination: "/app/{room}/go" },
          ],
          isEffect: "/state",
          only: { "/type": "READY" },
          destinations: ["/topic/{room}/ready"],
          identityOf: "/version",
          repeatable: true,
        },
        wave: { act: [{ destination: "/app/wave" }], isEffect: "", repeatable: false },
      },
    }),
  );
  const { act, isEffect, destinations, identityOf, repeatable } = actions!["ready"]!;
  const done: unknown[] = [];
  const http = { post: async (...what: unknown[]) => done.push(what) };
  const send = (...what: unknown[]): void => void done.push(what);
  await act({ ...account, http } as unknown as Account, { id: "5" }, { send });
  expect(done).toEqual([
    ["/rooms/5/turn", { json: { by: "ann b" } }],
    ["/app/5/ready", { by: "ann b", room: 5 }, { n: "1" }],
    ["/app/5/go", {}, undefined],
  ]);
  const kinds = [{ type: "READY", state: false }, { type: "READY", state: null }, { type: "READY" }, { state: 1 }];
  expect(kinds.map((message) => isEffect(message))).toEqual([true, false, false, false]);
  expect(destinations!({ id: 5 })).toEqual(["/topic/5/ready"]);
  expect([identityOf!({ version: 7 }), repeatable]).toEqual([7, true]);
  const wave = actions!["wave"]!;
  expect([wave.isEffect({}), "destinations" in wave, "identityOf" in wave, wave.repeatable]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("the example of a game says the same in both forms", async () => {
  const { system } = JSON.parse(readFileSync(new URL("../examples/game.json", import.meta.url), "utf8")) as {
    system: unknown;
  };
  const json = defineSystem(definitionOf(jsonSystem.parse(system)));
  expect([...json.features]).toEqual([...game.features]);
  const sentBy = async ({ actions }: System): Promise<unknown[]> => {
    const sent: unknown[] = [];
    await actions!["ready"]!.act(account, { id: "c" }, { send: (...what) => void sent.push(what.slice(0, 2)) });
    return sent;
  };
  expect(await sentBy(json)).toEqual(await sentBy(game));
});

const rightOne = { name: "x", rooms: { access: "anyone", open: "by-name" } };
const acting = (deed: object, more: object = {}): object => ({
  ...rightOne,
  actions: { ready: { act: [deed], isEffect: "/ready", repeatable: true, ...more } },
});

test.each([
  [{ ...rightOne, rooms: { access: "all", open: "by-name" } }, 'expected "members", "code" or "anyone"'],
  [{ ...rightOne, post: { json: {} } }, 'expected one of "get", "post"'],
  [{ ...rightOne, post: { post: "/x/{rooom}" } }, "there is no {rooom} here: known are {username}"],
  [
    { ...rightOne, history: { get: "/x", textOf: "content", order: "oldest-first" } },
    'expected a JSON pointer, as "/content"',
  ],
  [{ ...rightOne, promises: "history" }, 'expected a list, as ["history"]'],
  [acting({ destination: "/app/{text}" }), "there is no {text} here: known are {username}"],
  [acting({ destination: "/app", post: "/x" }), 'expected either "destination", for a SEND, or one of "get", "post"'],
  [acting({ body: {} }), 'expected either "destination", for a SEND, or one of "get", "post"'],
  [acting({ destination: "/app", json: {} }), 'expected "body": a SEND has neither "json" nor "form"'],
  [acting({ put: "/x", body: {} }), 'expected "json" or "form": a request has no "body"'],
  [acting({ destination: "/app" }, { act: [] }), "expected one at least"],
  [acting({ destination: "/app" }, { isEffect: "ready" }), 'expected a JSON pointer, as "/ready"'],
  [acting({ destination: "/app" }, { repeatable: "yes" }), "expected true or false"],
  [{ ...rightOne, actions: [] }, 'expected an object, as { "ready": { "act": ['],
])("what is wrong in %j is said in plain words", (wrong, words) => {
  const { error } = jsonSystem.safeParse(wrong);
  expect(error?.issues.map(({ message }) => message).join("; ")).toContain(words);
});
