import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { readKeys, Restarts, Triggers, watchFolder } from "./triggers.ts";

async function listen(port = 0, drops = false): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (drops) socket.destroy();
    else socket.resume();
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  await closed;
}
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const timesConnected = (server: Server, times: number): Promise<void> =>
  new Promise((resolve) => {
    let count = 0;
    server.on("connection", () => ++count === times && resolve());
  });

async function untilAway(restarts: Restarts, isAway: boolean): Promise<void> {
  while (restarts.isAway !== isAway) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("what comes while a round runs is one trigger, the one that asks for most", async () => {
  const triggers = new Triggers();
  triggers.push({ wish: "one", because: "1" });
  triggers.push({ wish: "all", because: "2" });
  triggers.push({ wish: "failed", because: "3" });
  expect(await triggers.next()).toEqual({ wish: "all", because: "2" });
  const next = triggers.next();
  triggers.push({ wish: "failed", because: "4" });
  expect(await next).toEqual({ wish: "failed", because: "4" });
  expect(triggers.quits.aborted).toBe(false);
  triggers.push({ wish: "quit", because: "5" });
  triggers.push({ wish: "all", because: "6" });
  expect(triggers.quits.aborted).toBe(true);
  expect((await triggers.next()).wish).toBe("quit");
});

test("a target that went away and is back makes a round; one that only drops connections is away", async () => {
  let server = await listen();
  const port = portOf(server);
  const triggers = new Triggers();
  const pushed = vi.spyOn(triggers, "push");
  const asked = timesConnected(server, 3);
  await using restarts = new Restarts(`http://127.0.0.1:${port}`, triggers);
  await asked;
  await close(server);
  await untilAway(restarts, true);
  server = await listen(port, true);
  await timesConnected(server, 3);
  expect(restarts.isAway).toBe(true);
  expect(pushed).not.toHaveBeenCalled();
  await close(server);
  server = await listen(port);
  expect(await triggers.next()).toEqual({ wish: "failed", because: "the target restarted" });
  await close(server);
});

test("a file that changes makes one round, however many writes it takes; none in .git, none while the target is away", async () => {
  const dir = mkdtempSync(join(tmpdir(), "rollcall-watch-"));
  try {
    mkdirSync(join(dir, ".git"));
    mkdirSync(join(dir, "src"));
    const triggers = new Triggers();
    let isAway = false;
    let onAsked: () => void = () => undefined;
    const restarts = {
      get isAway() {
        onAsked();
        return isAway;
      },
    };
    using _ = watchFolder(dir, triggers, restarts);
    writeFileSync(join(dir, ".git", "index"), "x");
    for (let count = 0; count < 5; count++) writeFileSync(join(dir, "src", "chat.ts"), String(count));
    expect(await triggers.next()).toEqual({ wish: "failed", because: `${join("src", "chat.ts")} changed` });
    isAway = true;
    const asked = new Promise<void>((resolve) => (onAsked = resolve));
    writeFileSync(join(dir, "src", "chat.ts"), "away");
    await asked;
    isAway = false;
    writeFileSync(join(dir, "src", "other.ts"), "x");
    expect((await triggers.next()).because).toBe(`${join("src", "other.ts")} changed`);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("keys are read, Ctrl-C as well, and others are nothing", async () => {
  const input = new PassThrough();
  const triggers = new Triggers();
  {
    using _ = readKeys(input as unknown as NodeJS.ReadStream, triggers);
    for (const [key, wish] of [
      ["xo", "one"],
      ["f", "failed"],
      ["a", "all"],
      ["\u0003", "quit"],
    ] as const) {
      input.write(key);
      expect((await triggers.next()).wish).toBe(wish);
    }
  }
  expect(input.listenerCount("data")).toBe(0);
});
