import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { Network } from "./network.ts";
import { StompConnection } from "./stomp.ts";
import { openTcpServer, type TinyServer } from "./tiny-server.ts";
import { Secrets, Transcript } from "./transcript.ts";
import { openWebSocketTransport } from "./websocket.ts";

const network = new Network();

async function openStomp(url: string): Promise<StompConnection> {
  return new StompConnection(
    await openWebSocketTransport(url.replace("http", "ws"), { network, openTimeoutMs: 1_000 }),
    new Transcript(new Secrets()),
    "A",
  );
}

/** A WebSocket server whose answers the test writes itself. */
async function openSocketServer(onSocket: (socket: WebSocket) => void): Promise<{ url: string } & AsyncDisposable> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", onSocket);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers CONNECT, and every frame with a receipt. */
const polite = (socket: WebSocket): void => {
  socket.on("message", (data: Buffer) => {
    const text = data.toString();
    if (text.startsWith("CONNECT")) socket.send("CONNECTED\nversion:1.2\n\n\0");
    const receipt = /\nreceipt:(.+)\n/.exec(text)?.[1];
    if (receipt !== undefined) socket.send(`RECEIPT\nreceipt-id:${receipt}\n\n\0`);
  });
};

test("StompConnection connects, subscribes with a receipt, and tells its subscriptions apart", async () => {
  let told: WebSocket | undefined;
  await using server = await openSocketServer((socket) => polite((told = socket)));
  await using connection = await openStomp(server.url);
  expect(await connection.connect({ deadlineMs: 1_000 })).toMatchObject({ command: "CONNECTED" });
  const subscription = await connection.subscribeWithReceipt("/sub/x", 1_000, "sub-0");
  told!.send("MESSAGE\nsubscription:other\n\nb1\0\n");
  told!.send("MESSAGE\nsubscription:sub-0\n\nb2\0");
  expect(await subscription.awaitMessage("b2", ({ body }) => body === "b2", 1_000)).toMatchObject({ body: "b2" });
  expect(subscription.messages()).toHaveLength(1);
});

test("StompConnection counts heart-beats, and no line end that comes with a frame, as RabbitMQ's behind CONNECTED", async () => {
  await using server = await openSocketServer((socket) => {
    for (const text of ["CONNECTED\nversion:1.2\n\n\0\n", "\n", "\n", "MESSAGE\nsubscription:1\n\nb\0\r\n\n"])
      socket.send(text);
  });
  await using connection = await openStomp(server.url);
  await connection.inbox.awaitItem("b", ({ body }) => body === "b", 1_000);
  expect(connection.heartBeatCount).toBe(2);
});

/** The 101 and a text frame in one packet, by hand: no library sends them so. */
function openEagerServer(text: string): Promise<TinyServer> {
  const greet = (socket: Socket, head: string): void => {
    const key = /sec-websocket-key: (.+)\r\n/i.exec(head)![1]!;
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const frame = Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);
    socket.write(
      Buffer.concat([
        Buffer.from(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v12.stomp\r\n\r\n`,
        ),
        frame,
        frame,
      ]),
    );
  };
  return openTcpServer((socket) => socket.once("data", (head: Buffer) => greet(socket, head.toString())));
}

test("openWebSocketTransport() loses nothing of what comes in the same packet as the 101", async () => {
  await using server = await openEagerServer("MESSAGE\nsubscription:1\n\nearly\0");
  const transport = await openWebSocketTransport(server.url.replace("http", "ws"), { network });
  await new Promise(setImmediate);
  const connection = new StompConnection(transport, new Transcript(new Secrets()), "A");
  await connection.inbox.awaitCount("early messages", ({ body }) => body === "early", 2, 1_000);
  transport.terminate();
  expect(await connection.closed).toMatchObject({ code: 1006 });
});

test("openWebSocketTransport() reports an answer that is no 101, and a closed port", async () => {
  const server = await openTcpServer((socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")),
  );
  await expect(openStomp(server.url)).rejects.toMatchObject({
    code: "refused",
    message: expect.stringContaining("answered 403 instead of 101") as string,
  });
  await server[Symbol.asyncDispose]();
  await expect(openStomp(server.url)).rejects.toMatchObject({ code: "unreachable" });
});

test("connect() throws when the answer is ERROR, with its message", async () => {
  await using server = await openSocketServer((socket) =>
    socket.once("message", () => socket.send("ERROR\nmessage:bad token\n\n\0")),
  );
  await using connection = await openStomp(server.url);
  await expect(connection.connect({ deadlineMs: 1_000 })).rejects.toMatchObject({
    code: "refused",
    message: 'Cannot connect: ERROR "bad token"',
  });
});

test("connect() throws when the answer is a close, with its code and reason", async () => {
  await using server = await openSocketServer((socket) => socket.once("message", () => socket.close(1002, "no")));
  await using connection = await openStomp(server.url);
  await expect(connection.connect({ deadlineMs: 1_000 })).rejects.toMatchObject({
    code: "closed",
    message: expect.stringMatching(/Cannot await CONNECTED: closed with 1002 "no" after \d+ ms/) as string,
  });
  expect(connection.closeInfo).toEqual({ code: 1002, reason: "no" });
});

test("connect() throws on silence, with what came instead", async () => {
  await using server = await openSocketServer((socket) =>
    socket.once("message", () => socket.send("RECEIPT\nreceipt-id:9\n\n\0")),
  );
  await using connection = await openStomp(server.url);
  await expect(connection.connect({ deadlineMs: 100 })).rejects.toMatchObject({
    name: "TimeoutError",
    received: [{ command: "RECEIPT" }],
  });
});

test("StompConnection stops reading at a frame that no grammar allows", async () => {
  await using server = await openSocketServer((socket) => {
    socket.send("MESSAGE\nsubscription:1\n\nfine\0");
    socket.send("garbage\n\n\0");
    socket.send("MESSAGE\nsubscription:1\n\nlater\0");
  });
  await using connection = await openStomp(server.url);
  await expect(connection.inbox.awaitItem("later", ({ body }) => body === "later", 1_000)).rejects.toThrow(
    "malformed frame",
  );
  expect(connection.syntaxError?.message).toContain('command "garbage"');
  expect(connection.frames("MESSAGE").map(({ body }) => body)).toEqual(["fine"]);
});

test("awaitClose() says when nothing closed", async () => {
  await using server = await openSocketServer(polite);
  await using connection = await openStomp(server.url);
  await expect(connection.awaitClose(20)).rejects.toThrow("still open after 20 ms");
});

test("StompConnection reads binary messages that are cut inside a character, and CONNECTED as it is written", async () => {
  await using server = await openSocketServer((socket) => {
    const bytes = Buffer.from("CONNECTED\nversion:1.2\nserver:a\\b\\q:c\n\n\0MESSAGE\nsubscription:1\n\n안녕 🎉\0");
    for (const octet of bytes) socket.send(Buffer.from([octet]), { binary: true });
  });
  await using connection = await openStomp(server.url);
  const message = await connection.inbox.awaitItem("the message", ({ command }) => command === "MESSAGE", 1_000);
  expect(message.body).toBe("안녕 🎉");
  expect(connection.frames("CONNECTED")[0]!.headers).toContainEqual(["server", "a\\b\\q:c"]);
});
