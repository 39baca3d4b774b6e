// Between a browser and a server: octets go through as they are, until the connections are cut. What is opened while it
// holds waits until it is released.

import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface Relay extends AsyncDisposable {
  readonly port: number;
  /** Destroys all connections; those that are opened from now on wait. */
  cut(): void;
  release(): void;
}

/** To the host and port of this URL. */
export async function openRelay(url: string): Promise<Relay> {
  const { hostname, port, protocol } = new URL(url);
  const to = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || (protocol === "https:" ? 443 : 80)) };
  const sockets = new Set<Socket>();
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  const passOn = (client: Socket): void => {
    if (client.destroyed) return;
    const upstream = connect(to);
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  };
  const server = createServer((client) => {
    client.on("error", () => client.destroy());
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    void gate.promise.then(() => passOn(client));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      gate = Promise.withResolvers<void>();
      destroyAll();
    },
    release: () => gate.resolve(),
    [Symbol.asyncDispose]: async () => {
      gate.resolve();
      destroyAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
