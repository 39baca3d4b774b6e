import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { Network } from "../drivers/network.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";
import { findOrigin, type Found } from "./origin.ts";

/** Whether a request is let in, or answered 403; undefined: it is never answered. */
type Door = boolean | undefined;

/** What SockJS's info says is no matter. */
async function openServer(letsIn: (request: IncomingMessage) => Door) {
  const server = createServer((request, response) => void response.writeHead(letsIn(request) ? 200 : 403).end("{}"));
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    const isLetIn = letsIn(request);
    if (isLetIn === undefined) return socket.on("error", () => undefined);
    if (isLetIn) return sockets.handleUpgrade(request, socket, head, (open) => open.close());
    return socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function found(letsIn: (request: IncomingMessage, url: () => string) => Door, given?: string): Promise<Found> {
  let url = "";
  using server = await openServer((request) => letsIn(request, () => url));
  url = server.url;
  const network = new Network();
  const doors = {
    instance: url,
    paths: ["/api/auth/csrf-token", "/ws/info"],
    webSocket: `${url.replace("http", "ws")}/ws/websocket`,
    answerWithinMs: 300,
  };
  const transcript = new Transcript(new Secrets());
  try {
    return await findOrigin(doors, { network, transcript }, given);
  } finally {
    await network.close();
  }
}

const isSocket = ({ url = "" }: IncomingMessage): boolean => url.startsWith("/ws");

test("findOrigin() takes the target's own where everything is let in", async () => {
  expect(await found(() => true)).toEqual({ page: "own", refused: [] });
});

test("findOrigin() takes the target's own where its closed doors have another reason", async () => {
  expect(await found((request) => !isSocket(request))).toEqual({ page: "own", refused: [] });
});

test("findOrigin() takes the first usual one that is let in, and says what was shut", async () => {
  const { page, refused } = await found(
    ({ headers: { origin } }) => origin === undefined || origin === "http://localhost:5173",
  );
  expect(page).toBe("http://localhost:5173");
  expect(refused).toEqual([
    expect.stringMatching(
      /^http:\/\/127\.0\.0\.1:\d+ \(GET \/api\/auth\/csrf-token: 403, GET \/ws\/info: 403, WebSocket: 403\)$/,
    ),
    expect.stringMatching(/^http:\/\/localhost:3000 /),
  ]);
});

test("findOrigin() finds that every browser is shut out of one door", async () => {
  const { page, refused } = await found((request) => !isSocket(request) || request.headers.origin === undefined);
  expect(page).toBeUndefined();
  expect(refused).toHaveLength(4);
  expect(refused[0]).toMatch(/ \(GET \/ws\/info: 403, WebSocket: 403\)$/);
});

test("findOrigin() asks with a given one alone", async () => {
  const letsIn = ({ headers: { origin } }: IncomingMessage): boolean => origin !== "https://chat.example.org";
  expect(await found(letsIn, "http://localhost:3000")).toEqual({ page: "http://localhost:3000", refused: [] });
  expect(await found(letsIn, "https://chat.example.org")).toMatchObject({ page: undefined });
});

test("findOrigin() asks again where no answer came in time: that is no refusal", async () => {
  let asked = 0;
  const isLate = (request: IncomingMessage): boolean =>
    request.headers.upgrade !== undefined && request.headers.origin !== undefined && (asked += 1) === 1;
  expect(await found((request) => (isLate(request) ? undefined : true))).toEqual({ page: "own", refused: [] });
});

test("findOrigin() finds that a page is let hang while others are answered", async () => {
  const { page, refused } = await found(({ headers: { upgrade, origin } }) =>
    upgrade !== undefined && origin !== undefined ? undefined : true,
  );
  expect(page).toBeUndefined();
  expect(refused[0]).toMatch(/ \(WebSocket: no answer\)$/);
});
