import { request, type OutgoingHttpHeaders } from "node:http";
import { expect, test } from "vitest";
import { publicationOf } from "../bus/records.ts";
import { destinationOf, eventRecord, messageRecord, readFrames } from "./fakes.ts";
import { call, serve, socket, stream, type Answer } from "./served.ts";

const connect = "CONNECT\naccept-version:1.2\nAuthorization:Bearer ann\n\n\0";
const subscribe = `SUBSCRIBE\nid:s\ndestination:${destinationOf("c1")}\nreceipt:r\n\n\0`;

for (const path of ["/ws", "/ws/websocket"]) {
  test(`openRealtime() speaks STOMP over a raw WebSocket at ${path}`, async () => {
    await using world = await serve();
    const { webSocket, until } = await socket(world.port, path, {}, ["v12.stomp", "v11.stomp"]);
    expect(webSocket.protocol).toBe("v12.stomp");
    webSocket.send(connect);
    webSocket.send(Buffer.from(subscribe));
    await until(2);
    await world.bus.publish([messageRecord("m1"), messageRecord("m1"), messageRecord("m2")].map(publicationOf));
    const frames = readFrames(Buffer.from((await until(4)).join("")));
    expect(frames.map(({ command, body }) => `${command} ${body}`)).toEqual([
      "CONNECTED ",
      "RECEIPT ",
      'MESSAGE {"id":"m1"}',
      'MESSAGE {"id":"m2"}',
    ]);
  });
}

test("openRealtime() refuses wrong upgrades", async () => {
  await using world = await serve();
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
  };
  const upgrade = (path: string, more: OutgoingHttpHeaders): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request({
        port: world.port,
        host: "127.0.0.1",
        path,
        headers: { ...headers, ...more },
        agent: false,
      });
      sent.on("response", (response) => resolve(response.resume().statusCode ?? 0));
      sent.on("upgrade", (_, upgraded) => {
        upgraded.destroy();
        resolve(101);
      });
      sent.on("error", reject).end();
    });
  expect(await upgrade("/ws", {})).toBe(101);
  expect(await upgrade("/ws", { Origin: "http://friend.test" })).toBe(101);
  expect(await upgrade("/ws", { Origin: `http://127.0.0.1:${world.port}` })).toBe(101);
  expect(await upgrade("/ws", { Origin: "http://evil.test" })).toBe(403);
  expect(await upgrade("/ws/000/abc/websocket", { Origin: "http://evil.test" })).toBe(403);
  expect(await upgrade("/ws", { "Sec-WebSocket-Version": "8" })).toBe(426);
  expect(await upgrade("/elsewhere", {})).toBe(404);
});

test("openRealtime() speaks SockJS over WebSocket", async () => {
  await using world = await serve();
  const { webSocket, got, until, closed } = await socket(world.port, "/ws/000/same/websocket");
  const other = await socket(world.port, "/ws/000/same/websocket");
  await until(1);
  expect(got[0]).toBe("o");
  webSocket.send("");
  webSocket.send("[]");
  webSocket.send(JSON.stringify([connect.slice(0, 20), connect.slice(20)]));
  webSocket.send(JSON.stringify(subscribe));
  await until(3);
  await world.bus.publish([messageRecord("m1", "c1", '{"t":"한\u2028"}')].map(publicationOf));
  const arrays = (await until(4)).slice(1);
  for (const text of arrays) expect(text).toMatch(/^a\[".*"\]$/);
  expect(arrays[2]).toContain("\\u2028");
  const frames = readFrames(Buffer.from(arrays.flatMap((text) => JSON.parse(text.slice(1)) as string[]).join("")));
  expect(frames.at(-1)?.body).toBe('{"t":"한\u2028"}');
  webSocket.send('["SUBSCRIBE\\nid:x\\ndestination:/sub/**\\n\\n\\u0000"]');
  expect(await closed).toMatchObject([1002, "Access denied"]);
  expect(got.at(-1)).toBe('c[1002,"Access denied"]');
  other.webSocket.send('["broken');
  expect(await other.closed).toMatchObject([1007, expect.any(String)]);
});

