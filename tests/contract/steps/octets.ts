// What clauses about the octets of a WebSocket rest on: a socket of the system, open, on which a message could be sent.

import { encodeFrame } from "../../../drivers/codecs/stomp.ts";
import { TargetError } from "../../../drivers/errors.ts";
import { RawWebSocket } from "../../../drivers/raw-websocket.ts";
import {
  asksToWait,
  askToUpgrade,
  FrameSocket,
  opcodes,
  type Handshake,
  type HandshakeOptions,
} from "../../../drivers/websocket-frames.ts";
import { browserHeaders, stompSubprotocols } from "../../../drivers/websocket.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { Inconclusive } from "../../../runner/proof.ts";
import { awaitHearing, Seat, takeSeat } from "../../../runner/raw-rooms.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { step, type Step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";

/** Where a system has a WebSocket, and who opens it. */
export interface Door {
  url: string;
  headers: Record<string, string>;
  account: Account;
  /** Of a raw room; undefined: STOMP. */
  channel: Channel | undefined;
}

/** Of two people; in a raw room both are in the same. */
export async function doorsOf(world: World): Promise<[Door, Door]> {
  const [alice, bob] = await world.accounts(2);
  if (world.system.features.has("stomp")) return [stompDoor(world, alice), stompDoor(world, bob)];
  const channel = await world.privateChannel(alice, bob);
  return [rawDoor(world, alice, channel), rawDoor(world, bob, channel)];
}

function stompDoor(world: World, account: Account): Door {
  const url = world.webSocketUrl();
  const own = { ...world.handshakeHeaders(account), "Sec-WebSocket-Protocol": stompSubprotocols.join(", ") };
  return { url, headers: headersOf(world, url, own), account, channel: undefined };
}

function rawDoor(world: World, account: Account, channel: Channel): Door {
  const url = world.speaker.rawUrl(world.instance(), account, channel.room);
  return { url, headers: headersOf(world, url, {}), account, channel };
}

export const connecting = ({ channel }: Door): Step => (channel === undefined ? "connect" : "connect to a raw room");

const headersOf = ({ network }: World, url: string, headers: Record<string, string>): Record<string, string> =>
  browserHeaders({ network, headers }, { method: "GET", url, handshake: true });

const optionsOf = (world: World, { headers }: Door): HandshakeOptions & { headers: Record<string, string> } => ({
  network: world.network,
  openTimeoutMs: Math.max(5_000, world.deadlineMs),
  headers,
});

/** The answer to a handshake that differs from a right one in this. */
export async function answerTo(
  world: World,
  door: Door,
  { method, headers }: Pick<HandshakeOptions, "method" | "headers">,
): Promise<Handshake> {
  const options = optionsOf(world, door);
  const answer = await askToUpgrade(door.url, {
    ...options,
    ...(method === undefined ? {} : { method }),
    headers: { ...options.headers, ...headers },
  });
  const asked = { ...(method === undefined ? {} : { method }), ...headers };
  const changes = JSON.stringify(asked, (_, value: unknown) => value ?? null);
  const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join(", ");
  world.transcript.note("handshake", "received", `${changes}: ${answer.status ?? "hung up"} ${head}`);
  return answer;
}

/** An answer that is about a limit of the target's, or about its not being ready, is about nothing else. */
export function sayIfLimited(status: number | undefined): void {
  if (asksToWait(status)) throw new Inconclusive(`a handshake is answered ${status}, and again after the wait`);
}

/** Open, and nothing was sent on it. */
export function openFrames(world: World, door: Door): Promise<FrameSocket> {
  return step(connecting(door), async () => {
    const { transcript } = world;
    try {
      const options = { ...optionsOf(world, door), transcript, label: door.account.label };
      return world.track(await FrameSocket.open(door.url, options));
    } catch (error) {
      if (error instanceof TargetError) sayIfLimited(error.status);
      throw error;
    }
  });
}

/** A ping, and its pong. */
export async function ping(world: World, socket: FrameSocket, payload: string): Promise<void> {
  const count = pongsIn(socket, payload) + 1;
  await step("answer a ping", async () => {
    socket.send({ opcode: "ping", payload });
    await socket.inbox.awaitCount(
      `the pong for ${JSON.stringify(payload.slice(0, 20))}`,
      (frame) => frame.opcode === opcodes.pong && frame.payload.toString() === payload,
      count,
      world.deadlineMs,
    );
  });
}

const pongsIn = ({ inbox }: FrameSocket, payload: string): number =>
  inbox.items.filter((frame) => frame.opcode === opcodes.pong && frame.payload.toString() === payload).length;

/** A message that somebody may begin with, and that holds this. */
export function firstMessage(world: World, { account, channel }: Door, text: string): string {
  if (channel !== undefined) return world.speaker.rawSay(account, channel.room, text);
  const credential = world.speaker.connectHeaders(account);
  const headers = { "accept-version": "1.0,1.1,1.2", "heart-beat": "0,0", ...credential, "x-rollcall": text };
  return encodeFrame("CONNECT", headers);
}

/** The seat of somebody on a socket whose frames are ours, and of somebody else who is known to hear it. */
export async function seatOn(world: World, socket: FrameSocket, account: Account, channel: Channel) {
  const raw = world.track(new RawWebSocket(socket.asTransport(), world.transcript, account.label));
  const join = world.speaker.rawJoin(account, channel.room);
  if (join !== undefined) raw.send(join);
  const speaker = new Seat(world, raw, account, channel);
  const listener = await takeSeat(world, account, channel);
  await awaitHearing(world, speaker, listener);
  return { speaker, listener };
}
