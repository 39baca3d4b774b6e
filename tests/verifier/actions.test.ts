// A backend in which nobody says anything: one moves, and the room hears of it. As strangers write them – each move at
// once, several moves in one, a state over and over, words that are the same in all rooms – the clauses about actions
// hold, and each mistake is found by the clause that is about it.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { actions } from "../../contract/shared/actions.ts";
import type { ClauseId } from "../../contract/catalogue.ts";
import { encodeFrame, headerOf, StompParser, type StompFrame } from "../../drivers/codecs/stomp.ts";
import { runContract } from "../../runner/run.ts";
import { defineSystem } from "../../systems/define.ts";
import { definitionOf } from "../../systems/json/definition.ts";
import { jsonSystem } from "../../systems/json/shape.ts";

/** How it is, and how it may be; and what it must not do. */
const ways = [
  "at once",
  "several in one",
  "over and over",
  "the same everywhere",
  "by one clock",
  "by a slow clock",
] as const;
type Way = (typeof ways)[number];
type Mistake = "forgets the last" | "doubles for the last" | "leaks";

const coalescedMs = 150;
const tickMs = 40;
const slowTickMs = 400;

interface Ear {
  socket: WebSocket;
  id: string;
  destination: string;
}

async function startBoard(way: Way, mistake?: Mistake): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((_, response) => response.end("there"));
  const sockets = new WebSocketServer({ server, path: "/ws", handleProtocols: ([first]) => first ?? false });
  const ears: Ear[] = [];
  /** Room → moves so far. */
  const moves = new Map<string, number>();
  const late = new Map<string, NodeJS.Timeout>();
  let messageCount = 0;
  const tell = ({ socket, id, destination }: Ear, state: string): void => {
    const headers = { subscription: id, destination, "message-id": String((messageCount += 1)) };
    socket.send(encodeFrame("MESSAGE", headers, state));
  };
  const isClocked = way === "by one clock" || way === "by a slow clock";
  let clock = 0;
  const stateOf = (room: string): object => {
    if (isClocked) return { moved: true, clock };
    return way === "the same everywhere" ? { moved: true } : { room, moves: moves.get(room) };
  };
  const broadcast = (room: string): void => {
    const state = JSON.stringify(stateOf(room));
    const all = ears.filter(({ destination }) => destination === `/topic/${room}` || mistake === "leaks");
    const last = all.length > 1 ? all.at(-1) : undefined;
    for (const ear of all) {
      if (mistake === "forgets the last" && ear === last) continue;
      tell(ear, state);
      if (mistake === "doubles for the last" && ear === last) tell(ear, state);
    }
  };
  const move = (room: string): void => {
    moves.set(room, (moves.get(room) ?? 0) + 1);
    if (way !== "several in one") broadcast(room);
    else if (!late.has(room))
      late.set(
        room,
        setTimeout(() => {
          late.delete(room);
          broadcast(room);
        }, coalescedMs),
      );
  };
  const ticks = setInterval(
    () => {
      clock += 1;
      if (way === "over and over" || isClocked) for (const room of moves.keys()) broadcast(room);
    },
    way === "by a slow clock" ? slowTickMs : tickMs,
  );
  const act = (socket: WebSocket, frame: StompFrame): void => {
    const destination = headerOf(frame, "destination") ?? "";
    if (frame.command === "CONNECT") socket.send(encodeFrame("CONNECTED", { version: "1.2", "heart-beat": "0,0" }));
    else if (frame.command === "SUBSCRIBE") ears.push({ socket, id: headerOf(frame, "id")!, destination });
    else if (frame.command === "SEND") move(destination.slice("/app/".length));
    else if (frame.command === "DISCONNECT") socket.close(1000);
  };
  sockets.on("connection", (socket) => {
    const parser = new StompParser("1.2");
    socket.on("message", (data: Buffer) => {
      for (const item of parser.push(data.toString("utf8"))) if (item !== "heart-beat") act(socket, item);
    });
    socket.on("close", () => {
      for (const ear of ears.filter((one) => one.socket === socket)) ears.splice(ears.indexOf(ear), 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      clearInterval(ticks);
      for (const timer of late.values()) clearTimeout(timer);
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let opened = 0;

const board = defineSystem({
  name: "board",
  accounts: { guest: async () => ({}) },
  rooms: { access: "anyone", open: () => Promise.resolve({ id: `room-${(opened += 1)}` }) },
  stomp: { url: "/ws", destinations: ({ id }) => [`/topic/${id}`] },
  actions: {
    move: {
      act: (_, { id }, stomp) => stomp.send(`/app/${id}`, {}),
      isEffect: (message) => message.moves !== undefined || message.moved === true,
      repeatable: true,
    },
  },
});

const boardInJson = defineSystem(
  definitionOf(
    jsonSystem.parse({
      name: "board",
      accounts: { guest: "by-name" },
      rooms: { access: "anyone", open: "by-name" },
      stomp: { url: "/ws", destinations: ["/topic/{room}"] },
      actions: { move: { act: [{ destination: "/app/{room}" }], isEffect: "/moves", repeatable: true } },
    }),
  ),
);

async function verdictsOf(way: Way, mistake?: Mistake, system = board) {
  await using server = await startBoard(way, mistake);
  const only = Object.keys(actions) as ClauseId[];
  const capabilities = new Set<never>();
  const target = { name: "board", system, instances: [server.url] as [string], capabilities, throwAway: false };
  return (await runContract({ target, only })).verdicts;
}

const told = (verdicts: Awaited<ReturnType<typeof verdictsOf>>): string[] =>
  verdicts.filter(({ kind }) => kind !== "pass").map(({ id, kind, because }) => `${kind} ${id}: ${because}`);

describe.concurrent("the clauses about actions", () => {
  test.each(ways)("hold on a server that tells moves %s", async (way) =>
    expect(told(await verdictsOf(way))).toEqual([]),
  );

  test.each([
    ["forgets the last", "at once", "actions.reach-every-subscriber", /of 2 subscribers 1 heard nothing of move/],
    [
      "forgets the last",
      "several in one",
      "actions.reach-every-subscriber",
      /of 2 subscribers 1 heard nothing of move/,
    ],
    ["doubles for the last", "at once", "actions.effects-come-once", /more often than the other/],
    ["doubles for the last", "the same everywhere", "actions.effects-come-once", /more often than the other/],
    ["leaks", "at once", "actions.other-rooms-are-silent", /heard in another room/],
    ["leaks", "several in one", "actions.other-rooms-are-silent", /heard in another room/],
    ["leaks", "the same everywhere", "actions.other-rooms-are-silent", /heard in another room/],
  ] as const)("find a server that %s and tells moves %s by %s", async (mistake, way, id, because) => {
    const verdicts = await verdictsOf(way, mistake);
    const fails = verdicts.filter(({ kind }) => kind === "fail");
    expect(fails.map((verdict) => verdict.id)).toEqual([id]);
    expect(fails[0]!.because).toMatch(because);
  });

  test.each([
    ["makes no mistake", "at once"],
    ["makes no mistake", "over and over"],
    ["forgets the last", "at once"],
    ["doubles for the last", "at once"],
    ["leaks", "at once"],
  ] as const)("say the same by a definition in JSON of a server that %s and tells moves %s", async (what, way) => {
    const mistake = what === "makes no mistake" ? undefined : what;
    const kinds = (verdicts: Awaited<ReturnType<typeof verdictsOf>>): string[] =>
      verdicts.map(({ id, kind }) => `${kind} ${id}`);
    const [typed, json] = await Promise.all([board, boardInJson].map((system) => verdictsOf(way, mistake, system)));
    expect(json).toHaveLength(3);
    expect(kinds(json!)).toEqual(kinds(typed!));
  });

  test("where effects are told apart, none comes twice to all", async () => {
    const { move } = board.actions!;
    const identityOf = (message: { moves?: number }): string => String(message.moves);
    const system = defineSystem({ ...board, actions: { move: { ...move!, identityOf } } });
    expect(told(await verdictsOf("at once", undefined, system))).toEqual([]);
    const [fail, ...others] = told(await verdictsOf("over and over", undefined, system));
    expect(others).toEqual([]);
    expect(fail).toMatch(/^fail actions\.effects-come-once: the effect \d+ came \d+ times to one subscription$/);
  });
});