test("SockJsHttp answers greeting, info, iframe page and wrong URLs", async () => {
  await using world = await serve();
  for (const path of ["/ws", "/ws/"]) {
    const greeting = await call(world.port, "GET", path);
    expect(greeting).toMatchObject({ status: 200, body: "Welcome to SockJS!\n" });
    expect(greeting.headers["content-type"]?.toLowerCase()).toBe("text/plain;charset=utf-8");
  }
  const info = await call(world.port, "GET", "/ws/info");
  expect(JSON.parse(info.body)).toMatchObject({
    websocket: true,
    cookie_needed: false,
    origins: ["*:*"],
    entropy: expect.any(Number),
  });
  expect(info.headers["access-control-allow-origin"]).toBe("*");
  const page = await call(world.port, "GET", "/ws/iframe-1.6.1.html?t=1");
  expect(page).toMatchObject({ status: 200, headers: { "content-type": "text/html;charset=UTF-8" } });
  expect((await call(world.port, "GET", "/ws/iframe.html", { "If-None-Match": page.headers.etag })).status).toBe(304);
  for (const path of [
    "/ws/a",
    "/ws/a.html",
    "/ws//",
    "/ws/a/a",
    "/ws/a/a/",
    "/ws//a/xhr",
    "/ws/a./b/xhr",
    "/ws/a/b/jsonp",
  ]) {
    expect([path, (await call(world.port, "POST", path)).status]).toEqual([path, 404]);
  }
  expect((await call(world.port, "GET", "/ws/websocket")).status).toBe(400);
  expect((await call(world.port, "POST", "/ws/000/a/websocket")).status).toBe(405);
  expect(await call(world.port, "GET", "/ws/000/a/xhr")).toMatchObject({
    status: 405,
    headers: { allow: "OPTIONS, POST" },
    body: "",
  });
  const preflight = await call(world.port, "OPTIONS", "/ws/000/a/xhr", {
    Origin: "http://friend.test",
    "Access-Control-Request-Headers": "x-a",
  });
  expect(preflight).toMatchObject({
    status: 204,
    headers: { "access-control-allow-origin": "http://friend.test", "access-control-allow-headers": "x-a" },
  });
  for (const [method, path] of [
    ["GET", "/ws/info"],
    ["POST", "/ws/000/evil/xhr"],
    ["GET", "/ws/000/evil/eventsource"],
  ] as const) {
    expect((await call(world.port, method, path, { Origin: "http://evil.test" })).status).toBe(403);
  }
  expect((await call(world.port, "POST", "/ws/000/evil/xhr_send", {}, "[]")).status).toBe(404);
});

test("SockJsHttp polls by xhr, whatever the server segment", async () => {
  await using world = await serve();
  const poll = (): Promise<Answer> => call(world.port, "POST", "/ws/001/sess/xhr");
  const send = (body: string): Promise<Answer> =>
    call(world.port, "POST", "/ws/999/sess/xhr_send", { "Content-Type": "text/xml" }, body);
  const opened = await poll();
  expect(opened.body).toBe("o\n");
  expect(opened.headers["cache-control"]).toBe("no-store, no-cache, no-transform, must-revalidate, max-age=0");
  expect(await send('["x')).toMatchObject({ status: 500, body: "Broken JSON encoding." });
  expect(await send("")).toMatchObject({ status: 500, body: "Payload expected." });
  expect((await send("[]")).status).toBe(204);
  expect(await send(JSON.stringify([connect]))).toMatchObject({ status: 204, body: "" });
  expect((await poll()).body).toContain("CONNECTED");
  await send(JSON.stringify([subscribe]));
  expect((await poll()).body).toContain("RECEIPT");
  await world.bus.publish(Array.from({ length: 90 }, (_, n) => publicationOf(messageRecord(`m${n}`))));
  const waiting = poll();
  const array = JSON.parse((await waiting).body.slice(1)) as string[];
  expect(readFrames(Buffer.from(array.join(""))).map(({ body }) => body)).toEqual(
    Array.from({ length: 90 }, (_, n) => `{"id":"m${n}"}`),
  );
  const long = poll();
  await call(world.port, "GET", "/ws/info");
  expect((await poll()).body).toBe('c[2010,"Another connection still open"]\n');
  await send(JSON.stringify(["FOO\n\n\0"]));
  expect((await long).body).toContain("ERROR");
  for (let n = 0; n < 2; n += 1) expect((await poll()).body).toBe('c[1002,"Unknown command"]\n');
});

