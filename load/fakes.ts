// What tests of the engine talk to: a broker of some forty lines that loses, doubles or swaps what a test asks for, and a
// plan of two rooms on it.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { encodeFrame, headerOf, StompParser, type StompFrame } from "../drivers/codecs/stomp.ts";
import type { LoadPlan } from "./plan.ts";

export type Mistake =
  | "loses"
  | "doubles"
  | "swaps"
  | "strays"
  | "cuts"
  | "dies"
  | "refuses"
  | "refuses one who returns";

/** A broker of some forty lines; what it does wrong it does to the first who subscribed to room 0, from the fifth on. */
export async function serve({
  receipts = true,
  mistake,
  keepsBytesMax = Infinity,
}: {
  receipts?: boolean;
  mistake?: Mistake;
  /** Cuts off whoever has left so much unread. */
  keepsBytesMax?: number;
} = {}) {
  const server = createServer();
  const sockets = new WebSocketServer({ server, handleProtocols: () => "v12.stomp" });
  const rooms = new Map<string, WebSocket[]>();
  let [count, connects] = [0, 0];
  let kept: string | undefined;
  const deliver = (destination: string, body: string): void => {
    const message = encodeFrame("MESSAGE", { destination, subscription: "s", "message-id": String(count) }, body);
    const [first, ...others] = rooms.get(destination) ?? [];
    for (const other of others) other.send(message);
    for (const other of others) if (other.bufferedAmount > keepsBytesMax) other.terminate();
    if (first === undefined) return;
    const isTime = destination === "/room/0" && (count += 1) >= 5;
    if (!isTime || mistake === undefined) return first.send(message);
    if (mistake === "loses" && count === 5) return;
    if (mistake === "swaps" && count === 5) return void (kept = message);
    if (mistake === "dies" && count === 5) for (const socket of sockets.clients) socket.terminate();
    if (mistake === "cuts" && count === 5) return first.terminate();
    first.send(message);
    if (mistake === "doubles" && count === 5) first.send(message);
    if (mistake === "strays" && count === 5) rooms.get("/room/1")?.[0]?.send(message);
    if (kept !== undefined) first.send(kept);
    kept = undefined;
  };
  const handle = (socket: WebSocket, frame: StompFrame): void => {
    const receipt = headerOf(frame, "receipt");
    const destination = headerOf(frame, "destination")!;
    if (frame.command === "CONNECT") connects += 1;
    const refusedAt = { refuses: 5, "refuses one who returns": 60 }[mistake as string];
    if (frame.command === "CONNECT" && connects === refusedAt)
      socket.send(encodeFrame("ERROR", { message: "full" }), () => socket.close());
    else if (frame.command === "CONNECT") socket.send(encodeFrame("CONNECTED", { version: "1.2" }));
    if (frame.command === "SUBSCRIBE") rooms.set(destination, [...(rooms.get(destination) ?? []), socket]);
    if (frame.command === "SEND") deliver(destination, frame.body);
    if (receipt !== undefined && receipts) socket.send(encodeFrame("RECEIPT", { "receipt-id": receipt }));
  };
  sockets.on("connection", (socket) => {
    const parser = new StompParser("1.2");
    socket.on("message", (data: Buffer) => {
      for (const frame of parser.push(data.toString())) if (frame !== "heart-beat") handle(socket, frame);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const person = { handshake: {}, connect: {}, rooms: [0, 1].map((room) => ({ room, headers: {} })) };

export function planOf(url: string, receipts: boolean, publishers = 1): LoadPlan {
  const rooms = [0, 1].map((room) => ({ destination: `/room/${room}` }));
  const sends = rooms.map(({ destination }) => ({ destination, headers: {}, body: '{"text":"@@"}' }));
  return {
    webSocketUrls: [url],
    receipts,
    listeners: [person],
    publishers: Array.from({ length: publishers }, () => ({ ...person, sends })),
    rooms,
  };
}
