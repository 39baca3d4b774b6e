// A system that Rollcall has never seen, defined here: the clauses that all systems with a feature owe hold on it, and
// each mistake that it makes is found by the clause that is about it.

import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, test } from "vitest";
import { clausesOf, type ClauseId } from "../../contract/catalogue.ts";
import { runContract } from "../../runner/run.ts";
import { defineSystem } from "../../systems/define.ts";
import type { Target } from "../../systems/target.ts";
import { toy } from "./toy/definition.ts";
import { startToy } from "./toy/server.ts";

const targetAt = (url: string): Target => ({
  name: "toy",
  system: toy,
  instances: [url],
  capabilities: new Set(),
  throwAway: false,
});

test("every clause holds on a system that does everything right, and nothing is left behind", async () => {
  await using server = await startToy();
  const { verdicts, leftBehind, baseline } = await runContract({ target: targetAt(server.url) });
  const trouble = verdicts.filter(({ kind }) => !["pass", "unsupported", "not scored"].includes(kind));
  expect(trouble.map(({ id, kind, because }) => `${id} is ${kind}: ${because}`)).toEqual([]);
  expect(verdicts.map(({ id }) => id)).toEqual(clausesOf("toy-chat"));
  expect(verdicts.filter(({ kind }) => kind === "pass").length).toBeGreaterThan(70);
  const lacking = verdicts.filter(({ kind }) => kind === "unsupported");
  for (const { because } of lacking)
    expect(because).toMatch(
      /sockjs|websocket|actions|two-instances|proxy|patience|heart-beats|browser|other-origin|"broker"/,
    );
  expect(leftBehind).toEqual([]);
  expect(server.members()).toEqual([]);
  expect([baseline.receipts, baseline.ordered]).toEqual([true, true]);
});

test.each([
  ["doubles", "subscribe.exactly-once"],
  ["leaks", "subscribe.other-rooms-are-silent"],
  ["replays-the-last", "replay.exactly-the-missing"],
] as const)("a toy that %s breaks %s", async (mistake, id) => {
  await using server = await startToy(mistake);
  const only: ClauseId[] = [id, "subscribe.hears-the-channel", "tabs.closing-one-stream"];
  const { verdicts } = await runContract({ target: targetAt(server.url), only });
  expect(verdicts.filter(({ kind }) => kind === "fail").map((verdict) => verdict.id)).toEqual([id]);
});

test("a SUBSCRIBE carries what the definition says, with a receipt and without", async () => {
  await using server = await startToy(undefined, { asksAgain: true });
  const system = defineSystem({
    ...toy,
    stomp: { ...toy.stomp!, subscribe: ({ account }) => ({ Authorization: String(account.bearer) }) },
  });
  const only: ClauseId[] = ["subscribe.hears-the-channel", "subscribe.exactly-once", "tabs.three-stomp"];
  const kindsOf = async (target: Target): Promise<string[]> =>
    (await runContract({ target, only })).verdicts.map(({ kind }) => kind);
  expect(await kindsOf({ ...targetAt(server.url), system })).toEqual(["pass", "pass", "pass"]);
  expect(await kindsOf(targetAt(server.url))).not.toContain("pass");
});

/** In front of a server: at the first text of a WebSocket it is gone for so long, once. */
async function startGate(url: string, awayMs: number): Promise<AsyncDisposable & { url: string }> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let wasAway = false;
  const gate = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    client.on("data", (chunk) => {
      if (!wasAway && chunk[0] === 0x81) leave();
    });
    client.pipe(server).pipe(client);
  });
  const listen = (at: number): Promise<void> => new Promise((resolve) => gate.listen(at, "127.0.0.1", resolve));
  await listen(0);
  const own = (gate.address() as AddressInfo).port;
  const leave = (): void => {
    wasAway = true;
    gate.close();
    for (const socket of sockets) socket.destroy();
    setTimeout(() => void listen(own), awayMs);
  };
  return {
    url: `http://127.0.0.1:${own}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => gate.close(resolve));
    },
  };
}

test("what was measured while the target was away is measured again", async () => {
  await using server = await startToy();
  await using gate = await startGate(server.url, 1_500);
  const { baseline, outages } = await runContract({ target: targetAt(gate.url), only: ["subscribe.exactly-once"] });
  expect(outages).toHaveLength(1);
  expect([baseline.receipts, baseline.ordered, baseline.greets]).toEqual([true, true, true]);
});

test("a definition that breaks is named, and never fails a clause", async () => {
  await using server = await startToy();
  const { logIn } = toy.accounts!;
  const broken = { ...toy, accounts: { ...toy.accounts, logIn: async () => ({ bearer: undefined as never }) } };
  expect(logIn).toBeDefined();
  const run = runContract({ target: { ...targetAt(server.url), system: broken }, only: ["subscribe.exactly-once"] });
  await expect(run).rejects.toThrow(/accounts\.logIn of the system "toy-chat": it gives no credential/);
});