test("SockJsHttp streams, and goes on in the next request without loss", async () => {
  await using world = await serve();
  const first = await stream(world.port, "POST", "/ws/000/str/xhr_streaming");
  expect(await first.until("o\n")).toBe(`${"h".repeat(2_048)}\no\n`);
  expect(
    (await stream(world.port, "POST", "/ws/000/str/xhr_streaming").then(({ until }) => until("2010"))).includes("2010"),
  ).toBe(true);
  await call(world.port, "POST", "/ws/000/str/xhr_send", {}, JSON.stringify([connect, subscribe]));
  await first.until("RECEIPT");
  const padding = "x".repeat(2_000);
  await world.bus.publish(
    Array.from({ length: 150 }, (_, n) => publicationOf(messageRecord(`m${n}`, "c1", `{"n":${n},"p":"${padding}"}`))),
  );
  await first.ended;
  let text = first.text();
  while (!text.includes('n\\":149')) {
    const next = await stream(world.port, "POST", "/ws/000/str/xhr_streaming");
    await Promise.race([next.ended, next.until('n\\":149')]);
    text += next.text();
    if (text.includes('n\\":149')) next.destroy();
  }
  expect([...text.matchAll(/\{\\"n\\":(\d+)/g)].map(([, n]) => Number(n))).toEqual(
    Array.from({ length: 150 }, (_, n) => n),
  );
});

test("SockJsHttp says that a session was interrupted", async () => {
  await using world = await serve();
  const first = await stream(world.port, "POST", "/ws/000/cut/xhr_streaming");
  await first.until("o\n");
  first.destroy();
  let answer = "";
  while (!answer.includes("1002")) answer = (await call(world.port, "POST", "/ws/000/cut/xhr")).body;
  expect(answer).toBe('c[1002,"Connection interrupted"]\n');
});

test("SockJsHttp frames eventsource and htmlfile", async () => {
  await using world = await serve();
  const events = await stream(world.port, "GET", "/ws/000/ev/eventsource");
  expect(await events.until("o")).toBe("\r\ndata: o\r\n\r\n");
  expect(events.response.headers["content-type"]).toMatch(/^text\/event-stream/);
  events.destroy();
  const page = await stream(world.port, "GET", "/ws/000/hf/htmlfile?c=cb.x_1");
  const text = await page.until('p("o")');
  expect(text.length).toBeGreaterThan(1_024);
  expect(text).toContain("parent.cb.x_1;");
  page.destroy();
  expect((await call(world.port, "GET", "/ws/000/hf2/htmlfile")).status).toBe(500);
  expect((await call(world.port, "GET", "/ws/000/hf2/htmlfile?c=alert(1)")).status).toBe(500);
});

test("openRealtime() streams events and limits streams per user", async () => {
  await using world = await serve();
  const ann = { Authorization: "Bearer ann" };
  await world.bus.publish([eventRecord("e1")].map(publicationOf));
  const first = await stream(world.port, "GET", "/api/sse", ann);
  expect(first.response.headers).toMatchObject({
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "x-upstream-server": "i1",
  });
  expect(await first.until("\n\n")).toBe("id: e1\nevent: ping\ndata: {}\n\n");
  const resumed = await stream(world.port, "GET", "/api/sse?lastEventId=nope", { ...ann, "Last-Event-ID": "e1" });
  await resumed.until("ping");
  await world.bus.publish([eventRecord("e2", ["ann"])].map(publicationOf));
  expect(await first.until("e2")).toContain('id: e2\nevent: users.refresh\ndata: {"n":"e2"}\n\n');
  expect(await resumed.until("e2")).not.toContain("gap");
  expect((await call(world.port, "GET", "/api/sse", ann)).status).toBe(429);
  const query = await stream(world.port, "GET", "/api/sse?LastEventId=e1", { Authorization: "Bearer bob" });
  await query.until("ping");
  expect((await call(world.port, "HEAD", "/api/sse", { Authorization: "Bearer bob" })).status).toBe(200);
  await world.realtime.drain();
  await first.ended;
  expect(first.text().endsWith("\n\n")).toBe(true);
});

test("openRealtime() ends connections with their login", async () => {
  await using world = await serve();
  const { webSocket, until, closed } = await socket(world.port, "/ws");
  webSocket.send(connect);
  await until(1);
  const events = await stream(world.port, "GET", "/api/sse", { Authorization: "Bearer ann" });
  world.ports.ended.add("login-ann");
  expect((await closed)[0]).toBe(1008);
  await events.ended;
});

test("openRealtime() announces online once, counts connections and refuses too many by 1013", async () => {
  await using world = await serve();
  const sockets = await Promise.all([1, 2, 3].map(() => socket(world.port, "/ws")));
  for (const { webSocket, until } of sockets) {
    webSocket.send(connect);
    await until(1);
  }
  const fourth = await socket(world.port, "/ws");
  fourth.webSocket.send(connect);
  expect((await fourth.closed)[0]).toBe(1013);
  expect(world.ports.announced).toEqual([["ann", true]]);
  const { body } = await call(world.port, "GET", "/metrics");
  expect(body).toContain('rollcall_connections{transport="websocket",system="test"} 3');
  await world.realtime.drain();
  for (const { closed } of sockets) expect((await closed)[0]).toBe(1001);
});
