import { once } from "node:events";
import { Agent, request } from "node:http";
import type { Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { cutStuckReaders } from "./connections.ts";
import { destinationOf, readFrames } from "./realtime/fakes.ts";
import { call, rawClient, serve, socket, stream } from "./realtime/served.ts";
import { bodyIntake } from "./turns.ts";

const connect = "CONNECT\naccept-version:1.2\nAuthorization:Bearer ann\n\n\0";
const megabytes = Buffer.alloc(2_000_000, "a");

test.each([
  ["a body that its route refuses", "POST /api/json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n", "413"],
  ["a body that nobody asked for", "POST /ws/info HTTP/1.1\r\nHost: x\r\n", "405"],
  ["a body for nothing", "POST /ws/nothing HTTP/1.1\r\nHost: x\r\n", "404"],
  ["a large xhr_send", "POST /ws/0/s/xhr_send HTTP/1.1\r\nHost: x\r\n", "413"],
  ["a poll with a body", "POST /ws/0/s/xhr HTTP/1.1\r\nHost: x\r\n", "200"],
])("createHttpServer() answers the next request after %s", async (_, head, status) => {
  await using world = await serve();
  const { raw, until } = await rawClient(world.port);
  raw.write(`${head}Content-Length: ${megabytes.length}\r\n\r\n`);
  raw.write(megabytes);
  await until(`HTTP/1.1 ${status}`);
  raw.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  await until('{"status":"ok"}');
  raw.destroy();
});

test("createHttpServer() drops refused bodies of one address up to a bound, and answers each", async () => {
  await using world = await serve();
  const served: Socket[] = [];
  world.server.on("connection", (connection) => served.push(connection));
  const flood = await Promise.all(Array.from({ length: 20 }, () => rawClient(world.port)));
  for (const { raw } of flood) {
    raw.write(`POST /ws/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n`);
    raw.write(megabytes);
  }
  await Promise.all(flood.map(({ until }) => until("HTTP/1.1 404")));
  // Those that the bound leaves no room for are closed; the others wait for the rest of their bodies.
  await vi.waitFor(() => expect(served.filter((connection) => connection.destroyed).length).toBeGreaterThan(5), 5_000);
  const readBytes = served.reduce((sum, connection) => sum + connection.bytesRead, 0);
  expect(readBytes / megabytes.length).toBeGreaterThan(8);
  expect(readBytes / megabytes.length).toBeLessThan(11);
  for (const { raw } of flood) raw.destroy();
  await vi.waitFor(() => expect(served.every((connection) => connection.destroyed)).toBe(true), 5_000);
  const { raw, until } = await rawClient(world.port);
  raw.write(`POST /ws/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: ${megabytes.length}\r\n\r\n`);
  raw.write(megabytes);
  raw.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  await until('{"status":"ok"}');
  raw.destroy();
});

test("createHttpServer() drops a refused body piece by piece, in turn with others", async () => {
  await using world = await serve();
  const turn = Promise.withResolvers<void>();
  using next = vi.spyOn(bodyIntake, "next").mockReturnValue(turn.promise);
  const { raw, until } = await rawClient(world.port);
  raw.write(`POST /ws/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: ${megabytes.length}\r\n\r\n`);
  raw.write(megabytes);
  raw.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  await until("HTTP/1.1 404");
  await vi.waitFor(() => expect(next).toHaveBeenCalled());
  await call(world.port, "GET", "/healthz");
  expect(next).toHaveBeenCalledOnce();
  next.mockReturnValue(undefined);
  turn.resolve();
  await until('{"status":"ok"}');
  raw.destroy();
});

test("createHttpServer() ignores offers of h2c", async () => {
  await using world = await serve();
  const offer = { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c", "HTTP2-Settings": "AAMAAABkAAQCAAAAAAIAAAAA" };
  for (const path of ["/healthz", "/ws/info", "/api/who"])
    expect((await call(world.port, "GET", path, offer)).status).toBe(200);
});

test("createHttpServer() believes X-Forwarded headers of trusted proxies only", async () => {
  const forwarded = { "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https" };
  for (const [trusted, expected] of [
    [["loopback"], { address: "203.0.113.9", secure: true }],
    [[], { address: "127.0.0.1", secure: false }],
  ] as const) {
    await using world = await serve([...trusted]);
    expect(JSON.parse((await call(world.port, "GET", "/api/who", forwarded)).body)).toMatchObject(expected);
  }
});

test("createHttpServer() gives listed origins CORS on the API, and refuses foreign ones, event streams too", async () => {
  await using world = await serve();
  const friend = { Origin: "http://friend.test" };
  const answer = await call(world.port, "GET", "/api/who", friend);
  expect(answer).toMatchObject({
    status: 200,
    headers: { "access-control-allow-origin": "http://friend.test", "access-control-allow-credentials": "true" },
  });
  expect(answer.headers.vary).toContain("Origin");
  const preflight = await call(world.port, "OPTIONS", "/api/sse", {
    ...friend,
    "Access-Control-Request-Method": "GET",
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers["access-control-allow-headers"]).toContain("Authorization");
  for (const path of ["/api/who", "/api/sse"]) {
    const refused = await call(world.port, "GET", path, { Origin: "http://evil.test", Authorization: "Bearer ann" });
    expect([path, refused.status, refused.headers["access-control-allow-origin"]]).toEqual([path, 403, undefined]);
  }
});

test("SockJsHttp serves a session whose requests come from changing addresses", async () => {
  await using world = await serve(["loopback"]);
  const from = (address: string) => ({ "X-Forwarded-For": address });
  expect((await call(world.port, "POST", "/ws/0/moves/xhr", from("198.51.100.1"))).body).toBe("o\n");
  expect(
    (await call(world.port, "POST", "/ws/0/moves/xhr_send", from("203.0.113.2"), JSON.stringify([connect]))).status,
  ).toBe(204);
  expect((await call(world.port, "POST", "/ws/0/moves/xhr", from("192.0.2.3"))).body).toContain("CONNECTED");
});

test("SockJsHttp serves the client of its iframe page itself", async () => {
  await using world = await serve();
  const page = await call(world.port, "GET", "/ws/iframe.html");
  const [, source] = /<script src="([^"]+)"/.exec(page.body) ?? [];
  const script = await call(
    world.port,
    "GET",
    new URL(source ?? "", `http://127.0.0.1:${world.port}/ws/iframe.html`).pathname,
  );
  expect(script).toMatchObject({ status: 200, headers: { "content-type": "text/javascript;charset=UTF-8" } });
  expect(script.body).toContain("bootstrap_iframe");
  expect(page.body).not.toContain("//cdn");
});

test("SockJsHttp makes a sender wait for a slow store, and refuses and closes above the bound", async () => {
  await using world = await serve();
  world.ports.onSend = () => new Promise(() => undefined);
  await call(world.port, "POST", "/ws/0/flood/xhr");
  await call(world.port, "POST", "/ws/0/flood/xhr_send", {}, JSON.stringify([connect]));
  await call(world.port, "POST", "/ws/0/flood/xhr");
  const frames = `SEND\ndestination:/pub/messages\n\n${"x".repeat(60_000)}\0`.repeat(8);
  const answers = Array.from({ length: 3 }, () =>
    call(world.port, "POST", "/ws/0/flood/xhr_send", {}, JSON.stringify([frames])),
  );
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses).toContain(503);
  expect((await call(world.port, "POST", "/ws/0/flood/xhr")).body).toContain("Too much is waiting");
  await vi.waitFor(() => expect(world.edge.inbound.totalBytes).toBe(0));
});

