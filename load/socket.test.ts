import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { LoadSocket, type SocketListener } from "./socket.ts";

interface Served extends AsyncDisposable {
  url: URL;
  sockets: WebSocketServer;
}

async function serve(onSocket: (socket: WebSocket) => void): Promise<Served> {
  const server: Server = createServer((_, response) => response.writeHead(503).end());
  const sockets = new WebSocketServer({ server, path: "/ws", handleProtocols: () => "v12.stomp" });
  sockets.on("connection", onSocket);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: new URL(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`),
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Seen extends SocketListener {
  texts: string[];
  closed: Promise<string>;
}

function listener(onOpen: (socket: LoadSocket) => void = () => {}): Seen {
  const texts: string[] = [];
  const closed = Promise.withResolvers<string>();
  return {
    texts,
    closed: closed.promise,
    onOpen,
    onMessage: (_, octets, from, to) => texts.push(octets.toString("utf8", from, to)),
    onClose: (_, how) => closed.resolve(how),
  };
}

const options = { headers: {}, subprotocol: "v12.stomp" };

test("texts of any length go there and come back, in their order", async () => {
  const texts = ["", "a", "안녕 🙂", "x".repeat(125), "y".repeat(126), "z".repeat(70_000)];
  await using served = await serve((socket) => {
    socket.on("message", (data: Buffer) => {
      socket.send(data.toString());
      if (data.toString() === texts.at(-1)) socket.close(4_001);
    });
  });
  const seen = listener((socket) => {
    for (const text of texts) socket.send(text);
  });
  const socket = new LoadSocket(3, seen, { ...options, url: served.url });
  expect(await seen.closed).toBe("closed with 4001");
  expect(seen.texts).toEqual(texts);
  expect([socket.number, socket.isOpen]).toEqual([3, false]);
});

test("fragments are one message, pings between them are answered", async () => {
  await using served = await serve((socket) => {
    socket.send("one ", { fin: false });
    socket.ping("here");
    socket.send("message", { fin: true });
    socket.once("pong", (data: Buffer) => socket.close(1_000, data.toString()));
  });
  const seen = listener();
  const socket = new LoadSocket(0, seen, { ...options, url: served.url });
  expect(await seen.closed).toBe("closed with 1000");
  expect(seen.texts).toEqual(["one message"]);
  expect(socket.isOpen).toBe(false);
});

test("a refusal says its status", async () => {
  await using served = await serve(() => {});
  const seen = listener();
  expect(new LoadSocket(0, seen, { ...options, url: new URL("/else", served.url) }).isOpen).toBe(false);
  expect(await seen.closed).toBe("answered 400");
});

test("nobody there is a close like any other", async () => {
  const served = await serve(() => {});
  await served[Symbol.asyncDispose]();
  const seen = listener();
  expect(new LoadSocket(0, seen, { ...options, url: served.url }).isOpen).toBe(false);
  expect(await seen.closed).toBe("ECONNREFUSED");
});

test("what is said in a thousand pieces is read as what was said at once", async () => {
  await using served = await serve((socket) => {
    for (let number = 0; number < 500; number++) socket.send(`${number} ${"x".repeat(number)}`);
    socket.close(1_000);
  });
  const seen = listener();
  const socket = new LoadSocket(0, seen, { ...options, url: served.url });
  const take = socket.take.bind(socket);
  // Whatever the stream gives, it comes octet by octet.
  socket.take = (chunk) => {
    for (const octet of chunk) take(Buffer.from([octet]));
  };
  expect(await seen.closed).toBe("closed with 1000");
  expect(seen.texts.map((text) => Number.parseInt(text, 10))).toEqual(Array.from({ length: 500 }, (_, at) => at));
});

test("a close frame ends it", async () => {
  const codes: number[] = [];
  await using served = await serve((socket) => socket.on("close", (code) => codes.push(code)));
  const seen = listener((socket) => socket.close());
  expect(new LoadSocket(0, seen, { ...options, url: served.url }).isOpen).toBe(false);
  expect(await seen.closed).toBe("closed with 1000");
  await expect.poll(() => codes).toEqual([1_000]);
});
