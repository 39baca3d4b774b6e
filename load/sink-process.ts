// The process of a null run's sink: a STOMP broker over WebSocket that knows nobody, keeps nothing and passes on what is
// said. A frame is encoded once for all who gave their subscription the same id, and written as it is to each socket.
// Whatever a client leaves unread it keeps, so it takes loopback connections alone.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { encodeFrame, headerOf, StompParser, type StompFrame } from "../drivers/codecs/stomp.ts";

/** Longer than any frame that a load run sends. */
const frameBytesMax = 64 * 1024;

interface Seat {
  socket: WebSocket;
  raw: Socket;
  /** Destination → the id of its subscription. */
  subscriptions: Map<string, string>;
}

/** Destination → id → who subscribed with it. */
const rooms = new Map<string, Map<string, Set<Socket>>>();
let saidCount = 0;

/** RFC 6455 5.2: one text message, from a server. */
function webSocketFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? Buffer.from([0x81, length]) : Buffer.from([0x81, 126, length >> 8, length & 0xff]);
  return Buffer.concat([head, payload]);
}

function pass(destination: string, body: string): void {
  saidCount += 1;
  for (const [subscription, sockets] of rooms.get(destination) ?? []) {
    const headers = { destination, subscription, "message-id": String(saidCount), "content-type": "application/json" };
    const frame = webSocketFrame(encodeFrame("MESSAGE", headers, body));
    for (const socket of sockets) socket.write(frame);
  }
}

function subscribe({ raw, subscriptions }: Seat, destination: string, id: string): void {
  subscriptions.set(destination, id);
  const ids = rooms.get(destination) ?? new Map<string, Set<Socket>>();
  rooms.set(destination, ids.set(id, (ids.get(id) ?? new Set()).add(raw)));
}

function leave({ raw, subscriptions }: Seat): void {
  for (const [destination, id] of subscriptions) rooms.get(destination)?.get(id)?.delete(raw);
}

function handle(seat: Seat, frame: StompFrame): void {
  const destination = headerOf(frame, "destination") ?? "";
  if (frame.command === "CONNECT") seat.socket.send(encodeFrame("CONNECTED", { version: "1.2", "heart-beat": "0,0" }));
  if (frame.command === "SUBSCRIBE") subscribe(seat, destination, headerOf(frame, "id") ?? "");
  if (frame.command === "SEND") pass(destination, frame.body);
  const receipt = headerOf(frame, "receipt");
  if (receipt !== undefined) seat.socket.send(encodeFrame("RECEIPT", { "receipt-id": receipt }));
}

const server = createServer();
const sockets = new WebSocketServer({
  server,
  maxPayload: frameBytesMax,
  perMessageDeflate: false,
  handleProtocols: () => "v12.stomp",
});
sockets.on("connection", (socket, request) => {
  const seat: Seat = { socket, raw: request.socket, subscriptions: new Map() };
  const parser = new StompParser("1.2");
  socket.on("message", (data: Buffer) => {
    for (const frame of parser.push(data.toString())) if (frame !== "heart-beat") handle(seat, frame);
  });
  socket.on("close", () => leave(seat));
  socket.on("error", () => socket.terminate());
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
// A terminal sends Ctrl-C to the whole group: whoever started us still counts what was heard, and ends us then.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", () => process.exit(0));
