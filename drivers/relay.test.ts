import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { openRelay } from "./relay.ts";

test("openRelay() passes octets on, cuts, and lets nobody through until it is released", async () => {
  const server = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  await using relay = await openRelay(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
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
