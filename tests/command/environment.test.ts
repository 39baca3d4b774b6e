// What the caller's environment is for something else must not reach what a run starts: with a DATABASE_URL of their
// own, users of the embedded server would find its accounts in their database.

import { expect, test } from "vitest";
import { openTcpServer } from "../../drivers/tiny-server.ts";
import { rollcall } from "./rollcall.ts";

test("verify without a URL leaves the caller's database alone, and all else that the caller configured", async () => {
  let callers = 0;
  await using database = await openTcpServer((socket) => {
    callers++;
    socket.destroy();
  });
  const { port } = new URL(database.url);
  const env = {
    DATABASE_URL: `postgres://theirs:secret@127.0.0.1:${port}/theirs`,
    PGHOST: "127.0.0.1",
    PGPORT: port,
    ADMIN_PASSWORD: "theirs-1234!",
    SYSTEMS: "discodeit-2",
    PASSWORD_COST_LOG2: "20",
    NODE_OPTIONS: "--title=theirs",
  };
  const { code, stdout } = await rollcall(["verify", "--system", "discodeit-1", "--only", "rest"], { env });
  expect(callers).toBe(0);
  expect(stdout).toMatch(/^\d+ pass/m);
  expect(code).toBe(0);
});