test("SockJsHttp lets a newcomer in however many sessions a stranger has opened", async () => {
  await using world = await serve();
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const poll = (id: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request(
        { port: world.port, host: "127.0.0.1", method: "POST", path: `/ws/0/${id}/xhr`, agent },
        (response) => {
          response.resume().on("end", () => resolve(response.statusCode ?? 0));
        },
      );
      sent.on("error", reject).end();
    });
  const opened = await Promise.all(Array.from({ length: 5_000 }, (_, index) => poll(`stranger${index}`)));
  expect(new Set(opened)).toEqual(new Set([200]));
  expect((await call(world.port, "POST", "/ws/0/newcomer/xhr")).body).toBe("o\n");
  expect((await call(world.port, "POST", "/ws/0/newcomer/xhr_send", {}, JSON.stringify([connect]))).status).toBe(204);
  expect((await call(world.port, "POST", "/ws/0/newcomer/xhr")).body).toContain("CONNECTED");
  agent.destroy();
}, 60_000);

test("webSocketUpgrade() keeps little of a message that never ends before CONNECT, and counts it", async () => {
  await using world = await serve();
  const { webSocket, closed } = await socket(world.port, "/ws/websocket");
  // The head of a masked text message of 200 KiB, then 80 KiB of it.
  const head = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 3, 0x20, 0, 0, 0, 0, 0]);
  const { _socket: raw } = webSocket as unknown as { _socket: { write(bytes: Buffer): void } };
  raw.write(Buffer.concat([head, Buffer.alloc(30_000, 10)]));
  await vi.waitFor(() => expect(world.edge.inbound.totalBytes).toBeGreaterThan(30_000));
  raw.write(Buffer.alloc(50_000, 10));
  expect((await closed)[0]).toBe(1002);
  await vi.waitFor(() => expect(world.edge.inbound.totalBytes).toBe(0));
});

