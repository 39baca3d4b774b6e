// A proxy behind which a subscription goes deaf: it passes one MESSAGE to each WebSocket and swallows the rest, while
// the socket stays open – as a broker does that silently drops a slow consumer.

import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

export async function openDeafProxy(target: string): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => passOn(target, request, response));
  const sockets = new WebSocketServer({ server, handleProtocols: () => "v12.stomp" });
  sockets.on("connection", (near, { url, headers }) => {
    const far = new WebSocket(
      new URL(url!, target.replace(/^http/, "ws")),
      "v12.stomp",
      headers.origin === undefined ? {} : { origin: headers.origin },
    );
    const early: string[] = [];
    let messages = 0;
    near.on("message", (data: Buffer) =>
      far.readyState === WebSocket.OPEN ? far.send(data.toString()) : early.push(data.toString()),
    );
    far.on("open", () => early.forEach((text) => far.send(text)));
    far.on("message", (data: Buffer) => {
      const text = data.toString();
      if (!text.startsWith("MESSAGE\n") || ++messages === 1) near.send(text);
    });
    near.on("close", () => far.close());
    far.on("close", () => near.close());
    for (const socket of [near, far]) socket.on("error", () => socket.terminate());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function passOn(target: string, request: IncomingMessage, response: ServerResponse): void {
  const onward = send(new URL(request.url!, target), { method: request.method, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.rawHeaders);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}
