// Stands in front of the broker and breaks one thing, by OWN_MUTANT: "doubles" (each MESSAGE comes twice), "keeps" (a
// subscription does not end by UNSUBSCRIBE). BROKER: the broker's address. It prints its own when it is ready. PORT: its
// own.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

const mutant = process.env["OWN_MUTANT"];
const broker = process.env["BROKER"]!.replace(/^http/, "ws");
const server = createServer((_, response) => response.writeHead(404).end());
const sockets = new WebSocketServer({ server, path: "/ws", handleProtocols: ([first]) => first ?? false });

sockets.on("connection", (client) => {
  const behind = new WebSocket(`${broker}/ws`, client.protocol === "" ? [] : [client.protocol]);
  const waiting: string[] = [];
  client.on("message", (data: Buffer) => {
    const text = data.toString();
    if (mutant === "keeps" && text.startsWith("UNSUBSCRIBE\n")) {
      const [, receipt] = /\nreceipt:(.*)\n/.exec(text) ?? [];
      if (receipt !== undefined) client.send(`RECEIPT\nreceipt-id:${receipt}\n\n\0`);
    } else if (behind.readyState === WebSocket.OPEN) behind.send(text);
    else waiting.push(text);
  });
  behind.on("open", () => {
    for (const text of waiting.splice(0)) behind.send(text);
  });
  behind.on("message", (data: Buffer) => {
    const text = data.toString();
    client.send(text);
    if (mutant === "doubles" && text.startsWith("MESSAGE\n")) client.send(text);
  });
  for (const [one, other] of [
    [client, behind],
    [behind, client],
  ] as const) {
    one.on("close", () => other.close());
    one.on("error", () => other.terminate());
  }
});

server.listen(Number(process.env["PORT"] ?? 25412), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
