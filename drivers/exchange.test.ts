import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { exchange } from "./exchange.ts";
import { Network } from "./network.ts";
import { openHttpServer, openTcpServer } from "./tiny-server.ts";

/** Ends when the connection is idle again, if it is kept. */
async function ask(network: Network, url: string, method = "GET"): ReturnType<typeof exchange> {
  const answer = await exchange(network, { method, url, headers: {}, body: null });
  await new Promise(setImmediate);
  return answer;
}

/** Until the socket is closed. */
async function every(socket: Socket, ms: number, text: string): Promise<void> {
  while (!socket.destroyed) {
    socket.write(text);
    await wait(ms);
  }
}

const endless: Record<string, (socket: Socket) => unknown> = {
  "no answer": () => {},
  "an octet now and then": (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    void every(socket, 10, " ");
  },
  "103 now and then": (socket) => every(socket, 10, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
  "103 as fast as it can": (socket) => {
    const piece = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(500);
    const pour = (): void => {
      while (!socket.destroyed && socket.write(piece));
      socket.once("drain", pour);
    };
    pour();
  },
};

test.each(Object.keys(endless))("exchange() ends in time on %s", async (name) => {
  await using server = await openTcpServer((socket) => socket.once("data", () => endless[name]!(socket)));
  const network = new Network({ answerTimeoutMs: 200 });
  const startMs = performance.now();
  const error = await ask(network, server.url).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    name: "TimeoutError",
    message: expect.stringContaining(`Cannot GET ${server.url}: no whole answer within 200 ms, `) as string,
  });
  expect(performance.now() - startMs).toBeLessThan(2_000);
  await network.close();
});

test("exchange() hands over what had come", async () => {
  await using server = await openTcpServer((socket) =>
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 100\r\n\r\nhalf")),
  );
  const network = new Network({ answerTimeoutMs: 100 });
  await expect(ask(network, server.url)).rejects.toMatchObject({
    message: `Cannot GET ${server.url}: no whole answer within 100 ms, status 200 and 4 octets came`,
    received: [{ status: 200, headers: { "x-a": "b" }, text: "half" }],
  });
  await network.close();
});

test("exchange() ends at once when the run is interrupted, and goes on answering afterwards", async () => {
  const interrupt = new AbortController();
  const network = new Network({ interrupt: interrupt.signal });
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  await using server = await openHttpServer((request, response) => {
    if (request.url === "/later") response.end("fine");
    else onAsked();
  });
  const answer = ask(network, server.url);
  const failed = expect(answer).rejects.toMatchObject({ name: "HarnessError", message: /interrupted/ });
  await asked;
  interrupt.abort();
  await failed;
  expect(await ask(network, `${server.url}/later`)).toMatchObject({ status: 200 });
  await network.close();
});

test("exchange() of what changes something has two more seconds: an answer that comes by then says what was made", async () => {
  const interrupt = new AbortController();
  const network = new Network({ interrupt: interrupt.signal });
  await using server = await openHttpServer((request, response) => {
    interrupt.abort();
    if (request.url === "/made") setTimeout(() => response.end("made"), 100);
  });
  const post = (path: string) => exchange(network, { method: "POST", url: server.url + path, headers: {}, body: "" });
  expect((await post("/made")).bytes.toString()).toBe("made");
  await network.close();

  const again = new AbortController();
  const other = new Network({ interrupt: again.signal });
  await using silent = await openHttpServer(() => again.abort());
  const asked = exchange(other, { method: "POST", url: silent.url, headers: {}, body: "" });
  await expect(asked).rejects.toMatchObject({ name: "HarnessError", message: /interrupted/ });
  await other.close();
});

/** A server that answers so many requests of each connection, and closes it at the next one without an octet. */
async function openHangingUp(served: number): Promise<Awaited<ReturnType<typeof openTcpServer>> & { asked: string[] }> {
  const asked: string[] = [];
  let connections = 0;
  const server = await openTcpServer((socket) => {
    const connection = ++connections;
    let count = 0;
    socket.on("data", (request: Buffer) => {
      if (request[0] === 0x16) return socket.destroy(); // we looked whether it speaks TLS
      asked.push(`${connection} ${request.toString().split(" ", 1)[0]}`);
      if (++count > served) socket.end();
      else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  });
  return Object.assign(server, { asked });
}

test.each(["GET", "DELETE"])("exchange() repeats a %s once, on a new connection that was not idle", async (method) => {
  await using server = await openHangingUp(1);
  const network = new Network();
  await ask(network, server.url, method);
  expect(await ask(network, server.url, method)).toMatchObject({ status: 200 });
  expect(server.asked).toEqual([`1 ${method}`, `1 ${method}`, `2 ${method}`]);
  await network.close();
});

test("exchange() repeats no POST: it may have been done", async () => {
  await using server = await openHangingUp(1);
  const network = new Network();
  await ask(network, server.url, "POST");
  await expect(ask(network, server.url, "POST")).rejects.toMatchObject({ name: "TargetError", code: "closed" });
  expect(server.asked).toHaveLength(2);
  await network.close();
});

test("exchange() repeats nothing on a connection that had never answered", async () => {
  await using server = await openHangingUp(0);
  const network = new Network();
  await expect(ask(network, server.url)).rejects.toMatchObject({ code: "closed" });
  expect(server.asked).toHaveLength(1);
  await network.close();
});

test("exchange() repeats nothing of which half an answer had come", async () => {
  let count = 0;
  await using server = await openTcpServer((socket) =>
    socket.on("data", (request: Buffer) => {
      if (request[0] === 0x16) socket.destroy();
      else if (++count === 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      else socket.end("HTTP/1.1 200");
    }),
  );
  const network = new Network();
  await ask(network, server.url);
  await expect(ask(network, server.url)).rejects.toMatchObject({ code: "closed" });
  expect(count).toBe(2);
  await network.close();
});
