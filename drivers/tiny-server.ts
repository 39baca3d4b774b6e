// For unit tests of the drivers: an HTTP server on a free port that does just what it is told, and is gone at the end
// of the block.

import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";

export interface TinyServer extends AsyncDisposable {
  url: string;
  server: Server | TcpServer;
}

export const openHttpServer = (listener: RequestListener): Promise<TinyServer> => listening(createServer(listener));

/** For answers that no HTTP library would send. */
export const openTcpServer = (onSocket: (socket: Socket) => void): Promise<TinyServer> =>
  listening(createTcpServer(onSocket));

async function listening(server: Server | TcpServer): Promise<TinyServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // the client hung up
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
