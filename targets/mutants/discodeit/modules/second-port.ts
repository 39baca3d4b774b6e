// What the patches of targets/second-port.ts call: the server listens on one port more, and knows which sockets came in
// there.

import { createServer, type Server } from "node:net";

const sockets = new WeakSet<object>();
let second: Server | undefined;
let heardSinceMs: number | undefined;

/** Connections to `port` are the server's, too. The first server that asks gets them. */
export async function listenOnSecondPort(server: Server, port: string | undefined): Promise<void> {
  if (second !== undefined) return;
  second = createServer((socket) => {
    sockets.add(socket);
    server.emit("connection", socket);
  });
  await new Promise<void>((resolve) => second?.listen(Number(port), "127.0.0.1", resolve));
}

/** Whether the socket came in on the second port and less than `deafMs` have passed since the first listener there. */
export function isDeaf(socket: object | null, deafMs: number): boolean {
  if (socket === null || !sockets.has(socket)) return false;
  heardSinceMs ??= performance.now();
  return performance.now() < heardSinceMs + deafMs;
}