test("webSocketUpgrade() reads little of what comes behind its close, and still says why it closes", async () => {
  await using world = await serve();
  const served: Socket[] = [];
  world.server.on("connection", (connection) => served.push(connection));
  const { webSocket, until, closed } = await socket(world.port, "/ws/websocket");
  webSocket.send("BAD\n\n\0");
  // 20 MB of masked text messages of 200 KB; `ws` itself would send none behind a close.
  const head = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 3, 0x0d, 0x40, 0, 0, 0, 0]);
  const flood = Buffer.concat([head, Buffer.alloc(200_000, 10)]);
  const { _socket: raw } = webSocket as unknown as { _socket: { write(bytes: Buffer): void } };
  for (let count = 0; count < 100; count += 1) raw.write(flood);
  expect((await until(1)).join("")).toMatch(/^ERROR\n/);
  await closed;
  expect(served.map(({ bytesRead }) => bytesRead / 1_000_000)).toEqual([expect.toSatisfy((read) => read < 4)]);
});

test("webSocketUpgrade() takes several frames of a SockJS message as one piece of the stream", async () => {
  await using world = await serve();
  const { webSocket, got, until } = await socket(world.port, "/ws/0/s/websocket");
  const subscribe = `SUBSCRIBE\nid:s\ndestination:${destinationOf("c1")}\nreceipt:r\n\n\0`;
  webSocket.send(JSON.stringify([connect.slice(0, 9), connect.slice(9), "\n", subscribe]));
  await until(3);
  expect(
    readFrames(Buffer.from((JSON.parse(got[2]?.slice(1) ?? "") as string[]).join(""))).map(({ command }) => command),
  ).toEqual(["RECEIPT"]);
});

test("cutStuckReaders() ends a connection that takes nothing of what waits for it, and no other", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    await using world = await serve();
    cutStuckReaders(world.server);
    const stuck = await rawClient(world.port);
    const [{ socket: served }] = (await Promise.all([
      once(world.server, "request"),
      Promise.resolve(stuck.raw.write("GET /api/sse HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ann\r\n\r\n")),
    ]).then(([[first]]) => [first])) as [{ socket: { write(bytes: Buffer): boolean; writableLength: number } }];
    await stuck.until("ping");
    const reading = await stream(world.port, "GET", "/api/sse", { Authorization: "Bearer bob" });
    await reading.until("ping");
    stuck.raw.pause();
    while (served.writableLength < 1_000_000) {
      served.write(Buffer.alloc(1_000_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let look = 0; look < 4; look += 1) {
      vi.advanceTimersByTime(10_000);
      // The other reader takes the comment that its stream was sent.
      await once(reading.response, "data");
    }
    stuck.raw.resume();
    await stuck.closed;
    expect(reading.response.destroyed).toBe(false);
    reading.destroy();
  } finally {
    vi.useRealTimers();
  }
});

test("createHttpServer() answers a health check before those requests that wait for a round of their own", async () => {
  await using world = await serve();
  const answered: string[] = [];
  const clients = await Promise.all(Array.from({ length: 60 }, () => rawClient(world.port)));
  const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
  // Accepted, all of them.
  for (const { raw } of clients) raw.write(ask("/healthz"));
  await Promise.all(clients.map(({ until }) => until('{"status":"ok"}')));
  const [last, ...others] = clients.toReversed();
  for (const { raw } of others) raw.once("data", () => answered.push("other")).write(ask("/api/who"));
  last!.raw.once("data", () => answered.push("health")).write(ask("/healthz"));
  await vi.waitFor(() => expect(answered.length).toBe(60), 5_000);
  expect(answered.indexOf("health")).toBeLessThanOrEqual(16);
  for (const { raw } of clients) raw.destroy();
});
