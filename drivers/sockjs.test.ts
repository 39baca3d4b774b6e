import type { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { Network } from "./network.ts";
import { openSockjs } from "./sockjs.ts";
import { openHttpServer, type TinyServer } from "./tiny-server.ts";

test("openSockjs() over xhr-polling takes a second open frame for the loss of the session", async () => {
  let polls = 0;
  await using server = await openHttpServer((_, response) => {
    polls++;
    response.end("o\n");
  });
  const network = new Network();
  try {
    const transport = await openSockjs(`${server.url}/ws`, "xhr-polling", { network });
    expect(await transport.closed).toEqual({ code: 1006, reason: "the server lost the session" });
    expect(polls).toBe(2);
  } finally {
    await network.close();
  }
});

/** Answers every request with these frames, compressed, and no upgrade; keeps their heads. */
async function openCompressing(frames: string): Promise<TinyServer & { heads: IncomingHttpHeaders[] }> {
  const heads: IncomingHttpHeaders[] = [];
  const server = await openHttpServer((request, response) => {
    heads.push(request.headers);
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(frames));
  });
  server.server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
    heads.push(request.headers);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  return Object.assign(server, { heads });
}

const origin = "https://chat.example.org";

test("openSockjs() over xhr-streaming sends what a browser sends, and reads compressed frames", async () => {
  await using server = await openCompressing('o\na["early"]\nc[3000,"Go away!"]\n');
  const network = new Network();
  const transport = await openSockjs(`${server.url}/ws`, "xhr-streaming", { network, origin });
  expect(await transport.closed).toMatchObject({ code: 3000 });
  expect(server.heads[0]).toMatchObject({ origin, "accept-encoding": "gzip, deflate, br" });
  await network.close();
});

test("openSockjs() over sockjs-websocket sends what a browser sends", async () => {
  await using server = await openCompressing("");
  const network = new Network();
  await expect(openSockjs(`${server.url}/ws`, "sockjs-websocket", { network, origin })).rejects.toThrow("answered 403");
  expect(server.heads[0]).toMatchObject({ origin, "accept-encoding": "gzip, deflate, br" });
  await network.close();
});

test("openSockjs() over sockjs-websocket sends texts as they are, where told to, and takes nonsense for an end", async () => {
  await using server = await openHttpServer((_, response) => response.end());
  const sockets = new WebSocketServer({ server: server.server as Server });
  const heard: string[] = [];
  sockets.on("connection", (socket) => {
    socket.send("o");
    socket.on("message", (data: Buffer) => {
      heard.push(data.toString());
      socket.send("a[nonsense");
    });
  });
  const network = new Network();
  const transport = await openSockjs(`${server.url}/ws`, "sockjs-websocket", { network, asIs: true });
  transport.send("[]");
  expect(await transport.closed).toMatchObject({ code: 1006, malformed: expect.any(String) as string });
  expect(heard).toEqual(["[]"]);
  await network.close();
});
