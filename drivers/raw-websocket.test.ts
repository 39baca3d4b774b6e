import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { TargetError } from "./errors.ts";
import { Network } from "./network.ts";
import { RawWebSocket } from "./raw-websocket.ts";
import { Secrets, Transcript } from "./transcript.ts";

test("a raw WebSocket keeps every text, offers no subprotocol, and says why nothing more comes", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "offered" });
  server.on("connection", (socket) => {
    socket.send("hello");
    socket.on("message", (data: Buffer) => {
      socket.send(`heard ${data.toString()}`);
      if (data.toString() === "bye") socket.close(1008, "enough");
    });
  });
  const network = new Network();
  const transcript = new Transcript(new Secrets());
  try {
    await once(server, "listening");
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using socket = await RawWebSocket.open(url, { network, transcript, label: "A" });
    await socket.awaitText("the greeting", (text) => text === "hello", 1_000);
    socket.send("안녕");
    socket.send("bye");
    expect(await socket.closed).toMatchObject({ code: 1008, reason: "enough" });
    expect(socket.inbox.items.map(({ text }) => text)).toEqual(["hello", "heard 안녕", "heard bye"]);
    const more = socket.awaitText("more", () => false, 1_000);
    await expect(more).rejects.toThrow(TargetError);
    await expect(more).rejects.toThrow(/closed with 1008 "enough"/);
    const seen = transcript.events.map(({ direction }) => direction);
    expect(seen).toEqual(["opened", "received", "sent", "sent", "received", "received", "closed"]);
  } finally {
    server.close();
    await network.close();
  }
}, 10_000);
