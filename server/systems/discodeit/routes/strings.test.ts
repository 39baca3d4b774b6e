// Text that the database cannot keep (U+0000, lone surrogates, bytes that are no UTF-8), in every place of a request
// where text can stand: the caller's error each time, never ours.

import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { systemNames, type SystemName } from "../../../../systems/discodeit/wire.ts";
import {
  ask,
  askJson,
  multipart,
  newUser,
  openTestInstance,
  type Answered,
  type TestInstance,
  type TestUser,
} from "../../../fakes.ts";

let instance: TestInstance;
const users = {} as Record<SystemName, TestUser>;

beforeAll(async () => {
  instance = await openTestInstance({ SYSTEMS: systemNames.join() });
  for (const system of systemNames) users[system] = await newUser(system, instance.urls[system], {}, "somebody");
}, 60_000);
afterAll(() => instance[Symbol.asyncDispose]());

const bad = ["a\0b", "\0", "abc\ud800", "\udc00abc"];
const badId = "0190f3c2-0000-7000-8000-0000000\0abcd";
const id = "0190f3c2-0000-7000-8000-00000000abcd";
/** As octets in a URL: NUL, a surrogate in UTF-8's form, an octet that is never UTF-8. */
const badOctets = ["%00", "a%00b", "%ED%A0%80", "%FF"];

const expectRefused = (what: string, { status, text }: Answered): void =>
  expect.soft(status >= 400 && status < 500, `${what} was answered ${status} ${text.slice(0, 100)}`).toBe(true);

test.each(systemNames)("%s: in a login", async (system) => {
  const base = instance.urls[system];
  const form = { "content-type": "application/x-www-form-urlencoded" };
  for (const text of bad) {
    for (const [username, password] of [
      [text, "passw0rd!"],
      ["somebody", text],
    ] as const) {
      const what = `login as ${JSON.stringify(username)}`;
      if (system === "discodeit-1")
        expectRefused(what, await askJson(base, "POST", "/api/auth/login", { username, password }));
      const parts: [string, string][] = [
        ['Content-Disposition: form-data; name="username"', username],
        ['Content-Disposition: form-data; name="password"', password],
      ];
      expectRefused(what, await ask(base, "POST", "/api/auth/login", multipart(parts)));
    }
  }
  for (const octets of badOctets)
    expectRefused(
      `login as ${octets}`,
      await ask(base, "POST", "/api/auth/login", { headers: form, body: `username=${octets}&password=passw0rd!` }),
    );
});

test.each(systemNames)("%s: in JSON bodies", async (system) => {
  const base = instance.urls[system];
  const { token } = users[system];
  for (const text of bad) {
    for (const [method, path, body] of [
      ["POST", "/api/channels/public", { name: text, description: text }],
      ["POST", "/api/channels/private", { participantIds: [text, badId] }],
      ["PATCH", `/api/channels/${id}`, { newName: text, newDescription: text }],
      ["PATCH", `/api/messages/${id}`, { newContent: text }],
      ["PUT", "/api/auth/role", { userId: text, newRole: text }],
      ["POST", "/api/readStatuses", { userId: text, channelId: badId, lastReadAt: text }],
      ["PATCH", `/api/readStatuses/${id}`, { newLastReadAt: text }],
    ] as const)
      expectRefused(
        `${method} ${path} with ${JSON.stringify(text)}`,
        await askJson(base, method, path, body, { token }),
      );
  }
  // A surrogate and a lone octet as bytes: read leniently, another text would be stored.
  for (const octets of [[0xed, 0xa0, 0x80], [0xff]]) {
    const body = Buffer.concat([Buffer.from('{"name":"ab'), Buffer.from(octets), Buffer.from('"}')]);
    const answer = await ask(base, "POST", "/api/channels/public", {
      token,
      body,
      headers: { "content-type": "application/json" },
    });
    expect(answer).toMatchObject({ status: 400 });
  }
});

