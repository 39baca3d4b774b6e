// How do connections stay usable, and how do dead ones end? An answer may come before its request was read to the end,
// and a reader may stop reading: neither may hold a connection, or memory, for longer than it must.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ByteBudget, type Share } from "./security/budget.ts";
import { bodyIntake } from "./turns.ts";

/**
 * What refused requests still send is read and dropped, so that the next request on the connection is answered. So far
 * at a time, those of one address together: reading it costs memory until the next garbage collection.
 */
const drainedBytesMax = 16 * 1024 * 1024;
const drainedBytesOfAllMax = 128 * 1024 * 1024;
const drainedWithinMs = 10_000;
/** A connection that is about to be closed stays open so long, that its client may read the answer. */
const lingerMs = 1_000;

/**
 * After the answer: the rest of the request is dropped, or the connection closed when it is too much or takes too long.
 * @param shareOf whose share a request counts for.
 */
export function settlerOfUnread(
  shareOf: (request: IncomingMessage) => string,
): (request: IncomingMessage, response: ServerResponse) => void {
  const drained = new ByteBudget(drainedBytesOfAllMax);
  return (request, response) => {
    // Before Node, which would read what nobody has begun to read to its end, without a bound.
    response.prependOnceListener("finish", () => {
      if (!request.complete && !request.destroyed)
        drain(request, drained, { key: shareOf(request), bytesMax: drainedBytesMax });
    });
  };
}

function drain(request: IncomingMessage, drained: ByteBudget, share: Share): void {
  const { socket } = request;
  const holding = drained.open(share);
  let timer = setTimeout(() => socket.destroy(), drainedWithinMs);
  let isEnough = false;
  const drop = ({ length }: Buffer): void => {
    if (holding.trySet(holding.byteCount + length)) {
      const turn = bodyIntake.next(share.key);
      if (turn === undefined) return;
      request.pause();
      return void turn.then(() => void (isEnough || request.resume()));
    }
    isEnough = true;
    request.off("data", drop).pause();
    clearTimeout(timer);
    timer = setTimeout(() => socket.destroy(), lingerMs);
  };
  const done = (): void => {
    clearTimeout(timer);
    holding.close();
    socket.off("close", done);
  };
  // Not the request's "close": it does not come once the answer is out.
  socket.once("close", done);
  request.on("data", drop).once("end", done).resume();
  request.read(0);
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
