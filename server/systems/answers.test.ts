// Do the systems that share their routes' order leave a line of whom they refuse? Discodeit's own are in
// discodeit/routes/refusals.test.ts.

import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { accessCookie, apiPath, stompEndpoint } from "../../systems/study-room/wire.ts";
import { logInPath, signUpPath } from "../../systems/redis-chat/wire.ts";
import { ask, askJson, openTestInstance, type Asked, type TestInstance } from "../fakes.ts";

let instance: TestInstance;
beforeAll(async () => {
  instance = await openTestInstance({ SYSTEMS: "study-room,redis-chat", TRUSTED_PROXIES: "loopback" });
}, 60_000);
afterAll(() => instance[Symbol.asyncDispose]());

const password = "passw0rd!";
let count = 0;
const client = "203.0.113.9";
const behindProxy = { headers: { "X-Forwarded-For": client } };

/** What the log says of such a refusal, without what it says of every line. */
const lines = (system: string, refused: string): Record<string, unknown>[] =>
  instance.log
    .filter((line) => line["system"] === system && line["refused"] === refused)
    .map(({ from, who, what, level }) => ({ from, who, what, level }));

/** How a token is sent, where one signs up, and what is for those who signed in. */
const ways = {
  "study-room": {
    own: `${apiPath}/users/me`,
    asked: (token: string): Asked => ({ ...behindProxy, cookie: `${accessCookie}=${token}` }),
    newToken: async (): Promise<string> => {
      const person = { email: `u${(count += 1)}@x.org`, password, nickname: "ann" };
      const { headers } = await askJson(instance.urls["study-room"], "POST", `${apiPath}/auth/signup`, person);
      const cookie = [headers["set-cookie"] ?? []].flat().find((line) => line.startsWith(`${accessCookie}=`));
      return cookie?.slice(accessCookie.length + 1).split(";", 1)[0] ?? "";
    },
  },
  "redis-chat": {
    own: "/member/list",
    asked: (token: string): Asked => ({ ...behindProxy, token }),
    newToken: async (): Promise<string> => {
      const base = instance.urls["redis-chat"];
      const email = `u${(count += 1)}@x.org`;
      await askJson(base, "POST", signUpPath, { email, password, name: "ann" });
      return (JSON.parse((await askJson(base, "POST", logInPath, { email, password })).text) as { token: string })
        .token;
    },
  },
};

test.each(["study-room", "redis-chat"] as const)("%s: a forged token", async (system) => {
  const { own, asked, newToken } = ways[system];
  const base = instance.urls[system];
  const statusOf = async (request: Asked): Promise<number> => (await ask(base, "GET", own, request)).status;
  const token = await newToken();
  expect(await statusOf(asked(token))).toBe(200);
  expect(await statusOf(behindProxy)).toBe(401);
  expect(lines(system, "token-forged")).toEqual([]);
  expect(await statusOf(asked(`${token.slice(0, -8)}AAAAAAAA`))).toBe(401);
  expect(lines(system, "token-forged")).toEqual([{ from: client, what: `GET ${own}`, level: 30 }]);
  expect(JSON.stringify(instance.log)).not.toContain(token.slice(0, 20));
});

test("study-room: a token whose login has ended", async () => {
  const { own, asked, newToken } = ways["study-room"];
  const base = instance.urls["study-room"];
  const token = await newToken();
  expect((await ask(base, "POST", `${apiPath}/auth/logout`, asked(token))).status).toBe(204);
  expect((await ask(base, "GET", own, asked(token))).status).toBe(401);
  expect(lines("study-room", "token-ended")).toEqual([{ from: client, what: `GET ${own}`, level: 30 }]);
});

test("study-room: a refused handshake, from the client and not from the proxy before us", async () => {
  const socket = new WebSocket(`${instance.urls["study-room"].replace("http", "ws")}${stompEndpoint}`, behindProxy);
  socket.on("error", () => undefined);
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }];
  socket.terminate();
  expect(response.statusCode).toBe(401);
  expect(lines("study-room", "connect")).toEqual([{ from: client, what: "handshake", level: 30 }]);
});