test.each(systemNames)("%s: in multipart bodies, names and file names", async (system) => {
  const base = instance.urls[system];
  const { token, id: userId } = users[system];
  const send = (method: string, path: string, parts: [string, string][]): Promise<Answered> =>
    ask(base, method, path, { token, ...multipart(parts) });
  const json = (name: string, value: unknown): [string, string] => [
    `Content-Disposition: form-data; name="${name}"`,
    JSON.stringify(value),
  ];
  for (const text of bad) {
    const user = { username: text, email: `${text}@x.org`, password: text };
    expectRefused("sign-up", await send("POST", "/api/users", [json("userCreateRequest", user)]));
    expectRefused(
      "a change",
      await send("PATCH", `/api/users/${userId}`, [json("userUpdateRequest", { newUsername: text })]),
    );
    expectRefused(
      "a message",
      await send("POST", "/api/messages", [
        json("messageCreateRequest", { content: text, channelId: id, authorId: userId }),
      ]),
    );
  }
  // A name is cleaned, not refused; whatever becomes of the part, it is no error of ours.
  for (const name of ["a\0b", "\0", "a\xff", "%00", "\xed\xa0\x80"]) {
    const file: [string, string] = [
      `Content-Disposition: form-data; name="profile"; filename="${name}"\r\nContent-Type: image/${name}`,
      "x",
    ];
    expect.soft((await send("PATCH", `/api/users/${userId}`, [file])).status, JSON.stringify(name)).toBeLessThan(500);
    const field: [string, string] = [`Content-Disposition: form-data; name="${name}"`, "x"];
    expect.soft((await send("PATCH", `/api/users/${userId}`, [field])).status, JSON.stringify(name)).toBeLessThan(500);
  }
});

test.each(systemNames)("%s: in paths, queries, cookies and headers", async (system) => {
  const base = instance.urls[system];
  const { token, id: userId } = users[system];
  for (const octets of badOctets) {
    for (const [method, path] of [
      ["DELETE", `/api/users/${octets}`],
      ["GET", `/api/binaryContents/${octets}`],
      ["GET", `/api/binaryContents/${octets}/download`],
      ["DELETE", `/api/notifications/${octets}`],
      ["DELETE", `/api/messages/${octets}`],
      ["DELETE", `/api/channels/${octets}`],
      ["GET", `/api/channels?userId=${octets}`],
      ["GET", `/api/readStatuses?userId=${octets}`],
      ["GET", `/api/binaryContents?binaryContentIds=${octets}`],
      ["GET", `/api/messages?channelId=${octets}`],
      ["GET", `/api/messages?channelId=${id}&cursor=${octets}`],
      ["GET", `/api/messages?channelId=${id}&size=${octets}`],
      ["GET", `/api/messages?channelId=${id}&sort=${octets}`],
      ["GET", `/api/${octets}`],
    ] as const)
      expectRefused(`${method} ${path}`, await ask(base, method, path, { token }));
    expect.soft((await ask(base, "GET", `/api/users?x=${octets}&userId=${userId}`, { token })).status).toBe(200);
  }
  for (const text of ["%00", "\xff", "\xed\xa0\x80"]) {
    for (const cookie of [`refresh_token=${text}`, `REFRESH_TOKEN=${text}`]) {
      expectRefused(`refresh with ${cookie}`, await ask(base, "POST", "/api/auth/refresh", { cookie }));
      expect.soft((await ask(base, "POST", "/api/auth/logout", { cookie })).status).toBeLessThan(500);
    }
    expectRefused("a bearer", await ask(base, "GET", "/api/users", { token: text }));
  }
});

test.each(systemNames)("%s: in STOMP bodies and destinations", async (system) => {
  const { token, id: userId } = users[system];
  const socket = new WebSocket(`${instance.urls[system].replace("http", "ws")}/ws/websocket`, ["v12.stomp"]);
  // One answer to each frame: the next one is always that of the last frame sent.
  const answer = async (): Promise<string> => {
    const [frame] = (await once(socket, "message", { signal: AbortSignal.timeout(10_000) })) as [Buffer];
    return frame.toString("utf8");
  };
  const send = async (destination: string, body: string): Promise<string> => {
    const next = answer();
    socket.send(`SEND\ndestination:${destination}\ncontent-length:${Buffer.byteLength(body)}\n\n${body}\0`);
    return next;
  };
  await once(socket, "open");
  const connected = answer();
  socket.send(`CONNECT\naccept-version:1.2\nAuthorization:Bearer ${token}\n\n\0`);
  expect(await connected).toMatch(/^CONNECTED/);
  const ready = answer();
  socket.send("SUBSCRIBE\nid:errors\ndestination:/user/queue/errors\nreceipt:ready\n\n\0");
  expect(await ready).toMatch(/^RECEIPT/);
  for (const text of bad) {
    expect(await send("/pub/messages", JSON.stringify({ content: text, channelId: id, authorId: userId }))).toContain(
      '"status":400',
    );
    expect(await send("/pub/messages", JSON.stringify({ content: "x", channelId: text, authorId: badId }))).toContain(
      '"status":400',
    );
    expect(await send("/pub/messages", text)).toContain('"status":400');
  }
  expect(await send("/pub/\ud800", "{}")).toContain('"status":404');
  socket.close();
});

test("nothing of it was an error of the server", () => {
  expect(instance.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
});
