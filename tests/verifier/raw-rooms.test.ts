// A backend that has nothing but rooms over bare WebSocket JSON, as a stranger writes it: the clauses about raw rooms
// hold on it, and each mistake that it makes is found by the clause that is about it.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import type { ClauseId } from "../../contract/catalogue.ts";
import { raw } from "../../contract/shared/raw.ts";
import { websocket } from "../../contract/shared/websocket.ts";
import { runContract } from "../../runner/run.ts";
import { defineSystem } from "../../systems/define.ts";
import { runLast } from "../contract/proofs.ts";

type Mistake =
  | "echoes"
  | "leaks"
  | "doubles"
  | "drops a burst"
  | "dies of bad JSON"
  | "hangs up at bad JSON"
  | "hangs up on all at bad frames"
  | "dies of bad frames"
  | "cuts everybody off once"
  | "dies of a text and is started again"
  | "pauses at a text";

const startedAgainMs = 300;
/** Longer than an answer may take. */
const pauseMs = 4_500;

/** The first message of a socket says where it is, and who; rooms are in memory. */
async function startRooms(mistake?: Mistake): Promise<AsyncDisposable & { url: string }> {
  let isPaused = false;
  let hasCut = false;
  const server = createServer((_, response) => void (isPaused || response.end("there")));
  const sockets = new WebSocketServer({ server, path: "/rooms" });
  const rooms = new Map<WebSocket, string>();
  let lastMs = 0;
  const die = (): void => {
    const { port } = server.address() as AddressInfo;
    server.close();
    server.closeAllConnections();
    for (const socket of sockets.clients) socket.terminate();
    setTimeout(() => server.listen(port, "127.0.0.1"), startedAgainMs);
  };
  const handle = (socket: WebSocket, text: string): void => {
    if (!server.listening || isPaused) return;
    if (mistake === "pauses at a text" && text.includes("안녕하세요")) {
      isPaused = true;
      for (const other of sockets.clients) other.terminate();
      return void setTimeout(() => (isPaused = false), pauseMs);
    }
    if (mistake === "cuts everybody off once" && !hasCut && text.includes('"m-')) {
      hasCut = true;
      for (const other of sockets.clients) other.terminate();
    }
    if (mistake === "dies of a text and is started again" && text.includes("안녕하세요")) return die();
    const { join, as, say } = JSON.parse(text) as { join?: string; as?: string; say?: string };
    if (join !== undefined && as !== undefined) rooms.set(socket, join);
    if (typeof say !== "string") return;
    if (mistake === "drops a burst" && Date.now() - lastMs < 2) return;
    lastMs = Date.now();
    for (const [other, room] of rooms) {
      if (other === socket && mistake !== "echoes") continue;
      if (room !== rooms.get(socket) && mistake !== "leaks") continue;
      other.send(JSON.stringify({ said: say }));
      if (mistake === "doubles") other.send(JSON.stringify({ said: say }));
    }
  };
  sockets.on("connection", (socket) => {
    // The socket closes by itself, with the right code; a server that does not listen here is gone.
    socket.on("error", () => {
      if (mistake === "dies of bad frames") server.close();
      if (mistake?.endsWith("bad frames") === true) for (const other of sockets.clients) other.terminate();
    });
    socket.on("close", () => rooms.delete(socket));
    socket.on("message", (data: Buffer) => {
      try {
        handle(socket, data.toString());
      } catch {
        if (mistake === "hangs up at bad JSON") socket.close(1007);
        if (mistake === "dies of bad JSON") for (const other of sockets.clients) other.terminate();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve)); // it may be closed
    },
  };
}

let opened = 0;

const rooms = defineSystem({
  name: "raw-rooms",
  rooms: { access: "anyone", open: () => Promise.resolve({ id: `room-${(opened += 1)}` }) },
  websocket: {
    url: () => "/rooms",
    join: ({ id }, { username }) => ({ join: id, as: username }),
    send: ({ text }) => ({ say: text }),
    textOf: (message) => message.said,
    echo: false,
  },
  promises: ["order-per-sender"],
});

async function verdictsOf(mistake: Mistake | undefined, only: readonly ClauseId[], throwAway = false) {
  await using server = await startRooms(mistake);
  const target = {
    name: "raw",
    system: rooms,
    instances: [server.url] as [string],
    capabilities: new Set<never>(),
    throwAway,
  };
  return (await runContract({ target, only })).verdicts;
}

test("every clause about raw rooms and WebSocket holds on a backend that has nothing else", async () => {
  const ids = Object.keys({ ...raw, ...websocket });
  const verdicts = await verdictsOf(undefined, ids as ClauseId[]);
  expect(Object.fromEntries(verdicts.map(({ id, kind, because }) => [id, kind === "fail" ? because : kind]))).toEqual({
    ...Object.fromEntries(ids.map((id) => [id, "pass"])),
    "raw.crosses": "unsupported",
    "websocket.nothing-after-the-close": "unsupported",
  });
});

test.each([
  ["echoes", "raw.echo-as-defined", "fail"],
  ["leaks", "raw.other-rooms-are-silent", "fail"],
  ["doubles", "raw.others-hear-once", "fail"],
  ["drops a burst", "raw.burst-is-complete", "fail"],
  ["dies of bad JSON", "raw.bad-json-disturbs-nobody", "fail"],
  ["hangs up at bad JSON", "raw.bad-json-keeps-the-socket", "weak"],
  ["hangs up on all at bad frames", "websocket.malformed-frames-end-it", "weak"],
] as const)("a backend that %s breaks %s", async (mistake, id, kind) => {
  const verdicts = await verdictsOf(mistake, [id]);
  expect(verdicts.find((verdict) => verdict.id === id)).toMatchObject({ kind });
});

test("whoever dies of a malformed frame breaks the clause that sent it, and no other verdict changes", async () => {
  const before: ClauseId[] = ["raw.others-hear-once", "websocket.pings-are-answered", "raw.bad-json-disturbs-nobody"];
  const deadly = (Object.keys(websocket) as ClauseId[]).filter((id) => runLast.breaking.has(id));
  const verdicts = await verdictsOf("dies of bad frames", [...before, ...deadly], true);
  const kindOf = (id: string): string => verdicts.find((verdict) => verdict.id === id)!.kind;
  expect(before.map(kindOf)).toEqual(["pass", "pass", "pass"]);
  const [killer, ...more] = verdicts.filter(({ kind }) => kind === "weak");
  expect([killer!.because, more]).toEqual(["the target died while this clause was proved", []]);
  const rest = deadly.filter((id) => id !== killer!.id);
  expect(rest.map((id) => verdicts.find((verdict) => verdict.id === id))).toEqual(
    rest.map((id) => expect.objectContaining({ id, kind: "untested", owner: killer!.id }) as unknown),
  );
});

test.each([
  ["dies of a text and is started again", /^fail raw\.text-is-intact: the target died \d times while this/],
  ["pauses at a text", /^inconclusive raw\.text-is-intact: the target stopped answering \d times while this/],
] as const)(
  "which clause it is of which a target %s is found among those that ran beside it",
  async (mistake, said) => {
    await using server = await startRooms(mistake);
    const { verdicts, outages } = await runContract({
      target: { name: "raw", system: rooms, instances: [server.url], capabilities: new Set(), throwAway: false },
      only: (Object.keys(raw) as ClauseId[]).filter((id) => !runLast.breaking.has(id)),
    });
    const red = verdicts.filter(({ kind }) => kind !== "pass" && kind !== "unsupported");
    expect(red.map(({ id, kind, because }) => `${kind} ${id}: ${because}`)).toEqual([expect.stringMatching(said)]);
    for (const { underWay } of outages) expect(underWay).toContain("raw.text-is-intact");
  },
);

test("who was cut off beside another clause, by a worker that is back at once, is proved again and does not fail", async () => {
  const [verdict] = await verdictsOf("cuts everybody off once", ["raw.others-hear-once"]);
  expect(verdict).toMatchObject({
    kind: "weak",
    because: expect.stringMatching(
      /^the server cut a connection while others ran \(.* 1006 .*\); alone it holds$/,
    ) as string,
  });
});
