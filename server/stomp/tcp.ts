// STOMP over plain TCP: frames one after the other, nothing around them. There is no close code: an ERROR says why, and
// what nobody reads any more is cut off after a while.

import { createServer, type AddressInfo, type Socket } from "node:net";
import type { AcceptConnection, Connection, OutgoingMessage } from "../realtime/connection.ts";
import { networkOf } from "../security/proxies.ts";

/** A peer that does not close its side after ours is cut off after this. */
const closeWaitMs = 2_000;
/** So much of what it still sends is read meanwhile, since its end stands behind it. */
const readAfterCloseBytesMax = 1024 * 1024;

class TcpConnection implements Connection {
  readonly transport = "tcp";
  readonly address: string;
  readonly #socket: Socket;
  #closeWait: NodeJS.Timeout | undefined;
  #bytesAfterClose = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.address = networkOf(socket.remoteAddress ?? "");
  }

  send({ bytes }: OutgoingMessage): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  queuedBytes(): number {
    return this.#socket.writableLength;
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#closeWait) return;
    // A paused socket would never read the peer's end.
    this.#socket.resume();
    this.#socket.end();
    this.#closeWait = setTimeout(() => this.#socket.destroy(), closeWaitMs);
  }

  noteBytes(byteCount: number): void {
    if (!this.#closeWait) return;
    // Not cut off at once: the peer may still read why.
    this.#bytesAfterClose += byteCount;
    if (this.#bytesAfterClose > readAfterCloseBytesMax) this.#socket.pause();
  }

  stop(): void {
    clearTimeout(this.#closeWait);
  }
}

export interface TcpDoor {
  /** `tcp://host:port`. */
  url: string;
  /** Takes no more connections; those that are here are the sessions' to end. */
  close(): void;
}

/** @throws when the port is taken or may not be used. */
export async function openTcp(
  accept: AcceptConnection,
  { host, port, onFault }: { host: string; port: number; onFault: (error: unknown) => void },
): Promise<TcpDoor> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, (socket) => {
    const connection = new TcpConnection(socket);
    const listener = accept(connection);
    socket.on("data", ({ length }) => connection.noteBytes(length));
    socket.on("data", (chunk) => listener.onData(chunk));
    // "close" follows.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      connection.stop();
      listener.onClose();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: 4_096 }, () => {
      server.off("error", reject);
      server.on("error", onFault);
      resolve();
    });
  });
  const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return { url: `tcp://${shown}:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}
