// The command `rollcall stack up`, interrupted: it says so, and no part of the stack is left.

import { execFile } from "node:child_process";
import { homedir } from "node:os";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startRollcall } from "../command/rollcall.ts";

const execute = promisify(execFile);

test("stack up, interrupted while its containers start, leaves nothing and exits with 130", async () => {
  // Docker's plugins and the names of the images are in the real home.
  const running = startRollcall(["stack", "up"], { program: "launcher", detached: true, env: { HOME: homedir() } });
  const [, project] = await running.says(/(rollcall-[\da-f]+): starting/);
  const parts = async (...list: string[]): Promise<string> =>
    (await execute("docker", [...list, "-q", "--filter", `label=com.docker.compose.project=${project}`])).stdout;
  while ((await parts("network", "ls")) === "") await new Promise((resolve) => setTimeout(resolve, 50));
  process.kill(-running.child.pid!, "SIGINT");
  const { code, stdout, stderr } = await running.ended;
  expect(stderr).toContain(`${project}: removed`);
  expect(stderr).toMatch(/^interrupted: nothing is left running$/m);
  expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  for (const list of [
    ["ps", "-a"],
    ["network", "ls"],
    ["volume", "ls"],
  ])
    expect(await parts(...list)).toBe("");
});
