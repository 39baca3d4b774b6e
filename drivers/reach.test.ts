import { expect, test } from "vitest";
import { HarnessError } from "./errors.ts";
import { reach } from "./reach.ts";
import { openTcpServer } from "./tiny-server.ts";

test("reach() is content with a server that says nothing", async () => {
  await using server = await openTcpServer(() => undefined);
  await expect(reach(server.url)).resolves.toBeUndefined();
});

test("reach() says that nobody is there", async () => {
  const server = await openTcpServer(() => undefined);
  await server[Symbol.asyncDispose]();
  const reached = reach(server.url);
  await expect(reached).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringMatching(/Cannot reach .*ECONNREFUSED/) as string,
  });
});

test("reach() ends when the run is interrupted, and blames nobody", async () => {
  await using server = await openTcpServer(() => undefined);
  const interrupted = AbortSignal.abort();
  await expect(reach(server.url, interrupted)).rejects.toThrow(HarnessError);
});
