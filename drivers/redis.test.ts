import { createServer, type AddressInfo, type Server } from "node:net";
import { expect, test } from "vitest";
import { openRedisTap } from "./redis.ts";

/** Answers each command with this. */
async function answering(answer: string): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) =>
    socket
      .on("data", (asked) => socket.write(answer.repeat(asked.toString().split("*").length - 1)))
      .on("error", () => undefined),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

test("openRedisTap() names the address of a Redis that is not there", async () => {
  const { port, server } = await answering("");
  await new Promise((resolve) => server.close(resolve));
  await expect(openRedisTap({ host: "127.0.0.1", port }, () => true)).rejects.toThrow(
    `Cannot tap Redis at 127.0.0.1:${port}: connect ECONNREFUSED`,
  );
});

test("openRedisTap() says that Redis wants another password", async () => {
  const { port, server } = await answering("-WRONGPASS invalid username-password pair\r\n");
  await expect(openRedisTap({ host: "127.0.0.1", port, password: "wrong" }, () => true)).rejects.toThrow(
    `Cannot tap Redis at 127.0.0.1:${port}: WRONGPASS`,
  );
  server.close();
});

test("openRedisTap() does not wait forever for what is no Redis", async () => {
  const { port, server } = await answering("");
  await expect(openRedisTap({ host: "127.0.0.1", port }, () => true, 200)).rejects.toThrow(
    "it does not answer as Redis",
  );
  server.close();
});
