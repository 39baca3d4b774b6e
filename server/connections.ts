// How do connections stay usable, and how do dead ones end? An answer may come before its request was read to the end,
// and a reader may stop reading: neither may hold a connection, or memory, for longer than it must.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * What a refused request still sends is read and dropped so far, so that the next request on the connection is
 * answered.
 */
const drainedBytesMax = 16 * 1024 * 1024;
const drainedWithinMs = 10_000;

/**
 * After the answer: the rest of the request is dropped, or the connection closed when it is too much or takes too long.
 */
export function settleUnread(request: IncomingMessage, response: ServerResponse): void {
  response.once("finish", () => {
    if (request.complete || request.destroyed) return;
    let byteCount = 0;
    const timer = setTimeout(() => request.socket.destroy(), drainedWithinMs);
    request.on("data", (chunk: Buffer) => {
      byteCount += chunk.length;
      if (byteCount > drainedBytesMax) request.socket.destroy();
    });
    request.once("close", () => clearTimeout(timer));
    request.once("end", () => clearTimeout(timer));
    request.resume();
  });
}

/** A peer that takes nothing of what waits for it is cut off after three looks at most. */
const lookEveryMs = 10_000;
const looksWithoutProgressMax = 2;

interface Progress {
  sentBytes: number;
  looks: number;
}

/**
 * Whatever it is that they do not read: a download, a stream, an answer. Reset, so that the kernel keeps nothing for
 * them either.
 */
export function cutStuckReaders(server: Server): void {
  const sockets = new Map<Socket, Progress>();
  server.on("connection", (socket: Socket) => {
    sockets.set(socket, { sentBytes: 0, looks: 0 });
    socket.once("close", () => sockets.delete(socket));
  });
  const timer = setInterval(() => {
    for (const [socket, progress] of sockets) {
      // Bytes that wait inside the process are counted as written too.
      const sentBytes = socket.bytesWritten - socket.writableLength;
      const stuck = socket.writableLength > 0 && sentBytes === progress.sentBytes;
      progress.sentBytes = sentBytes;
      progress.looks = stuck ? progress.looks + 1 : 0;
      if (progress.looks > looksWithoutProgressMax) socket.resetAndDestroy();
    }
  }, lookEveryMs);
  timer.unref();
  server.once("close", () => clearInterval(timer));
}
