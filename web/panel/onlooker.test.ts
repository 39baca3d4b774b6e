import { afterEach, expect, test, vi } from "vitest";
import { TargetError } from "../../drivers/errors.ts";
import { defineSystem, type System } from "../../systems/define.ts";
import type { RoomsPart } from "../../systems/types.ts";
import { Journal } from "../journal.ts";
import { definitionOf } from "./definitions.ts";
import { fieldsOf, kindsOf, Onlooker } from "./onlooker.ts";

afterEach(() => void vi.unstubAllGlobals());

test.each([
  ["study-room", ["username", "email", "password"], ["stomp", "event", "rest"]],
  ["redis-chat", ["username", "email", "password"], ["stomp", "rest"]],
  ["gateway-chat", [], ["stomp", "socket", "rest"]],
  ["gateway-chat-secure", ["token"], ["stomp", "rest"]],
  ["stomp", ["username", "password"], ["stomp", "rest"]],
  ["sse", ["token"], ["event", "rest"]],
])("the definition of %s says what one is asked, and what there is to see", async (name, fields, kinds) => {
  const system = await definitionOf(name);
  expect([fieldsOf(system), kindsOf(system)]).toEqual([fields, kinds]);
});

/** A system with rooms and without a transport, so that nothing is opened; what is done is noted. */
function system(rooms: Partial<RoomsPart> = {}): { system: System; done: string[] } {
  const done: string[] = [];
  const definition = defineSystem({
    name: "noting",
    accounts: {
      signUp: (http, { username }) => http.post("/people", { json: { username } }),
      logIn: async (http, { username }) => ({ bearer: (await http.get(`/token?of=${username}`)).text }),
    },
    rooms: {
      access: "members",
      open: () => Promise.reject(new Error("nothing is opened from here")),
      join: async ({ username }, { id }) => done.push(`${username.slice(0, 8)} joins ${id}`),
      leave: async (_, { id }) => done.push(`leaves ${id}`),
      list: () => Promise.resolve([{ id: 7, name: "seven" }]),
      ...rooms,
    },
  });
  return { system: definition, done };
}

function answering(status: number, text: string): Request[] {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    asked.push(new Request(new URL(url, "http://h"), init));
    return Promise.resolve(new Response(text, { status }));
  });
  return asked;
}

test("a new user is signed up and logged in, and sees the rooms that the definition lists", async () => {
  const asked = answering(200, "the-token");
  const journal = new Journal(() => undefined);
  const onlooker = new Onlooker(system().system, journal);
  await onlooker.signUp();
  expect(onlooker.account).toMatchObject({ bearer: "the-token", username: expect.stringMatching(/^onlooker-/) });
  expect(onlooker.rooms).toEqual([{ id: 7, name: "seven" }]);
  expect(asked.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual(["POST /people", "GET /token"]);
  expect(journal.entries.map(({ title }) => title)).toEqual(["POST /people", "GET /token"]);
  await onlooker.account!.http.get("/mine");
  expect(asked.at(-1)!.headers.get("authorization")).toBe("Bearer the-token");
});

test("who brings a token is asked for nothing else", async () => {
  const asked = answering(200, "another");
  const onlooker = new Onlooker(system().system, new Journal(() => undefined));
  await onlooker.logIn({ token: "mine" });
  expect([onlooker.account?.bearer, asked]).toEqual(["mine", []]);
});

test("a refused login says what was refused, and nobody looks on", async () => {
  answering(401, "no");
  const onlooker = new Onlooker(system().system, new Journal(() => undefined));
  await expect(onlooker.signUp()).rejects.toThrow('POST /people was answered 401 "no"');
  expect(onlooker.account).toBeUndefined();
});

test("who joined leaves with the room, and who did not stays what it was", async () => {
  answering(200, "the-token");
  const { system: noting, done } = system();
  const onlooker = new Onlooker(noting, new Journal(() => undefined));
  await onlooker.logIn({});
  await onlooker.open({ id: 1 }, true);
  await onlooker.open({ id: 2 }, false);
  await onlooker.open({ id: 3 }, true);
  await onlooker.logOut();
  expect(done).toEqual(["onlooker joins 1", "leaves 1", "onlooker joins 3", "leaves 3"]);
  expect([onlooker.account, onlooker.room, onlooker.rooms]).toEqual([undefined, undefined, []]);
});

test("who is a member already is let in, and stays one", async () => {
  answering(200, "the-token");
  const refusing = (status: number) => () => Promise.reject(new TargetError("refused", "no", { status }));
  const member = system({ join: refusing(409) });
  const onlooker = new Onlooker(member.system, new Journal(() => undefined));
  await onlooker.logIn({});
  await onlooker.open({ id: 1 }, true);
  await onlooker.leave();
  expect(member.done).toEqual([]);
  const stranger = new Onlooker(system({ join: refusing(403) }).system, new Journal(() => undefined));
  await stranger.logIn({});
  await expect(stranger.open({ id: 1 }, true)).rejects.toThrow("no");
  expect(stranger.room).toBeUndefined();
});
