import { expect, test } from "vitest";
import { TargetError } from "./errors.ts";
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
  await expect(reached).rejects.toThrow(TargetError);
  await expect(reached).rejects.toThrow(/Cannot reach .*ECONNREFUSED/);
});
