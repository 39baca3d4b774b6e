// Does everyone who is refused leave a line and a count, with the name and the address, and without a secret?

import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { systemNames, type SystemName } from "../../../../systems/discodeit/wire.ts";
import { ask, askJson, logInAt, newUser, openTestInstance, type TestInstance, type TestUser } from "../../../fakes.ts";

let instance: TestInstance;
const users = {} as Record<SystemName, [TestUser, TestUser]>;

beforeAll(async () => {
  instance = await openTestInstance({ SYSTEMS: systemNames.join() });
  for (const system of systemNames) {
    const base = instance.urls[system];
    users[system] = [await newUser(system, base), await newUser(system, base)];
  }
}, 60_000);
afterAll(() => instance[Symbol.asyncDispose]());

/** Waits until the log of this system has such a line, and returns it. */
async function line(system: SystemName, refused: string, what: string): Promise<Record<string, unknown>> {
  return await expect
    .poll(
      () =>
        instance.log.find(
          (one) =>
            (one["system"] ?? system) === system && one["refused"] === refused && String(one["what"]).startsWith(what),
        ),
      {
        timeout: 10_000,
      },
    )
    .toBeDefined()
    .then(() =>
      instance.log.find(
        (one) =>
          (one["system"] ?? system) === system && one["refused"] === refused && String(one["what"]).startsWith(what),
      )!,
    );
}

test.each(systemNames)("%s: a refused login", async (system) => {
  const base = instance.urls[system];
  const [user] = users[system];
  const secret = "wrong-Passw0rd!";
  expect(await logInAt(system, base, user.username, secret)).toMatchObject({ status: 401 });
  expect(await logInAt(system, base, "no\u202ebody\n", secret)).toMatchObject({ status: 401 });
  expect(await line(system, "login", "POST /api/auth/login")).toMatchObject({
    level: 30,
    from: "127.0.0.1",
    who: user.username,
  });
  expect(instance.log.filter(({ who }) => who === String.raw`no\u{202e}body\u{a}`)).not.toEqual([]);
  expect(JSON.stringify(instance.log)).not.toContain(secret);
});

test.each(systemNames)("%s: a forged token, an ended one and a stale refresh token", async (system) => {
  const base = instance.urls[system];
  const leaver = await newUser(system, base);
  const forged = `${leaver.token.slice(0, -6)}AAAAAA`;
  expect(await ask(base, "GET", "/api/users", { token: forged })).toMatchObject({ status: 401 });
  await ask(base, "POST", "/api/auth/logout", { cookie: leaver.cookie });
  expect(await ask(base, "GET", "/api/notifications", { token: leaver.token })).toMatchObject({ status: 401 });
  expect(await ask(base, "POST", "/api/auth/refresh", { cookie: leaver.cookie })).toMatchObject({ status: 401 });
  expect(await line(system, "token-forged", "GET /api/users")).toMatchObject({ from: "127.0.0.1" });
  expect(await line(system, "token-ended", "GET /api/notifications")).toMatchObject({ from: "127.0.0.1" });
  expect(await line(system, "refresh", "POST /api/auth/refresh")).toMatchObject({ from: "127.0.0.1" });
  for (const secret of [forged, leaver.token, leaver.cookie.split("=")[1]!])
    expect(JSON.stringify(instance.log)).not.toContain(secret);
});

test.each(systemNames)("%s: a change of what is another's, over REST and STOMP", async (system) => {
  const base = instance.urls[system];
  const [user, other] = users[system];
  expect(await ask(base, "DELETE", `/api/users/${other.id}`, { token: user.token })).toMatchObject({ status: 403 });
  const role = await askJson(
    base,
    "PUT",
    "/api/auth/role?token=secret-query",
    { userId: user.id, newRole: "ADMIN" },
    { token: user.token },
  );
  expect(role).toMatchObject({ status: 403 });
  const who = user.username;
  expect(await line(system, "access", `DELETE /api/users/${other.id}`)).toMatchObject({ who, from: "127.0.0.1" });
  expect(await line(system, "access", "PUT /api/auth/role")).toMatchObject({ who, what: "PUT /api/auth/role" });
  const socket = new WebSocket(`${base.replace("http", "ws")}/ws/websocket`, ["v12.stomp"]);
  await once(socket, "open");
  socket.send(
    `CONNECT\naccept-version:1.2\nAuthorization:Bearer ${user.token}\n\n\0SUBSCRIBE\nid:1\ndestination:/sub/secret\n\n\0`,
  );
  await once(socket, "close");
  expect(await line(system, "access", "SUBSCRIBE /sub/secret")).toMatchObject({ who });
});

test.each(systemNames)("%s: a request without the CSRF header, and a refused CONNECT", async (system) => {
  const base = instance.urls[system];
  expect(await ask(base, "DELETE", "/api/users/1", { headers: { "X-XSRF-TOKEN": "another" } })).toMatchObject({
    status: 403,
  });
  expect(await line(system, "csrf", "DELETE /api/users/1")).toMatchObject({ from: "127.0.0.1" });
  for (const [token, why] of [
    [`${users[system][0].token.slice(0, -6)}BBBBBB`, "token-forged"],
    [undefined, "no token"],
  ]) {
    const socket = new WebSocket(`${base.replace("http", "ws")}/ws/websocket`, ["v12.stomp"]);
    await once(socket, "open");
    socket.send(`CONNECT\naccept-version:1.2\n${token === undefined ? "" : `Authorization:Bearer ${token}\n`}\n\0`);
    await once(socket, "close");
    await expect
      .poll(() =>
        instance.log.some((one) => one["system"] === system && one["refused"] === "connect" && one["why"] === why),
      )
      .toBe(true);
  }
  expect(instance.log.filter((one) => one["refused"] === "connect" && one["from"] !== "127.0.0.1")).toEqual([]);
  const origin = "https://evil.example\u00a0";
  for (let index = 0; index < 60; index += 1)
    expect(await ask(base, "GET", "/api/users", { headers: { origin } })).toMatchObject({ status: 403 });
  expect(await line(system, "origin", "/api/users")).toMatchObject({
    from: "127.0.0.1",
    who: String.raw`https://evil.example\u{a0}`,
    allowedOrigins: [],
  });
  const metrics = (await ask(base, "GET", "/metrics")).text;
  for (const kind of ["login", "token-forged", "token-ended", "refresh", "access", "csrf", "connect", "origin"]) {
    expect(
      Number(
        new RegExp(`^rollcall_refused_total\\{kind="${kind}",system="${system}"\\} (\\d+)$`, "m").exec(metrics)?.[1],
      ),
      kind,
    ).toBeGreaterThan(0);
  }
});

test.each(systemNames)("%s: who has no credential, and who succeeds, leaves no line", async (system) => {
  const base = instance.urls[system];
  const before = instance.log.length;
  expect(await ask(base, "GET", "/api/users")).toMatchObject({ status: 401 });
  expect(await ask(base, "POST", "/api/auth/refresh")).toMatchObject({ status: 401 });
  await newUser(system, base);
  expect(instance.log.slice(before)).toEqual([]);
});
