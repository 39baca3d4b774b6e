import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { OutgoingMessage, type Connection } from "../realtime/connection.ts";
import { openTcp } from "./tcp.ts";

test("openTcp() reads little of what comes behind its end, and still says why it ends", async () => {
  let readBytes = 0;
  const closed = Promise.withResolvers<void>();
  const door = await openTcp(
    (connection: Connection) => ({
      onData(chunk) {
        if (readBytes === 0) connection.send(new OutgoingMessage(Buffer.from("ERROR")));
        connection.end(1002, "");
        readBytes += chunk.length;
        return false;
      },
      onPartial: () => undefined,
      onClose: closed.resolve,
    }),
    { host: "127.0.0.1", port: 0, onFault: () => undefined },
  );
  const socket = connect({ port: Number(new URL(door.url).port), host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => undefined).write(Buffer.alloc(20_000_000));
  const [said] = (await once(socket, "data")) as [Buffer];
  expect(said.toString()).toBe("ERROR");
  await closed.promise;
  expect(readBytes).toBeLessThan(4_000_000);
  socket.destroy();
  door.close();
});
