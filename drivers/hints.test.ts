import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { runNow } from "./programs.ts";
import { WebSocketServer, type WebSocket } from "ws";
import { Network } from "./network.ts";
import { RestClient } from "./rest.ts";
import { EventStream } from "./sse.ts";
import { StompConnection } from "./stomp.ts";
import { openHttpServer, openTcpServer, type TinyServer } from "./tiny-server.ts";
import { Secrets, Transcript } from "./transcript.ts";
import { openWebSocket, openWebSocketTransport } from "./websocket.ts";

const transcript = new Transcript(new Secrets());

function certificate(): { key: string; cert: string } {
  const dir = mkdtempSync(path.join(os.tmpdir(), "rollcall-hints-"));
  const file = (name: string): string => path.join(dir, name);
  try {
    runNow(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"].concat([
        "-subj",
        "/CN=127.0.0.1",
        "-keyout",
        file("key"),
        "-out",
        file("cert"),
      ]),
      { deadlineMs: 60_000 },
    );
    return { key: readFileSync(file("key"), "utf8"), cert: readFileSync(file("cert"), "utf8") };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Speaks TLS only. */
async function openTlsServer(): Promise<{ host: string } & AsyncDisposable> {
  const server = createServer(certificate(), (_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** By each protocol, what it says when it cannot reach a URL. */
const openings: Record<string, (url: string, network: Network) => Promise<unknown>> = {
  REST: (url, network) => new RestClient({ baseUrl: url, network, transcript, label: "A" }).request("GET", "/any"),
  "an event stream": (url, network) => new EventStream(url, { network, transcript, label: "A" }).head,
  WebSocket: (url, network) => openWebSocket(url.replace("http", "ws"), { network }),
};

test.each(Object.keys(openings))("a port that speaks TLS is named: %s", async (name) => {
  await using server = await openTlsServer();
  const network = new Network();
  await expect(openings[name]!(`http://${server.host}`, network)).rejects.toMatchObject({
    name: "TargetError",
    hint: `This port speaks TLS: try https://${server.host}`,
  });
  await network.close();
});

test.each(Object.keys(openings))("a port that speaks no TLS is named: %s", async (name) => {
  await using server = await openHttpServer((_, response) => response.end());
  const network = new Network();
  await expect(openings[name]!(server.url.replace("http", "https"), network)).rejects.toMatchObject({
    name: "TargetError",
    hint: `This port speaks no TLS: try ${server.url}`,
  });
  await network.close();
});

test.each([
  ["hangs up", ""],
  ["says what is no HTTP", "SSH-2.0-OpenSSH_9.9\r\n"],
])("nothing is guessed of a server that %s", async (_, text) => {
  await using server: TinyServer = await openTcpServer((socket) => socket.once("data", () => socket.end(text)));
  const network = new Network();
  for (const open of Object.values(openings))
    await expect(open(server.url, network)).rejects.toMatchObject({ name: "TargetError", hint: undefined });
  await network.close();
});

async function closedWith(code: number): Promise<unknown> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const network = new Network();
  try {
    server.on("connection", (socket: WebSocket) => socket.close(code, "no"));
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const transport = await openWebSocketTransport(`ws://127.0.0.1:${port}`, { network });
    await using connection = new StompConnection(transport, transcript, "A");
    return await connection.inbox.awaitItem("CONNECTED", () => false, 2_000).catch((error: unknown) => error);
  } finally {
    await network.close();
    server.close();
  }
}

test("the close codes 1007 and 1009 are explained, with a next step", async () => {
  expect(await closedWith(1007)).toMatchObject({
    message: expect.stringContaining('closed with 1007 (a text that is no UTF-8) "no"') as string,
    hint: expect.stringContaining("UTF-8") as string,
  });
  expect(await closedWith(1009)).toMatchObject({
    message: expect.stringContaining('closed with 1009 (message too big) "no"') as string,
    hint: expect.stringContaining("setMessageSizeLimit") as string,
  });
  expect(await closedWith(1002)).toMatchObject({
    message: expect.stringContaining('closed with 1002 "no"') as string,
    hint: undefined,
  });
});
