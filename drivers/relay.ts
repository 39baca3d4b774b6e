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

interface RelayOptions {
  /** More than so much from the server ends all connections, for good. */
  bytesMax: number;
  onTooMuch: () => void;
}

/** To the host and port of this URL. */
export async function openRelay(url: string, { bytesMax, onTooMuch }: RelayOptions): Promise<Relay> {
  const { hostname, port, protocol } = new URL(url);
  const to = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || (protocol === "https:" ? 443 : 80)) };
  const sockets = new Set<Socket>();
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= bytesMax) return;
    destroyAll();
    onTooMuch();
  };
  const passOn = (client: Socket): void => {
    if (client.destroyed || bytes > bytesMax) return void client.destroy();
    const upstream = connect(to);
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    upstream.on("data", count);
    client.pipe(upstream).pipe(client);
  };
  const server = createServer((client) => {
    client.on("error", () => client.destroy());
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    void gate.promise.then(() => passOn(client));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
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
