import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { openRelay } from "./relay.ts";

test("openRelay() ends for good when the server sends too much", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("x".repeat(5_000));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  let told = 0;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using relay = await openRelay(url, { bytesMax: 1_000, onTooMuch: () => void told++ });
  for (let attempt = 0; attempt < 2; attempt++) {
    const client = connect(relay.port, "127.0.0.1");
    client.on("error", () => {}).resume();
    await once(client, "close");
  }
  expect(told).toBe(1);
  server.close();
});

test("openRelay() passes octets on, cuts, and lets nobody through until it is released", async () => {
  const server = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using relay = await openRelay(url, { bytesMax: 1_000, onTooMuch: () => {} });
  const first = connect(relay.port, "127.0.0.1");
  first.write("one");
  expect(String((await once(first, "data"))[0])).toBe("one");
  relay.cut();
  await once(first, "close");
  const second = connect(relay.port, "127.0.0.1");
  second.write("two");
  const answered = once(second, "data");
  let isThrough = false;
  void answered.then(() => (isThrough = true));
  await once(second, "connect");
  await new Promise((resolve) => setImmediate(resolve));
  expect(isThrough).toBe(false);
  relay.release();
  expect(String((await answered)[0])).toBe("two");
  second.destroy();
  server.close();
});
