import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { Network } from "./network.ts";
import { openWebSocketTransport } from "./websocket.ts";

test("a transport that nobody listens to is closed at once, by its closing handshake", async () => {
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  const network = new Network();
  try {
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const transport = await openWebSocketTransport(`ws://127.0.0.1:${port}`, { network });
    transport.close();
    // Without it being read, the other side's answer would be waited for until ws gives up after 30 s.
    expect(await transport.closed).toMatchObject({ code: 1_000 });
  } finally {
    server.close();
    await network.close();
  }
}, 5_000);
