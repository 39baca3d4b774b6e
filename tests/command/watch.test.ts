// A developer mends a server that is running: the watch says what is broken, sees the server come back, and says that it
// holds.

import { expect, test } from "vitest";
import { startServer } from "../../targets/embedded.ts";
import { patch, startFaulty } from "../../targets/faulty.ts";
import { rollcall, startRollcall, type Running } from "./rollcall.ts";

const system = "discodeit-1";
/** Below those that the system gives away: nobody else takes it while the server is restarted. */
const port = String(12_000 + (process.pid % 8_000));
const twice = {
  patches: [
    patch(
      "server/stomp/broker.ts",
      "for (const member of members) member.deliver(message);",
      "for (const member of [...members, ...members]) member.deliver(message);",
    ),
  ],
};

/** Resolves when the pattern stands on the screen. */
function shows({ child, ended }: Running): (pattern: RegExp) => Promise<string> {
  let screen = "";
  const listeners = new Set<() => void>();
  child.stdout!.on("data", (text: string) => {
    screen += text;
    for (const listener of listeners) listener();
  });
  return (pattern) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!pattern.test(screen)) return;
        listeners.delete(look);
        resolve(screen);
      };
      listeners.add(look);
      ended.then(({ stderr }) => reject(new Error(`it ended without ${pattern}: ${screen}${stderr}`))).catch(reject);
      look();
    });
}

test("a clause that is mended in a running server is green after its restart", async () => {
  await using broken = await startFaulty({ ...twice, environment: { DISCODEIT_1_PORT: port } });
  const url = broken.urls[system];
  const clauses = "subscribe.exactly-once,frames.crlf";
  const running = startRollcall(["verify", url, "--system", system, "--only", clauses, "--watch"]);
  const screen = shows(running);
  await screen(/round 1, the first[^]*next\nfail +subscribe\.exactly-once[^]*f failed \(1\)/);
  await broken.end();
  await using mended = await startServer({ environment: { SYSTEMS: system, DISCODEIT_1_PORT: port } });
  expect(mended.urls[system]).toBe(url);
  // To its last line: a screen may come in pieces.
  await screen(
    /round \d+, [^]*fixed {2}subscribe\.exactly-once\nall 2 that were asked hold[^]*\n2 pass\na all \(2\) · q quit\n/,
  );
  running.child.kill("SIGINT");
  expect(await running.ended).toMatchObject({ code: 130 });
});

test.each([
  [["--watch"], "--watch waits for a server to restart: name its URL"],
  [["http://127.0.0.1:9", "--watch", "--json"], "--watch shows one screen until you quit: --json does not go with it"],
  [["http://127.0.0.1:9", "--on-change", "."], "--on-change needs --watch"],
])("verify %j is a usage error", async (args, message) => {
  const { code, stderr } = await rollcall(["verify", ...args]);
  expect(stderr).toContain(message);
  expect(code).toBe(3);
});
